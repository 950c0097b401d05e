import { useQuery } from "@tanstack/solid-query";
import { createSignal, type JSX, Show } from "solid-js";
import { settled } from "~/api/settled";
import type { Model } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Field, TextArea } from "~/components/Field/Field";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { Tabs } from "~/components/Tabs/Tabs";
import { createAct } from "../parts/act";
import { changeModel, previewCard } from "../queries";
import styles from "./page.module.css";
import { Rendered } from "./Rendered";

const TEMPLATE = `## What it is for

## What it was trained on

## Where it fails
`;

/** Write the model card in Markdown, and see it as others will. */
export function CardEditor(props: { model: Model; onClose: () => void }): JSX.Element {
  const [text, setText] = createSignal(props.model.description || TEMPLATE);
  const [view, setView] = createSignal<"write" | "preview">("write");
  const act = createAct();
  const preview = useQuery(() => ({
    queryKey: ["card-preview", props.model.id, text()],
    enabled: view() === "preview",
    queryFn: () => previewCard(props.model.id, text()),
  }));
  const save = (): void =>
    void act.run(() => changeModel(props.model.id, { description: text() }), props.onClose);
  return (
    <>
      <Tabs
        label="Write or see the card"
        value={view()}
        onChange={setView}
        items={[
          { value: "write", label: "Write" },
          { value: "preview", label: "Preview" },
        ]}
      >
        <Show
          when={view() === "preview"}
          fallback={
            <Field
              label="Model card"
              hideLabel
              hint="Markdown: headings, lists, tables, code, links."
            >
              <TextArea
                rows="16"
                maxlength="65536"
                value={text()}
                onInput={(event) => setText(event.currentTarget.value)}
              />
            </Field>
          }
        >
          <Show when={preview.isError}>
            <ErrorNotice error={preview.error} />
          </Show>
          <Show when={preview.isSuccess} fallback={<Skeleton height="12rem" />}>
            <Rendered html={settled(preview) ?? ""} />
          </Show>
        </Show>
      </Tabs>
      <Show when={act.problem()}>{(problem) => <ErrorNotice error={problem()} />}</Show>
      <div class={styles.buttons}>
        <Button onClick={props.onClose}>Cancel</Button>
        <Button variant="primary" busy={act.isBusy()} onClick={save}>
          Save the card
        </Button>
      </div>
    </>
  );
}
