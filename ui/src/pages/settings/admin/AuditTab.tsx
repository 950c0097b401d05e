import { createSignal, For, type JSX, Show } from "solid-js";
import type { AuditEvent } from "~/api/types";
import { Card } from "~/components/Card/Card";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { Field, Select } from "~/components/Field/Field";
import { Table } from "~/components/Table/Table";
import { Time } from "~/components/Time/Time";
import { Listed } from "../Listed";
import { detailOf, KINDS, nameOf } from "../audit-words";
import { useAudit } from "./queries";
import styles from "./page.module.css";

/** What happened to accounts, the newest first. */
export function AuditTab(): JSX.Element {
  const [action, setAction] = createSignal("");
  const audit = useAudit(action);
  const shown = (): AuditEvent[] => audit.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Card flush>
      <div class={styles.filters}>
        <Field label="Show">
          <Select value={action()} onChange={(event) => setAction(event.currentTarget.value)}>
            <option value="">Everything</option>
            <For each={KINDS}>{(kind) => <option value={kind}>{nameOf(kind)}</option>}</For>
          </Select>
        </Field>
      </div>
      <Listed pages={audit}>
        <Show
          when={shown().length > 0}
          fallback={<EmptyState title="Nothing of this kind has happened" />}
        >
          <Table
            caption="Audit log"
            head={
              <>
                <th scope="col">When</th>
                <th scope="col">What</th>
                <th scope="col">Account</th>
                <th scope="col">From</th>
                <th scope="col">Details</th>
              </>
            }
          >
            <For each={shown()}>
              {(event) => (
                <tr>
                  <td>
                    <Time value={event.at} />
                  </td>
                  <th scope="row">{nameOf(event.action)}</th>
                  <td>{event.email ?? (event.user_id ? "deleted account" : "nobody known")}</td>
                  <td>
                    <code>{event.address}</code>
                  </td>
                  <td class={styles.detail}>{detailOf(event)}</td>
                </tr>
              )}
            </For>
          </Table>
        </Show>
      </Listed>
    </Card>
  );
}
