import { type JSX, Match, Show, Switch } from "solid-js";
import { Button } from "~/components/Button/Button";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import styles from "./Listed.module.css";

interface Pages {
  data: unknown;
  isError: boolean;
  isPending: boolean;
  error: unknown;
  hasNextPage?: boolean;
  isFetchingNextPage?: boolean;
  fetchNextPage?: () => unknown;
  refetch: () => unknown;
}

/** The states of a list that comes in pages: its rows, an error with a retry, a skeleton. */
export function Listed(props: { pages: Pages; children: JSX.Element }): JSX.Element {
  return (
    <Switch>
      <Match when={props.pages.data}>
        {props.children}
        <Show when={props.pages.hasNextPage}>
          <div class={styles.more}>
            <Button
              size="small"
              busy={props.pages.isFetchingNextPage ?? false}
              onClick={() => void props.pages.fetchNextPage?.()}
            >
              Show more
            </Button>
          </div>
        </Show>
      </Match>
      <Match when={props.pages.isError}>
        <div class={styles.pad}>
          <ErrorNotice error={props.pages.error} onRetry={() => void props.pages.refetch()} />
        </div>
      </Match>
      <Match when={props.pages.isPending}>
        <div class={styles.pad}>
          <Skeleton height="10rem" />
        </div>
      </Match>
    </Switch>
  );
}
