import { useSearchParams } from "@solidjs/router";
import ArrowDownToLine from "lucide-solid/icons/arrow-down-to-line";
import Download from "lucide-solid/icons/download";
import X from "lucide-solid/icons/x";
import { createEffect, createMemo, createSignal, type JSX, on, onCleanup, Show } from "solid-js";
import type { LogEntry } from "~/api/types";
import { saveFile } from "~/charts/export";
import { Button } from "~/components/Button/Button";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { ErrorNotice, messageOf } from "~/components/ErrorNotice/ErrorNotice";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { toast } from "~/components/toast/toast";
import { useChartView } from "../view";
import { Lines } from "./Lines";
import { type LogBook, openLogBook } from "./log-book";
import { openLogSearch } from "./log-search";
import styles from "./logs.module.css";
import { type LogFilter, wholeLog } from "./read";

const SEARCH_WAIT_MS = 250;
const LOOK_ON_MS = 1_000;

/** What the address says where no stretch of time is chosen, here or in the charts. */
const ALL_TIMES = { from: undefined, to: undefined, wall: undefined };

export interface LogsTabProps {
  runId: string;
  runName: string;
  isActive: boolean;
}

/** The run's log: every line of it, followed live, searched by the server. */
export function LogsTab(props: LogsTabProps): JSX.Element {
  const [query, setQuery] = useSearchParams<{
    find: string;
    line: string;
    from: string;
    to: string;
  }>();
  const [isFollowing, setFollowing] = createSignal(query.line === undefined);
  const book = createMemo(() => {
    const opened = openLogBook(props.runId);
    onCleanup(opened.close);
    return opened;
  });
  const target = (): number | undefined => {
    const seq = Number(query.line);
    return Number.isInteger(seq) && seq > 0 ? seq - 1 : undefined;
  };
  const open = (line: LogEntry): void => {
    setFollowing(false);
    setQuery({ ...ALL_TIMES, find: undefined, line: line.seq }, { scroll: false });
  };
  const charts = useChartView();
  const filter = createMemo(
    (): LogFilter => {
      // The stretch of time that the charts show is that of the log as well.
      const window = charts.window();
      const shown = window?.isWall ? window : undefined;
      return {
        text: query.find ?? "",
        from: ms(query.from) ?? shown?.first,
        to: ms(query.to) ?? shown?.last,
      };
    },
    {},
    { equals: (a, b) => a.text === b.text && a.from === b.from && a.to === b.to },
  );
  const isFiltered = (): boolean =>
    Boolean(filter().text) || filter().from !== undefined || filter().to !== undefined;
  return (
    <section class={styles.box} aria-label="Log">
      <Head
        {...props}
        total={book().total() ?? 0}
        find={query.find ?? ""}
        onFind={(text) => setQuery({ find: text || undefined }, { replace: true, scroll: false })}
        isFiltered={isFiltered()}
        isFollowing={isFollowing()}
        onFollow={(follow) => {
          setFollowing(follow);
          if (follow) setQuery({ line: undefined }, { replace: true, scroll: false });
        }}
      />
      <Show when={book().error()}>
        {(error) => <ErrorNotice error={error()} onRetry={() => book().reload()} />}
      </Show>
      <Show
        when={book().total() !== null || book().error()}
        fallback={<Skeleton height="min(62dvh, 46rem)" />}
      >
        <Show when={book().total()} fallback={<NoLines isActive={props.isActive} />}>
          <Show
            when={isFiltered()}
            fallback={
              <Lines
                count={book().total() ?? 0}
                line={(index) => book().line(index + 1)}
                onRange={(first, last) => book().need(first + 1, last + 1)}
                isFollowing={isFollowing()}
                onLeaveEnd={() => setFollowing(false)}
                target={target()}
                find=""
                onOpen={open}
              />
            }
          >
            <Found
              runId={props.runId}
              filter={filter()}
              book={book()}
              onOpen={open}
              onAllTimes={() => setQuery(ALL_TIMES, { replace: true, scroll: false })}
            />
          </Show>
        </Show>
      </Show>
    </section>
  );
}

function ms(text: string | undefined): number | undefined {
  const value = Number(text);
  // As far as a `Date` goes.
  return text && Number.isFinite(value) && Math.abs(value) <= 8.64e15 ? value : undefined;
}

function Head(
  props: LogsTabProps & {
    total: number;
    find: string;
    onFind: (text: string) => void;
    isFiltered: boolean;
    isFollowing: boolean;
    onFollow: (follow: boolean) => void;
  },
): JSX.Element {
  const [isSaving, setSaving] = createSignal(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));
  const save = async (): Promise<void> => {
    setSaving(true);
    try {
      saveFile(`${props.runName}.log`, await wholeLog(props.runId));
    } catch (error) {
      toast(messageOf(error), { kind: "error" });
    } finally {
      setSaving(false);
    }
  };
  return (
    <div class={styles.head}>
      <input
        type="search"
        class={styles.search}
        placeholder="Search the log"
        aria-label="Search the log"
        value={props.find}
        onInput={(event) => {
          const text = event.currentTarget.value;
          clearTimeout(timer);
          timer = setTimeout(() => props.onFind(text), SEARCH_WAIT_MS);
        }}
      />
      <span class={styles.count}>{props.total.toLocaleString("en")} lines</span>
      <Button
        size="small"
        variant={props.isFollowing && !props.isFiltered ? "primary" : "secondary"}
        disabled={props.isFiltered}
        aria-pressed={props.isFollowing}
        icon={<ArrowDownToLine size={15} />}
        onClick={() => props.onFollow(!props.isFollowing)}
      >
        Follow
      </Button>
      <Button
        size="small"
        icon={<Download size={15} />}
        busy={isSaving()}
        onClick={() => void save()}
      >
        Save
      </Button>
    </div>
  );
}

/** What the search found; more of it is looked for as one scrolls, and as lines are written. */
function Found(props: {
  runId: string;
  filter: LogFilter;
  book: LogBook;
  onOpen: (line: LogEntry) => void;
  onAllTimes: () => void;
}): JSX.Element {
  const total = (): number => props.book.total() ?? 0;
  const search = createMemo(() => {
    const opened = openLogSearch(props.runId, props.filter, total);
    onCleanup(opened.close);
    return opened;
  });
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));
  createEffect(
    on(
      total,
      () => {
        clearTimeout(timer);
        timer = setTimeout(() => search().isDone() && search().more(), LOOK_ON_MS);
      },
      { defer: true },
    ),
  );
  const times = (): string => {
    const { from, to } = props.filter;
    if (from === undefined && to === undefined) return "";
    const clock = (at: number | undefined): string =>
      at === undefined ? "" : new Date(at).toLocaleTimeString("en-GB");
    return `${clock(from)}–${clock(to)}`;
  };
  const said = (): string => {
    const n = search().lines().length;
    const more = search().isDone() ? "" : " so far";
    if (search().isReading() && n === 0) return "Looking through the log…";
    return `${n.toLocaleString("en")} ${n === 1 ? "line" : "lines"} found${more}`;
  };
  return (
    <>
      <p class={styles.summary} role="status">
        {said()}
        <Show when={times()}>
          {(text) => (
            <Button size="small" icon={<X size={14} />} onClick={() => props.onAllTimes()}>
              {text()}: show all
            </Button>
          )}
        </Show>
      </p>
      <Show when={search().error()}>
        {(error) => <ErrorNotice error={error()} onRetry={() => search().more()} />}
      </Show>
      <Show
        when={search().lines().length > 0 || !search().isDone()}
        fallback={
          <EmptyState title="No such line">
            The search looks through the whole log, letter case aside.
          </EmptyState>
        }
      >
        <Lines
          count={search().lines().length}
          line={(index) => search().lines()[index]}
          onRange={(_, last) => {
            const isNearEnd = last >= search().lines().length - 50;
            if (isNearEnd && !search().isDone() && !search().error()) search().more();
          }}
          isFollowing={false}
          onLeaveEnd={() => undefined}
          find={props.filter.text ?? ""}
          onOpen={props.onOpen}
        />
      </Show>
    </>
  );
}

function NoLines(props: { isActive: boolean }): JSX.Element {
  return (
    <EmptyState title="No lines yet" command={'run.log_text("epoch 1 done")'} language="python">
      {props.isActive ? "Lines appear here as the script writes them." : "The script wrote none."}
    </EmptyState>
  );
}
