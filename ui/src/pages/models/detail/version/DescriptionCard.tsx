import { createSignal, type JSX, Show } from "solid-js";
import { Button } from "~/components/Button/Button";
import { Card } from "~/components/Card/Card";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Field, TextArea } from "~/components/Field/Field";
import { createAct } from "../../parts/act";
import { mayWrite } from "../../parts/rights";
import { changeVersion } from "../../version-queries";
import styles from "../page.module.css";
import type { VersionProps } from "./VersionView";

/** What changed in this version, in its maker's words. */
export function DescriptionCard(props: VersionProps): JSX.Element {
  const [draft, setDraft] = createSignal<string | null>(null);
  const act = createAct();
  const save = (): void =>
    void act.run(
      () =>
        changeVersion(props.model.id, props.version.version, {
          description: draft()?.trim() ?? "",
        }),
      () => setDraft(null),
    );
  return (
    <Card
      title="What changed"
      actions={
        <Show when={mayWrite(props.model.user_id) && draft() === null}>
          <Button size="small" variant="ghost" onClick={() => setDraft(props.version.description)}>
            {props.version.description ? "Edit" : "Write it down"}
          </Button>
        </Show>
      }
    >
      <Show
        when={draft() !== null}
        fallback={
          <p class={styles.description}>{props.version.description || "Nothing is noted."}</p>
        }
      >
        <Field label="What changed in this version" hideLabel>
          <TextArea
            maxlength="65536"
            value={draft() ?? ""}
            onInput={(event) => setDraft(event.currentTarget.value)}
          />
        </Field>
        <Show when={act.problem()}>{(problem) => <ErrorNotice error={problem()} />}</Show>
        <div class={styles.buttons}>
          <Button onClick={() => setDraft(null)}>Cancel</Button>
          <Button variant="primary" busy={act.isBusy()} onClick={save}>
            Save
          </Button>
        </div>
      </Show>
    </Card>
  );
}
