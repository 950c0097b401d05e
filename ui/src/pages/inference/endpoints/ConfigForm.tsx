import { createEffect, createMemo, createSignal, For, type JSX, on } from "solid-js";
import type { Endpoint } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { Field, Select, TextInput } from "~/components/Field/Field";
import { changeEndpoint } from "../queries";
import { type ConfigField, FIELDS, problemOf, withTexts } from "./config-form";
import styles from "./page.module.css";

type Texts = Partial<Record<ConfigField["key"], string>>;

/** How the endpoint batches and what its replicas may use; a change swaps without a gap. */
export function ConfigForm(props: {
  endpoint: Endpoint;
  busy: string;
  act: (name: string, work: () => Promise<unknown>) => Promise<void>;
}): JSX.Element {
  const [texts, setTexts] = createSignal<Texts>({});
  const [device, setDevice] = createSignal<"cpu" | "cuda" | null>(null);
  const config = () => props.endpoint.config ?? {};
  // What was typed stays over new figures, and goes with a change of the endpoint or its values.
  const shown = createMemo(() => JSON.stringify([props.endpoint.id, config()]));
  createEffect(
    on(shown, () => {
      setTexts({});
      setDevice(null);
    }),
  );
  const textOf = (field: ConfigField): string =>
    texts()[field.key] ?? String(config()[field.key] ?? "");
  const wrong = () => FIELDS.some((field) => problemOf(field, textOf(field)) !== null);
  const wanted = () => ({ ...withTexts(config(), texts()), device: device() ?? current() });
  const current = () => config().device ?? "cpu";
  const isSame = () =>
    wanted().device === current() &&
    FIELDS.every((field) => textOf(field) === String(config()[field.key] ?? ""));
  return (
    <details class={styles.snippets}>
      <summary>Configuration</summary>
      <form
        class={styles.config}
        onSubmit={(event) => {
          event.preventDefault();
          if (wrong()) return;
          void props.act("config", () => changeEndpoint(props.endpoint.id, { config: wanted() }));
        }}
      >
        <For each={FIELDS}>
          {(field) => (
            <Field
              label={field.label}
              hint={field.hint}
              error={problemOf(field, textOf(field)) ?? undefined}
            >
              <TextInput
                inputmode="decimal"
                value={textOf(field)}
                onInput={(event) =>
                  setTexts({ ...texts(), [field.key]: event.currentTarget.value })
                }
              />
            </Field>
          )}
        </For>
        <Field label="Device" hint="A GPU needs onnxruntime-gpu on the server.">
          <Select onChange={(event) => setDevice(event.currentTarget.value as "cpu" | "cuda")}>
            <For each={["cpu", "cuda"] as const}>
              {(one) => (
                <option value={one} selected={one === wanted().device}>
                  {one}
                </option>
              )}
            </For>
          </Select>
        </Field>
        <div class={styles.configSave}>
          <Button type="submit" busy={props.busy === "config"} disabled={wrong() || isSame()}>
            Save
          </Button>
        </div>
      </form>
    </details>
  );
}
