import { useQuery } from "@tanstack/solid-query";
import { For, type JSX, Match, Switch } from "solid-js";
import { api, unwrap } from "~/api/client";
import { Card } from "~/components/Card/Card";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { PageHeader } from "~/components/PageHeader/PageHeader";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { useSession } from "~/session/session";
import { factsOf } from "./facts";
import styles from "./page.module.css";

const REFRESH_MS = 5_000;

/** The server's own figures; accounts are still managed in the terminal. */
export default function AdminPage(): JSX.Element {
  const session = useSession();
  return (
    <>
      <PageHeader title="Administration" />
      <Switch>
        <Match when={session.user()?.role === "admin"}>
          <div class={styles.stack}>
            <Stats />
            <Card title="Accounts">
              <EmptyState title="Managing accounts is not here yet">
                Inviting people, roles, the audit log and limits will be managed on this page. Today
                people make their own account on the sign-in page where the server's registration
                setting allows it.
              </EmptyState>
            </Card>
          </div>
        </Match>
        <Match when={session.user()}>
          <Card>
            <EmptyState title="For administrators">
              Your role is {session.user()?.role}. An administrator of this server sees its figures
              here.
            </EmptyState>
          </Card>
        </Match>
      </Switch>
    </>
  );
}

function Stats(): JSX.Element {
  const stats = useQuery(() => ({
    queryKey: ["admin", "stats"],
    queryFn: () => unwrap(api.GET("/api/admin/stats")),
    refetchInterval: REFRESH_MS,
  }));
  return (
    <Switch>
      <Match when={stats.data}>
        {(data) => (
          <div class={styles.groups}>
            <For each={factsOf(data())}>
              {(group) => (
                <Card title={group.title} class={styles.group}>
                  <dl class={styles.facts}>
                    <For each={group.facts}>
                      {(fact) => (
                        <div>
                          <dt>{fact.name}</dt>
                          <dd class="figures">{fact.value}</dd>
                        </div>
                      )}
                    </For>
                  </dl>
                </Card>
              )}
            </For>
          </div>
        )}
      </Match>
      <Match when={stats.isError}>
        <ErrorNotice error={stats.error} onRetry={() => void stats.refetch()} />
      </Match>
      <Match when={stats.isPending}>
        <Skeleton height="12rem" />
      </Match>
    </Switch>
  );
}
