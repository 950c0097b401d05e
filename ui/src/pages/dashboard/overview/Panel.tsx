import type { UseQueryResult } from "@tanstack/solid-query";
import { type Accessor, type JSX, Match, Switch } from "solid-js";
import { Card } from "~/components/Card/Card";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import styles from "./page.module.css";

export interface PanelProps<Item> {
  title: string;
  actions?: JSX.Element;
  query: UseQueryResult<{ items: Item[] }>;
  empty: JSX.Element;
  children: (items: Accessor<Item[]>) => JSX.Element;
}

/** A card over one list: its skeleton, its error, what fills it while it is empty, its items. */
export function Panel<Item>(props: PanelProps<Item>): JSX.Element {
  const items = (): Item[] => props.query.data?.items ?? [];
  return (
    <Card title={props.title} actions={props.actions} flush>
      <Switch>
        <Match when={props.query.data && items().length > 0}>{props.children(items)}</Match>
        <Match when={props.query.data}>{props.empty}</Match>
        <Match when={props.query.isError}>
          <div class={styles.pad}>
            <ErrorNotice error={props.query.error} onRetry={() => void props.query.refetch()} />
          </div>
        </Match>
        <Match when={props.query.isPending}>
          <div class={styles.pad} aria-busy="true">
            <Skeleton height="8rem" />
          </div>
        </Match>
      </Switch>
    </Card>
  );
}
