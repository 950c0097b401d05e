import { createEffect, createSignal, For, type JSX, on, Show } from "solid-js";
import { apiUrl } from "~/api/base";
import type { Endpoint, Prediction } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { Card } from "~/components/Card/Card";
import { CodeBlock } from "~/components/CopyField/CopyField";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Field, TextArea } from "~/components/Field/Field";
import { latencyText } from "../figures";
import { predict } from "../queries";
import { Drawing } from "./Drawing";
import styles from "./page.module.css";
import { barsOf, exampleInputs, inputsOf, pictureOf, snippets } from "./signature";

/** Ask the endpoint: draw or write the inputs, see the outputs and how long it took. */
export function TryIt(props: { endpoint: Endpoint }): JSX.Element {
  const [text, setText] = createSignal("");
  const [answer, setAnswer] = createSignal<Prediction | null>(null);
  const [error, setError] = createSignal<unknown>(null);
  const [busy, setBusy] = createSignal(false);
  const picture = () => pictureOf(props.endpoint.signature);
  createEffect(
    on(
      () => props.endpoint.id,
      () => {
        setText(pretty(exampleInputs(props.endpoint.signature)));
        setAnswer(null);
        setError(null);
      },
    ),
  );
  const ask = async (): Promise<void> => {
    setBusy(true);
    setError(null);
    try {
      setAnswer(await predict(props.endpoint.name, parse(text())));
    } catch (caught) {
      setAnswer(null);
      setError(caught);
    } finally {
      setBusy(false);
    }
  };
  return (
    <Card title="Try it">
      <div class={styles.tryIt}>
        <Show when={picture()}>
          {(found) => (
            <Drawing
              picture={found()}
              onDraw={(pixels) => setText(pretty(inputsOf(found(), pixels)))}
            />
          )}
        </Show>
        <form
          class={styles.asking}
          onSubmit={(event) => {
            event.preventDefault();
            void ask();
          }}
        >
          <Field label="Inputs" hint="JSON: one list for each row.">
            <TextArea
              class={styles.json}
              rows="8"
              spellcheck={false}
              value={text()}
              onInput={(event) => setText(event.currentTarget.value)}
            />
          </Field>
          <Button variant="primary" type="submit" busy={busy()}>
            Predict
          </Button>
        </form>
        <div class={styles.answer} aria-live="polite">
          <Show when={error()}>{(caught) => <ErrorNotice error={caught()} />}</Show>
          <Show when={answer()}>{(found) => <Answer prediction={found()} />}</Show>
        </div>
      </div>
      <Snippets endpoint={props.endpoint} />
    </Card>
  );
}

function Answer(props: { prediction: Prediction }): JSX.Element {
  const bars = () => barsOf(props.prediction.outputs);
  const best = () => Math.max(...(bars()?.bars.map((bar) => bar.share) ?? [0]));
  return (
    <>
      <p class={styles.meta}>
        {props.prediction.model_version} answered in{" "}
        <strong>{latencyText(props.prediction.latency_ms)}</strong>
      </p>
      <Show when={bars()}>
        {(found) => (
          <ul class={styles.bars} aria-label={found().name}>
            <For each={found().bars}>
              {(bar) => (
                <li class={bar.share === best() ? styles.best : undefined}>
                  <span>{bar.label}</span>
                  <meter min="0" max="1" value={bar.share} aria-label={`Class ${bar.label}`} />
                  <span class="figures">{(bar.share * 100).toFixed(1)} %</span>
                </li>
              )}
            </For>
          </ul>
        )}
      </Show>
      <CodeBlock text={pretty(props.prediction.outputs)} language="json" label="Outputs" />
    </>
  );
}

function Snippets(props: { endpoint: Endpoint }): JSX.Element {
  const found = () => snippets(props.endpoint, apiUrl("").replace(/\/$/, ""));
  return (
    <details class={styles.snippets}>
      <summary>From a shell or from Python</summary>
      <CodeBlock text={found().curl} language="shell" label="curl command" />
      <CodeBlock text={found().python} language="python" label="Python code" />
      <p class={styles.meta}>
        An API token with the scope <code>predict</code> comes from Settings, Profile.
      </p>
    </details>
  );
}

/** JSON with numbers in lines of their row, not each in a line of its own. */
function pretty(value: unknown): string {
  return JSON.stringify(value, null, 1).replaceAll(
    /\[\s+([^[\]{}]*?)\s+\]/g,
    (_, inside: string) => `[${inside.replaceAll(/\s*\n\s*/g, " ")}]`,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`This is no JSON yet: ${error instanceof Error ? error.message : error}`, {
      cause: error,
    });
  }
}
