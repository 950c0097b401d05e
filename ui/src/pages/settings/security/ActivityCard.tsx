import { For, type JSX } from "solid-js";
import type { AuditEvent } from "~/api/types";
import { Card } from "~/components/Card/Card";
import { Table } from "~/components/Table/Table";
import { Time } from "~/components/Time/Time";
import { t } from "~/i18n/i18n";
import { detailOf, nameOf } from "../audit-words";
import { Listed } from "../Listed";
import { useActivity } from "./queries";
import styles from "./page.module.css";

/** What happened to this account lately: what I did not do, somebody else did. */
export function ActivityCard(): JSX.Element {
  const activity = useActivity();
  const shown = (): AuditEvent[] => activity.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <Card title={t("activity.title")} flush>
      <Listed pages={activity}>
        <Table
          caption={t("activity.title")}
          head={
            <>
              <th scope="col">{t("activity.what")}</th>
              <th scope="col">{t("activity.when")}</th>
              <th scope="col">{t("sessions.address")}</th>
              <th scope="col">{t("activity.details")}</th>
            </>
          }
        >
          <For each={shown()}>
            {(event) => (
              <tr>
                <th scope="row">{nameOf(event.action)}</th>
                <td>
                  <Time value={event.at} />
                </td>
                <td>
                  <code>{event.address}</code>
                </td>
                <td class={styles.faint}>{detailOf(event)}</td>
              </tr>
            )}
          </For>
        </Table>
      </Listed>
    </Card>
  );
}
