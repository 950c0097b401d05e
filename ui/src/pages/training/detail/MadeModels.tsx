import { A } from "@solidjs/router";
import { For, type JSX, Show } from "solid-js";
import type { RunModel } from "~/api/types";
import { valueText } from "~/charts/format";
import { Bytes } from "~/components/Bytes/Bytes";
import { Card } from "~/components/Card/Card";
import styles from "./page.module.css";
import { useMadeModels } from "./queries";

/** The model versions that a run made: from the curves to what can be served. */
export function MadeModels(props: { runId: string }): JSX.Element {
  const made = useMadeModels(() => props.runId);
  return (
    <Show when={made.data?.length}>
      <Card title="Models">
        <ul class={styles.models}>
          <For each={made.data}>{(one) => <Made made={one} />}</For>
        </ul>
      </Card>
    </Show>
  );
}

function Made(props: { made: RunModel }): JSX.Element {
  const metrics = (): string =>
    Object.entries(props.made.version.metrics)
      .slice(0, 3)
      .map(([name, value]) => `${name} ${valueText(value)}`)
      .join(", ");
  return (
    <li>
      <A href={`/models/${props.made.version.model_id}?version=${props.made.version.version}`}>
        {props.made.model_name} v{props.made.version.version}
      </A>
      <span class={styles.made}>
        {props.made.version.format}, <Bytes value={props.made.version.file_size} />
        <Show when={metrics()}>, {metrics()}</Show>
      </span>
    </li>
  );
}
