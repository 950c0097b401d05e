import { type JSX, Show } from "solid-js";
import type { Model, ModelVersion } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Modal } from "~/components/Modal/Modal";
import { toast } from "~/components/toast/toast";
import { createAct } from "../parts/act";
import { deleteVersion, refreshModels } from "../queries";

export interface DeleteVersionProps {
  model: Model;
  version: ModelVersion;
  open: boolean;
  onClose: () => void;
  onDeleted?: () => void;
}

/** Ask before a version goes; where an endpoint serves it, the server says so and it stays. */
export function DeleteVersion(props: DeleteVersionProps): JSX.Element {
  const act = createAct();
  const close = (): void => {
    act.reset();
    props.onClose();
  };
  const name = (): string => `v${props.version.version} of ${props.model.name}`;
  const remove = (): void => {
    const gone = name();
    void act.run(async () => {
      await deleteVersion(props.model.id, props.version.version);
      toast(`${gone} is deleted.`, { kind: "success" });
      const { onDeleted } = props;
      props.onClose();
      // Away from its page before it is known to be gone there.
      onDeleted?.();
      await refreshModels();
    });
  };
  return (
    <Modal
      open={props.open}
      onClose={close}
      title={`Delete ${name()}?`}
      actions={
        <>
          <Button onClick={close}>Keep it</Button>
          <Button variant="danger" busy={act.isBusy()} onClick={remove}>
            Delete it for good
          </Button>
        </>
      }
    >
      <p>
        Its file goes with it, its aliases too, and the number {props.version.version} is never used
        again.
      </p>
      <Show when={act.problem()}>{(problem) => <ErrorNotice error={problem()} />}</Show>
    </Modal>
  );
}
