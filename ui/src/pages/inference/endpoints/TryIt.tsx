import { createEffect, createMemo, createSignal, For, type JSX, on, Show } from "solid-js";
import { apiUrl } from "~/api/base";
import { exampleInputs, snippets } from "~/api/predicting";
import type { Endpoint, Prediction, Signature } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { Card } from "~/components/Card/Card";
import { CodeBlock } from "~/components/CopyField/CopyField";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Field, TextArea } from "~/components/Field/Field";
import { Tabs } from "~/components/Tabs/Tabs";
import { latencyText } from "../figures";
import { predict } from "../queries";
import { Drawing } from "./Drawing";
import { formOf } from "./input-form";
import { InputForm } from "./InputForm";
import styles from "./page.module.css";
import { barsOf, inputsOf, pictureOf } from "./signature";

/** Ask the endpoint: draw or write the inputs, see the outputs and how long it took. */
export function TryIt(props: { endpoint: Endpoint }): JSX.Element {
  const [text, setText] = createSignal("");
  const [answer, setAnswer] = createSignal<Prediction | null>(null);
  const [error, setError] = createSignal<unknown>(null);
  const [busy, setBusy] = createSignal(false);
  const picture = () => pictureOf(props.endpoint.signature);
  // Its figures change every second: what was typed and answered stays with what is asked.
  const asked = createMemo(() =>
    JSON.stringify([props.endpoint.id, props.endpoint.signature.inputs]),
  );
  createEffect(
    on(asked, () => {
      setText(pretty(exampleInputs(props.endpoint.signature)));
      setAnswer(null);
      setError(null);
    }),
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
          <Inputs signature={props.endpoint.signature} text={text()} onText={setText} />
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

/** The inputs of one row as a form, or of any number of rows as JSON. */
function Inputs(props: {
  signature: Signature;
  text: string;
  onText: (text: string) => void;
}): JSX.Element {
  const [view, setView] = createSignal<"form" | "json">("form");
  // Drawn inputs are too many to fill in, and their JSON shows what was drawn.
  const form = () => (pictureOf(props.signature) ? null : formOf(props.signature));
  const parsed = createMemo((): unknown => {
    try {
      return parse(props.text);
    } catch {
      return exampleInputs(props.signature);
    }
  });
  const json = (): JSX.Element => (
    <Field label="Inputs" hint="JSON: one list for each row.">
      <TextArea
        class={styles.json}
        rows="8"
        spellcheck={false}
        value={props.text}
        onInput={(event) => props.onText(event.currentTarget.value)}
      />
    </Field>
  );
  return (
    <Show when={form()} fallback={json()}>
      {(fields) => (
        <Tabs
          label="How to give the inputs"
          value={view()}
          onChange={setView}
          items={[
            { value: "form", label: "Form" },
            { value: "json", label: "JSON" },
          ]}
        >
          <Show when={view() === "form"} fallback={json()}>
            <InputForm
              fields={fields()}
              inputs={parsed()}
              onInput={(inputs) => props.onText(pretty(inputs))}
            />
          </Show>
        </Tabs>
      )}
    </Show>
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
