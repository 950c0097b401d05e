import { createEffect, createSignal, type JSX } from "solid-js";
import type { Run } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { messageOf } from "~/components/ErrorNotice/ErrorNotice";
import { Field, TextArea, TextInput } from "~/components/Field/Field";
import { Modal } from "~/components/Modal/Modal";
import styles from "./page.module.css";
import { changeRun } from "./queries";

/** Change what people wrote about a run. */
export function EditRun(props: { run: Run; open: boolean; onClose: () => void }): JSX.Element {
  const [name, setName] = createSignal("");
  const [tags, setTags] = createSignal("");
  const [notes, setNotes] = createSignal("");
  const [error, setError] = createSignal("");
  const [isBusy, setBusy] = createSignal(false);
  createEffect(() => {
    if (!props.open) return;
    setName(props.run.name);
    setTags(props.run.tags.join(", "));
    setNotes(props.run.notes);
    setError("");
  });
  const save = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    try {
      await changeRun(props.run.id, {
        name: name().trim(),
        tags: tags()
          .split(",")
          .map((tag) => tag.trim())
          .filter(Boolean),
        notes: notes(),
      });
      props.onClose();
    } catch (thrown) {
      setError(messageOf(thrown));
    } finally {
      setBusy(false);
    }
  };
  return (
    <Modal open={props.open} onClose={props.onClose} title="Edit the run">
      <form class={styles.form} onSubmit={(event) => void save(event)}>
        <Field label="Name" error={error() || undefined}>
          <TextInput
            value={name()}
            required
            maxLength={256}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </Field>
        <Field label="Tags" hint="Separated by commas">
          <TextInput value={tags()} onInput={(event) => setTags(event.currentTarget.value)} />
        </Field>
        <Field label="Notes">
          <TextArea
            rows="6"
            value={notes()}
            onInput={(event) => setNotes(event.currentTarget.value)}
          />
        </Field>
        <div class={styles.formActions}>
          <Button onClick={props.onClose}>Cancel</Button>
          <Button type="submit" variant="primary" busy={isBusy()}>
            Save
          </Button>
        </div>
      </form>
    </Modal>
  );
}
