import {
  createContext,
  createUniqueId,
  type JSX,
  onMount,
  Show,
  splitProps,
  useContext,
} from "solid-js";
import styles from "./Field.module.css";

interface FieldIds {
  control: string;
  hint: string;
  error: string;
  hasHint: () => boolean;
  hasError: () => boolean;
}

const FieldContext = createContext<FieldIds>();

export interface FieldProps {
  label: string;
  error?: string | undefined;
  hint?: JSX.Element;
  /** The label is read out but not shown. */
  hideLabel?: boolean;
  children: JSX.Element;
}

/** A labelled control: put one TextInput, Select or TextArea inside. */
export function Field(props: FieldProps): JSX.Element {
  const control = createUniqueId();
  const ids: FieldIds = {
    control,
    hint: `${control}-hint`,
    error: `${control}-error`,
    hasHint: () => Boolean(props.hint),
    hasError: () => Boolean(props.error),
  };
  return (
    <FieldContext.Provider value={ids}>
      <div class={styles.field}>
        <label class={props.hideLabel ? "visually-hidden" : styles.label} for={control}>
          {props.label}
        </label>
        {props.children}
        <Show when={props.hint}>
          <div class={styles.hint} id={ids.hint}>
            {props.hint}
          </div>
        </Show>
        <Show when={props.error}>
          <div class={styles.error} id={ids.error} role="alert">
            {props.error}
          </div>
        </Show>
      </div>
    </FieldContext.Provider>
  );
}

/** What ties a control to its field's label, hint and error. */
function useFieldProps(): {
  id?: string;
  readonly "aria-describedby"?: string;
  readonly "aria-invalid"?: boolean;
} {
  const ids = useContext(FieldContext);
  if (!ids) return {};
  return {
    id: ids.control,
    get "aria-describedby"() {
      const parts = [ids.hasHint() && ids.hint, ids.hasError() && ids.error].filter(Boolean);
      return parts.length > 0 ? parts.join(" ") : undefined;
    },
    get "aria-invalid"() {
      return ids.hasError() || undefined;
    },
  };
}

/** One with `autofocus` gets the focus when it appears, on a page that is open already as well. */
export function TextInput(props: JSX.InputHTMLAttributes<HTMLInputElement>): JSX.Element {
  const [own, rest] = splitProps(props, ["class"]);
  let input: HTMLInputElement | undefined;
  onMount(() => {
    if (props.autofocus) setTimeout(() => input?.focus());
  });
  return (
    <input
      ref={(element) => {
        input = element;
      }}
      type="text"
      {...useFieldProps()}
      {...rest}
      class={`${styles.control} ${own.class ?? ""}`}
    />
  );
}

export function TextArea(props: JSX.TextareaHTMLAttributes<HTMLTextAreaElement>): JSX.Element {
  const [own, rest] = splitProps(props, ["class"]);
  return (
    <textarea
      rows="4"
      {...useFieldProps()}
      {...rest}
      class={`${styles.control} ${styles.area} ${own.class ?? ""}`}
    />
  );
}

export function Select(props: JSX.SelectHTMLAttributes<HTMLSelectElement>): JSX.Element {
  const [own, rest] = splitProps(props, ["class", "children"]);
  return (
    <select
      {...useFieldProps()}
      {...rest}
      class={`${styles.control} ${styles.select} ${own.class ?? ""}`}
    >
      {own.children}
    </select>
  );
}
