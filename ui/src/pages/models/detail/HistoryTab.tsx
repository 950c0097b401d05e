import { A } from "@solidjs/router";
import { createMemo, For, type JSX, Match, Show, Switch } from "solid-js";
import { settled } from "~/api/settled";
import type { Model, ModelEvent } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { Card } from "~/components/Card/Card";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { Time } from "~/components/Time/Time";
import { useHistory } from "../queries";
import { eventText } from "./events";
import styles from "./page.module.css";

/** What happened to the model: who did what, when and why, newest first. */
export function HistoryTab(props: { model: Model }): JSX.Element {
  const history = useHistory(() => props.model.id);
  const events = createMemo(() => (settled(history)?.pages ?? []).flatMap((page) => page.items));
  return (
    <Switch>
      <Match when={history.isError && !history.data}>
        <ErrorNotice error={history.error} onRetry={() => void history.refetch()} />
      </Match>
      <Match when={history.isPending}>
        <Skeleton height="12rem" />
      </Match>
      <Match when={events().length === 0}>
        <EmptyState title="Nothing happened yet">
          Uploads, aliases, approvals and deletions show here, each with who and why.
        </EmptyState>
      </Match>
      <Match when={true}>
        <Card>
          <ol class={styles.history}>
            <For each={events()}>{(event) => <Entry modelId={props.model.id} event={event} />}</For>
          </ol>
        </Card>
        <Show when={history.hasNextPage}>
          <div class={styles.more}>
            <Button busy={history.isFetchingNextPage} onClick={() => void history.fetchNextPage()}>
              Show earlier ones
            </Button>
          </div>
        </Show>
      </Match>
    </Switch>
  );
}

function Entry(props: { modelId: string; event: ModelEvent }): JSX.Element {
  const isThere = (): boolean => props.event.action !== "version_deleted";
  return (
    <li>
      <p>
        {eventText(props.event)}
        <Show when={isThere() && props.event.version}>
          {(version) => (
            <>
              {" "}
              <A href={`/models/${props.modelId}?version=${version()}`}>See v{version()}</A>
            </>
          )}
        </Show>
      </p>
      <Show when={props.event.reason}>
        <blockquote>{props.event.reason}</blockquote>
      </Show>
      <p class={styles.soft}>
        <Show when={props.event.user_name}>{props.event.user_name}, </Show>
        <Time value={props.event.at} />
      </p>
    </li>
  );
}
