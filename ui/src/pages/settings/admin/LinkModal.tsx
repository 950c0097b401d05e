import type { JSX } from "solid-js";
import { Button } from "~/components/Button/Button";
import { CopyField } from "~/components/CopyField/CopyField";
import { Modal } from "~/components/Modal/Modal";

export interface OneTimeLink {
  title: string;
  text: string;
  /** What follows `#` in the address: browsers send that part to no server. */
  hash: string;
}

/** Shows a link that nobody can show again. */
export function LinkModal(props: { link: OneTimeLink | null; onClose: () => void }): JSX.Element {
  return (
    <Modal
      open={props.link !== null}
      onClose={props.onClose}
      title={props.link?.title ?? ""}
      actions={
        <Button variant="primary" onClick={props.onClose}>
          Done
        </Button>
      }
    >
      <p>Copy it now and send it yourself: it is not shown again. {props.link?.text}</p>
      <CopyField text={`${location.origin}/login#${props.link?.hash ?? ""}`} label="the link" />
    </Modal>
  );
}
