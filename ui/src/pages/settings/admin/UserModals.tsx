import { type JSX, Show } from "solid-js";
import type { UserDetail } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Modal } from "~/components/Modal/Modal";
import { toast } from "~/components/toast/toast";
import { useDeleteUser, useResetMfa } from "./queries";

interface AskProps {
  user: UserDetail | null;
  onClose: () => void;
}

/** Asks before an account goes: this cannot be undone. */
export function DeleteUserModal(props: AskProps): JSX.Element {
  const remove = useDeleteUser();
  return (
    <Ask
      {...props}
      title={`Delete the account of ${props.user?.name ?? ""}?`}
      button="Delete the account"
      done={`The account of ${props.user?.name ?? ""} is deleted.`}
      change={remove}
    >
      Its sessions and API tokens end now. What it made stays, for administrators; what the team
      could see, the team still sees. To lock somebody out for a while, disable the account instead.
    </Ask>
  );
}

/** Asks before the passkeys, app and recovery codes of somebody go. */
export function ResetMfaModal(props: AskProps): JSX.Element {
  const reset = useResetMfa();
  return (
    <Ask
      {...props}
      title={`Reset the second factors of ${props.user?.name ?? ""}?`}
      button="Reset"
      done={`${props.user?.name ?? ""} signs in by the password alone now.`}
      change={reset}
    >
      For who has lost passkeys, app and recovery codes. Make sure that it is really they who ask:
      this is how accounts are stolen.
    </Ask>
  );
}

function Ask(
  props: AskProps & {
    title: string;
    button: string;
    done: string;
    change: ReturnType<typeof useResetMfa>;
    children: JSX.Element;
  },
): JSX.Element {
  const commit = (): void => {
    if (!props.user) return;
    const done = props.done;
    props.change.mutate(props.user.id, {
      onSuccess: () => {
        toast(done, { kind: "success" });
        props.onClose();
      },
    });
  };
  return (
    <Modal
      open={props.user !== null}
      onClose={props.onClose}
      title={props.title}
      actions={
        <>
          <Button variant="ghost" onClick={props.onClose}>
            Cancel
          </Button>
          <Button variant="danger" busy={props.change.isPending} onClick={commit}>
            {props.button}
          </Button>
        </>
      }
    >
      <p>{props.children}</p>
      <Show when={props.change.error}>
        <ErrorNotice error={props.change.error} />
      </Show>
    </Modal>
  );
}
