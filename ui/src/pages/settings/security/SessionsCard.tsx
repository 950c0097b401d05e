import { For, type JSX, Match, Show, Switch } from "solid-js";
import type { Session } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { Card } from "~/components/Card/Card";
import { ErrorNotice, messageOf } from "~/components/ErrorNotice/ErrorNotice";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { Table } from "~/components/Table/Table";
import { Time } from "~/components/Time/Time";
import { toast } from "~/components/toast/toast";
import { t } from "~/i18n/i18n";
import { deviceName } from "../device-name";
import styles from "./page.module.css";
import { useEndSession, useSessions } from "./queries";

/** Where I am signed in; each place can be signed out from here. */
export function SessionsCard(): JSX.Element {
  const sessions = useSessions();
  const end = useEndSession();
  const signOut = (session: Session): void => {
    end.mutate(session.id, {
      onSuccess: () => toast(t("sessions.ended"), { kind: "success" }),
      onError: (error) => toast(messageOf(error), { kind: "error" }),
    });
  };
  return (
    <Card title={t("sessions.title")} flush>
      <Switch>
        <Match when={sessions.data}>
          {(page) => <SessionTable sessions={page().items} onSignOut={signOut} />}
        </Match>
        <Match when={sessions.isError}>
          <div class={styles.pad}>
            <ErrorNotice error={sessions.error} onRetry={() => void sessions.refetch()} />
          </div>
        </Match>
        <Match when={sessions.isPending}>
          <div class={styles.pad}>
            <Skeleton height="6rem" />
          </div>
        </Match>
      </Switch>
    </Card>
  );
}

function SessionTable(props: {
  sessions: Session[];
  onSignOut: (session: Session) => void;
}): JSX.Element {
  return (
    <Table
      caption={t("sessions.title")}
      head={
        <>
          <th scope="col">{t("sessions.device")}</th>
          <th scope="col">{t("sessions.address")}</th>
          <th scope="col">{t("sessions.lastUsed")}</th>
          <th scope="col">{t("sessions.since")}</th>
          <th scope="col">
            <span class="visually-hidden">{t("shell.signOut")}</span>
          </th>
        </>
      }
    >
      <For each={props.sessions}>
        {(session) => (
          <tr>
            <th scope="row" title={session.user_agent}>
              {deviceName(session.user_agent)}
            </th>
            <td>
              <code>{session.address}</code>
            </td>
            <td>
              <Time value={session.last_used_at} />
            </td>
            <td>
              <Time value={session.created_at} />
            </td>
            <td data-numeric>
              <Show
                when={!session.current}
                fallback={<span class={styles.faint}>{t("sessions.this")}</span>}
              >
                <Button
                  size="small"
                  variant="ghost"
                  aria-label={`${t("shell.signOut")}: ${deviceName(session.user_agent)}`}
                  onClick={() => props.onSignOut(session)}
                >
                  {t("shell.signOut")}
                </Button>
              </Show>
            </td>
          </tr>
        )}
      </For>
    </Table>
  );
}
