import { createMemo, type JSX } from "solid-js";
import { FieldOptions } from "./FieldSelect";
import type { Field } from "./fields";
import styles from "./controls.module.css";
import type { CompareView } from "./view";

/** Which value runs are put together by: each group has one colour, and its mean in the charts. */
export function GroupBy(props: { fields: readonly Field[]; view: CompareView }): JSX.Element {
  const choices = createMemo(() =>
    props.fields.filter((one) => {
      const n = new Set(one.values).size;
      return /^(config|tags|run|launch):/.test(one.id) && n > 1 && n < one.values.length;
    }),
  );
  return (
    <label class={styles.control}>
      <span>Group by</span>
      <select
        class={styles.select}
        value={props.view.text("by")}
        onChange={(event) => props.view.set("by", event.currentTarget.value)}
      >
        <option value="">no group</option>
        <FieldOptions fields={choices()} chosen={props.view.text("by")} />
      </select>
    </label>
  );
}
