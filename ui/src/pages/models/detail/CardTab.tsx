import { createSignal, type JSX, Show } from "solid-js";
import { settled } from "~/api/settled";
import type { Model, ModelVersion } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { Card } from "~/components/Card/Card";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { mayWrite } from "../parts/rights";
import { useCard } from "../queries";
import { CardEditor } from "./CardEditor";
import { LatestVersion } from "./LatestVersion";
import styles from "./page.module.css";
import { Rendered } from "./Rendered";
import { Snippets } from "./Snippets";

/** The model card, how to get the model, and how its newest version is. */
export function CardTab(props: { model: Model; versions: readonly ModelVersion[] }): JSX.Element {
  return (
    <div class={styles.columns}>
      <div class={styles.stack}>
        <ModelCard model={props.model} />
      </div>
      <div class={styles.stack}>
        <Show when={props.versions[0]}>
          {(newest) => <LatestVersion model={props.model} version={newest()} />}
        </Show>
        <Snippets model={props.model} version={props.versions[0]} />
      </div>
    </div>
  );
}

function ModelCard(props: { model: Model }): JSX.Element {
  const [edits, setEdits] = createSignal(false);
  const card = useCard(
    () => props.model.id,
    () => props.model.description,
  );
  return (
    <Card
      title="Model card"
      actions={
        <Show when={mayWrite(props.model.user_id) && !edits()}>
          <Button size="small" variant="ghost" onClick={() => setEdits(true)}>
            {props.model.description ? "Edit" : "Write one"}
          </Button>
        </Show>
      }
    >
      <Show
        when={!edits()}
        fallback={<CardEditor model={props.model} onClose={() => setEdits(false)} />}
      >
        <Show
          when={props.model.description}
          fallback={
            <p class={styles.soft}>What is it for, what was it trained on, where does it fail?</p>
          }
        >
          <Show when={card.isError}>
            <ErrorNotice error={card.error} onRetry={() => void card.refetch()} />
          </Show>
          <Show when={settled(card)} fallback={<Skeleton height="8rem" />}>
            {(found) => <Rendered html={found().html} />}
          </Show>
        </Show>
      </Show>
    </Card>
  );
}
