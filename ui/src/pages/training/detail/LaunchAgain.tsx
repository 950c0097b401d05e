import { useNavigate } from "@solidjs/router";
import Play from "lucide-solid/icons/play";
import RotateCcw from "lucide-solid/icons/rotate-ccw";
import { createSignal, type JSX, Show } from "solid-js";
import type { Run } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { messageOf } from "~/components/ErrorNotice/ErrorNotice";
import { toast } from "~/components/toast/toast";
import { relaunchRun } from "./queries";

/** For a run that the server has trained: go on with it, or begin another like it. */
export function LaunchAgain(props: { run: Run }): JSX.Element {
  const navigate = useNavigate();
  const [isBusy, setBusy] = createSignal(false);
  const goOn = async (): Promise<void> => {
    setBusy(true);
    try {
      await relaunchRun(props.run.id);
    } catch (error) {
      toast(messageOf(error), { kind: "error" });
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <Show when={props.run.status !== "completed"}>
        <Button
          icon={<RotateCcw size={15} />}
          busy={isBusy()}
          title="Start the training again as this run's next attempt, from its last checkpoint"
          onClick={() => void goOn()}
        >
          Resume
        </Button>
      </Show>
      <Button
        icon={<Play size={15} />}
        title="Another run with these parameters, or with some of them changed"
        onClick={() => navigate(`/training/new?from=${props.run.id}`)}
      >
        Run again
      </Button>
    </>
  );
}
