import { createEffect, createMemo, createSignal, For, type JSX, on, Show } from "solid-js";
import { apiUrl } from "~/api/base";
import { exampleInputs, snippets } from "~/api/predicting";
import type { Compared, Endpoint, Prediction, Signature } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { Card } from "~/components/Card/Card";
import { CodeBlock } from "~/components/CopyField/CopyField";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Field, Select, TextArea } from "~/components/Field/Field";
import { Tabs } from "~/components/Tabs/Tabs";
import { latencyText } from "../figures";
import { compareAnswers, predict, useServableVersions } from "../queries";
import { verdict } from "../verdict";
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
  const [both, setBoth] = createSignal<Compared | null>(null);
  const [busy, setBusy] = createSignal("");
  const [other, setOther] = createSignal<number | null>(null);
  const versions = useServableVersions(() => props.endpoint.model_id);
  const others = createMemo(() =>
    (versions.data ?? [])
      .filter((version) => version.servable && version.version !== props.endpoint.version)
      .map((version) => version.version),
  );
  const compared = (): number | undefined =>
    others().find((version) => version === other()) ?? others()[0];
  const picture = () => pictureOf(props.endpoint.signature);
  // Its figures change every second: what was typed and answered stays with what is asked.
  const asked = createMemo(() =>
    JSON.stringify([props.endpoint.id, props.endpoint.signature.inputs]),
  );
  createEffect(
    on(asked, () => {
      setText(pretty(exampleInputs(props.endpoint.signature)));
      setAnswer(null);
      setBoth(null);
      setError(null);
    }),
  );
  const ask = async (how: "predict" | "compare"): Promise<void> => {
    setBusy(how);
    setError(null);
    try {
      const inputs = parse(text());
      const version = compared();
      if (how === "compare" && version !== undefined) {
        setBoth(await compareAnswers(props.endpoint.id, version, inputs));
        setAnswer(null);
      } else {
        setAnswer(await predict(props.endpoint.name, inputs));
        setBoth(null);
      }
    } catch (caught) {
      setAnswer(null);
      setBoth(null);
      setError(caught);
    } finally {
      setBusy("");
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
            void ask("predict");
          }}
        >
          <Inputs signature={props.endpoint.signature} text={text()} onText={setText} />
          <div class={styles.askingRow}>
            <Button variant="primary" type="submit" busy={busy() === "predict"}>
              Predict
            </Button>
            <Show when={others().length > 0}>
              <Select
                aria-label="Version to compare with"
                onChange={(event) => setOther(Number(event.currentTarget.value))}
              >
                <For each={others()}>
                  {(version) => (
                    <option value={version} selected={version === compared()}>
                      v{version}
                    </option>
                  )}
                </For>
              </Select>
              <Button busy={busy() === "compare"} onClick={() => void ask("compare")}>
                Compare with v{compared()}
              </Button>
            </Show>
          </div>
        </form>
        <div class={styles.answer} aria-live="polite">
          <Show when={error()}>{(caught) => <ErrorNotice error={caught()} />}</Show>
          <Show when={answer()}>{(found) => <Answer prediction={found()} />}</Show>
          <Show when={both()}>{(found) => <Answers compared={found()} />}</Show>
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

/** Two versions' answers to the same inputs, side by side. */
function Answers(props: { compared: Compared }): JSX.Element {
  return (
    <>
      <p class={styles.meta}>{verdict(props.compared.difference)}</p>
      <div class={styles.sideBySide}>
        <For each={[props.compared.main, props.compared.other]}>
          {(one) => (
            <div>
              <p class={styles.meta}>
                v{one.version} in <strong>{latencyText(one.latency_ms)}</strong>
              </p>
              <CodeBlock
                text={pretty(one.outputs)}
                language="json"
                label={`Outputs of v${one.version}`}
              />
            </div>
          )}
        </For>
      </div>
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
