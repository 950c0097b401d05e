import { useQuery } from "@tanstack/solid-query";
import { For, type JSX, Match, Switch } from "solid-js";
import { api, unwrap } from "~/api/client";
import { Card } from "~/components/Card/Card";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { factsOf } from "./facts";
import styles from "./page.module.css";

const REFRESH_MS = 5_000;

/** What the server holds and uses, in figures that stay fresh. */
export function ServerTab(): JSX.Element {
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
