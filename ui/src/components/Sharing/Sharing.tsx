import Lock from "lucide-solid/icons/lock";
import Users from "lucide-solid/icons/users";
import { createSignal, type JSX, Show } from "solid-js";
import { useSession } from "~/session/session";
import { Button } from "../Button/Button";
import { messageOf } from "../ErrorNotice/ErrorNotice";
import { toast } from "../toast/toast";

export type Visibility = "private" | "team";

export interface SharingProps {
  /** What is shared: "run", "model", "endpoint". */
  noun: string;
  owner: string;
  visibility: Visibility;
  onChange: (visibility: Visibility) => Promise<unknown>;
}

/** Who can see an object; its owner and admins switch it, and can take that back. */
export function Sharing(props: SharingProps): JSX.Element {
  const session = useSession();
  const [isBusy, setBusy] = createSignal(false);
  const mayChange = (): boolean => {
    const user = session.user();
    return user?.role === "admin" || (user?.id === props.owner && user.role !== "viewer");
  };
  const set = async (visibility: Visibility, undo?: Visibility): Promise<void> => {
    setBusy(true);
    try {
      await props.onChange(visibility);
      const words =
        visibility === "team"
          ? `The team can see this ${props.noun} now.`
          : `Only you and administrators see this ${props.noun} now.`;
      toast(words, {
        kind: "success",
        ...(undo ? { action: { label: "Undo", run: () => void set(undo) } } : {}),
      });
    } catch (error) {
      toast(messageOf(error), { kind: "error" });
    } finally {
      setBusy(false);
    }
  };
  const words = (): string => (props.visibility === "team" ? "Team" : "Private");
  const icon = (): JSX.Element => (
    <Show when={props.visibility === "team"} fallback={<Lock size={14} />}>
      <Users size={14} />
    </Show>
  );
  return (
    <Show
      when={mayChange()}
      fallback={
        <span>
          {icon()} {words()}
        </span>
      }
    >
      <Button
        size="small"
        variant="ghost"
        icon={icon()}
        busy={isBusy()}
        title={
          props.visibility === "team"
            ? "The team sees it; press to make it private"
            : "You and administrators see it; press to share it with the team"
        }
        onClick={() => void set(props.visibility === "team" ? "private" : "team", props.visibility)}
      >
        {words()}
      </Button>
    </Show>
  );
}
