import { For, type JSX, Show } from "solid-js";
import { Card } from "~/components/Card/Card";
import { metricText } from "../../parts/metrics";
import { mayWrite } from "../../parts/rights";
import styles from "../page.module.css";
import { Snippets } from "../Snippets";
import { ApprovalCard } from "./ApprovalCard";
import { DescriptionCard } from "./DescriptionCard";
import { LineageCard } from "./LineageCard";
import { SignatureCard } from "./SignatureCard";
import type { VersionProps } from "./VersionView";

/** A version at a glance: lineage, figures, what it takes and gives. */
export function Overview(props: VersionProps): JSX.Element {
  const metrics = (): [string, number][] => Object.entries(props.version.metrics);
  return (
    <div class={styles.columns}>
      <div class={styles.stack}>
        <LineageCard {...props} />
        <Show when={metrics().length > 0}>
          <Card title="Metrics">
            <dl class={styles.figures}>
              <For each={metrics()}>
                {([name, value]) => (
                  <div>
                    <dt title={name}>{name}</dt>
                    <dd class="figures" title={String(value)}>
                      {metricText(value)}
                    </dd>
                  </div>
                )}
              </For>
            </dl>
          </Card>
        </Show>
        <Show when={props.version.signature}>
          {(signature) => <SignatureCard signature={signature()} />}
        </Show>
      </div>
      <div class={styles.stack}>
        <Show when={props.model.requires_approval || props.version.approval}>
          <ApprovalCard {...props} />
        </Show>
        <Show when={props.version.description || mayWrite(props.model.user_id)}>
          <DescriptionCard {...props} />
        </Show>
        <Snippets model={props.model} version={props.version} isPinned />
      </div>
    </div>
  );
}
