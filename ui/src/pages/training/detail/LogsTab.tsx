import { useSearchParams } from "@solidjs/router";
import { createVirtualizer } from "@tanstack/solid-virtual";
import ArrowDownToLine from "lucide-solid/icons/arrow-down-to-line";
import Download from "lucide-solid/icons/download";
import {
  createEffect,
  createMemo,
  createSignal,
  For,
  type JSX,
  on,
  onCleanup,
  Show,
} from "solid-js";
import type { LogEntry } from "~/api/types";
import { saveFile } from "~/charts/export";
import { Button } from "~/components/Button/Button";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { ErrorNotice, messageOf } from "~/components/ErrorNotice/ErrorNotice";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { toast } from "~/components/toast/toast";
import { ansiPieces } from "./ansi";
import { openLogTail, wholeLog } from "./log-tail";
import styles from "./logs.module.css";

const ROW = 22;
const SEARCH_WAIT_MS = 250;

export interface LogsTabProps {
  runId: string;
  runName: string;
  isActive: boolean;
}

/** The run's log: searched by the server, followed live. */
export function LogsTab(props: LogsTabProps): JSX.Element {
  const [query, setQuery] = useSearchParams<{ find: string }>();
  const [isFollowing, setFollowing] = createSignal(true);
  const [isSaving, setSaving] = createSignal(false);
  let timer: ReturnType<typeof setTimeout> | undefined;
  onCleanup(() => clearTimeout(timer));
  const tail = createMemo(() => {
    const opened = openLogTail(props.runId, query.find ?? "");
    onCleanup(opened.close);
    return opened;
  });
  const search = (text: string): void => {
    clearTimeout(timer);
    timer = setTimeout(
      () => setQuery({ find: text || undefined }, { replace: true, scroll: false }),
      SEARCH_WAIT_MS,
    );
  };
  const save = async (): Promise<void> => {
    setSaving(true);
    try {
      const text = await wholeLog(props.runId);
      saveFile(`${props.runName}.log`, new Blob([text], { type: "text/plain" }));
    } catch (error) {
      toast(messageOf(error), { kind: "error" });
    } finally {
      setSaving(false);
    }
  };
  return (
    <section class={styles.box} aria-label="Log">
      <div class={styles.head}>
        <input
          type="search"
          class={styles.search}
          placeholder="Search the log"
          aria-label="Search the log"
          value={query.find ?? ""}
          onInput={(event) => search(event.currentTarget.value)}
        />
        <span class={styles.count} role="status">
          {tail().lines().length.toLocaleString("en")} lines
        </span>
        <Button
          size="small"
          variant={isFollowing() ? "primary" : "secondary"}
          aria-pressed={isFollowing()}
          icon={<ArrowDownToLine size={15} />}
          onClick={() => setFollowing(!isFollowing())}
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
      <Show when={tail().error()}>
        {(error) => <ErrorNotice error={error()} onRetry={() => void tail().reload()} />}
      </Show>
      <Show
        when={tail().lines().length > 0}
        fallback={
          <Show when={tail().state() === "ready"} fallback={<Skeleton height="20rem" />}>
            <Show
              when={query.find}
              fallback={
                <EmptyState
                  title="No lines yet"
                  command={'run.log_text("epoch 1 done")'}
                  language="python"
                >
                  {props.isActive
                    ? "Lines appear here as the script writes them."
                    : "The script wrote none."}
                </EmptyState>
              }
            >
              <EmptyState title="No line has this in it">
                The search looks through the whole log.
              </EmptyState>
            </Show>
          </Show>
        }
      >
        <Lines
          lines={tail().lines()}
          isFollowing={isFollowing()}
          onLeaveEnd={() => setFollowing(false)}
        />
      </Show>
    </section>
  );
}

function Lines(props: {
  lines: readonly LogEntry[];
  isFollowing: boolean;
  onLeaveEnd: () => void;
}): JSX.Element {
  let scroller: HTMLDivElement | undefined;
  const rows = createVirtualizer({
    get count() {
      return props.lines.length;
    },
    getScrollElement: () => scroller ?? null,
    estimateSize: () => ROW,
    overscan: 30,
  });
  createEffect(
    on([() => props.lines.length, () => props.isFollowing], () => {
      if (props.isFollowing) {
        requestAnimationFrame(() => scroller?.scrollTo({ top: scroller.scrollHeight }));
      }
    }),
  );
  return (
    <div
      ref={(element) => {
        scroller = element;
      }}
      class={styles.lines}
      tabindex="0"
      role="log"
      aria-label="Lines of the log"
      aria-live="off"
      onWheel={(event) => {
        if (event.deltaY < 0 && props.isFollowing) props.onLeaveEnd();
      }}
      onKeyDown={(event) => {
        if (["ArrowUp", "PageUp", "Home"].includes(event.key)) props.onLeaveEnd();
      }}
    >
      <div class={styles.all} style={{ height: `${rows.getTotalSize()}px` }}>
        <For each={rows.getVirtualItems()}>
          {(row) => (
            <Show when={props.lines[row.index]}>
              {(line) => (
                <div
                  class={styles.line}
                  style={{ transform: `translateY(${row.start}px)` }}
                  data-level={line().level}
                >
                  <span class={styles.number}>{line().seq}</span>
                  <time class={styles.time} datetime={line().timestamp}>
                    {new Date(line().timestamp).toLocaleTimeString("en-GB")}
                  </time>
                  <span class={styles.text}>
                    <For each={ansiPieces(line().message)}>
                      {(piece) => (
                        <span class={piece.styles.map((style) => styles[style]).join(" ")}>
                          {piece.text}
                        </span>
                      )}
                    </For>
                  </span>
                </div>
              )}
            </Show>
          )}
        </For>
      </div>
    </div>
  );
}
