import { type JSX, Show } from "solid-js";
import type { Model, ModelVersion } from "~/api/types";
import { Card } from "~/components/Card/Card";
import { CodeBlock } from "~/components/CopyField/CopyField";
import styles from "./page.module.css";
import { pulling, refOf } from "./snippets";

/** What to type to get the model, or to keep its first version. */
export function Snippets(props: {
  model: Model;
  version: ModelVersion | undefined;
  /** About this very version, and not about what an alias points at. */
  isPinned?: boolean;
}): JSX.Element {
  const code = () =>
    pulling(
      props.model,
      props.version,
      props.isPinned ? String(props.version?.version) : refOf(props.model.aliases),
    );
  return (
    <Card title={props.version ? "Get it" : "Keep the first version"}>
      <div class={styles.stack}>
        <Show
          when={props.version}
          fallback={
            <>
              <CodeBlock
                text={`axon models push ${props.model.name} model.onnx`}
                language="shell"
                label="the command that uploads a version"
              />
              <CodeBlock
                text={`run.log_model("model.onnx", name="${props.model.name}")`}
                language="python"
                label="the Python line that logs a version"
              />
            </>
          }
        >
          <CodeBlock text={code().shell} language="shell" label="the command that downloads it" />
          <CodeBlock text={code().python} language="python" label="the Python code" />
        </Show>
      </div>
    </Card>
  );
}
