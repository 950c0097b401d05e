import ArrowUp from "lucide-solid/icons/arrow-up";
import Plus from "lucide-solid/icons/plus";
import { createEffect, createMemo, createSignal, type JSX, Match, Show, Switch } from "solid-js";
import { Problem } from "~/api/problem";
import type { Run } from "~/api/types";
import { Button, ButtonLink } from "~/components/Button/Button";
import { ErrorNotice, messageOf } from "~/components/ErrorNotice/ErrorNotice";
import { PageHeader } from "~/components/PageHeader/PageHeader";
import { toast } from "~/components/toast/toast";
import { hiddenRuns } from "../run-actions";
import { BulkBar } from "./BulkBar";
import { metricCounts } from "./columns";
import { columnActions } from "./column-actions";
import { Empty } from "./Empty";
import { saveFile } from "~/components/save-file";
import { csvOf } from "./export";
import { extended } from "./filter-text";
import { Filters } from "./Filters";
import { createGroupRows } from "./group-rows";
import { knownColumns, knownValues, vocabularyOf } from "./known";
import { createLiveRuns } from "./live-runs";
import styles from "./page.module.css";
import {
  readAnew,
  useGroups,
  useNewestId,
  useProjects,
  useRunColumns,
  useRunList,
} from "./queries";
import { conditionOfGroup, rowsOfRuns } from "./rows";
import { RunTable } from "./RunTable";
import { createSelection } from "./selection";
import { settled } from "~/api/settled";
import { TableSkeleton } from "./TableSkeleton";
import { Toolbar } from "./Toolbar";
import { useView } from "./view";

/** Rows to read ahead of the last one in view. */
const AHEAD = 60;

/** Every run: filtered, sorted, grouped, chosen; what is running moves while one looks. */
export default function RunsPage(): JSX.Element {
  const columns = useRunColumns();
  const [firstRuns, setFirstRuns] = createSignal<readonly Run[]>([]);
  const view = useView(() => {
    // Of the runs on the page too: a metric that was just logged first is not counted yet.
    const counts = metricCounts(firstRuns());
    for (const one of settled(columns)?.metrics ?? []) counts.set(one.key, one.n_runs);
    return counts;
  });
  const now = view.now;
  const isGrouped = (): boolean => now().by !== "";
  const list = useRunList(now, () => !isGrouped());
  createEffect(() => setFirstRuns(list.pages()[0]?.items ?? []));
  const groups = useGroups(now, () => view.columns().map((one) => one.key));
  const grouped = createGroupRows(now, groups.items);
  const runs = createMemo(() => {
    const gone = hiddenRuns();
    return gone.size === 0 ? list.runs() : list.runs().filter((run) => !gone.has(run.id));
  });
  const rows = createMemo(() => (isGrouped() ? grouped.rows() : rowsOfRuns(runs())));
  const shownRuns = createMemo(() =>
    isGrouped() ? rows().flatMap((row) => (row.kind === "run" ? [row.run] : [])) : runs(),
  );
  const selection = createSelection(() => shownRuns().map((run) => run.id));
  const [inView, setInView] = createSignal<readonly Run[]>([]);
  const live = createLiveRuns(inView);
  const newest = useNewestId(now, list);
  const hasNewer = (): boolean => {
    const first = list.runs()[0];
    return Boolean(settled(newest) && first && settled(newest) !== first.id);
  };
  const known = createMemo(() => knownColumns(settled(columns)));
  const projects = useProjects();
  const values = createMemo(() => knownValues(settled(projects), settled(columns)));
  const vocabulary = createMemo(() => vocabularyOf(known(), values()));
  const error = (): unknown =>
    isGrouped() ? (groups.query.isLoadingError ? groups.query.error : null) : list.error();
  const filterProblem = (): Problem | null => {
    const found = error();
    return found instanceof Problem && found.code === "filter_invalid" ? found : null;
  };
  const count = (): number => (isGrouped() ? rows().length : Math.max(runs().length, list.total()));
  const isLoading = (): boolean => (isGrouped() ? groups.query.isPending : list.isLoading());
  const [isWantingAll, setWantingAll] = createSignal(false);
  createEffect(() => {
    if (!isWantingAll()) return;
    if (runs().length >= list.total()) {
      setWantingAll(false);
      selection.setAll(runs().map((run) => run.id));
    } else list.reach(Number.POSITIVE_INFINITY);
  });
  const exportCsv = async (ids: readonly string[] = []): Promise<void> => {
    try {
      const keys = view.columns().map((one) => one.key);
      saveFile("runs.csv", await csvOf(now(), keys, ids));
    } catch (failure) {
      toast(messageOf(failure), { kind: "error" });
    }
  };

  return (
    <>
      <PageHeader
        title={now().isTrash ? "Trash" : "Training"}
        subtitle={
          now().isTrash
            ? "Deleted runs, until their time is over"
            : "Runs that your scripts report, live and past"
        }
        actions={
          <Show
            when={!now().isTrash}
            fallback={
              <Button onClick={() => view.change({ isTrash: false })}>Back to the runs</Button>
            }
          >
            <ButtonLink href="/training/new" variant="primary" icon={<Plus size={16} />}>
              New run
            </ButtonLink>
          </Show>
        }
      />
      <Filters
        view={now()}
        change={view.change}
        vocabulary={vocabulary()}
        problem={filterProblem()}
      />
      <Toolbar
        view={view}
        known={known()}
        values={values()}
        count={
          isLoading() || error()
            ? ""
            : countText(isGrouped() ? groups.total() : count(), isGrouped())
        }
        onExport={() => void exportCsv()}
      />
      <Show when={hasNewer()}>
        <div class={styles.newer}>
          <Button size="small" icon={<ArrowUp size={14} />} onClick={() => void readAnew(now())}>
            Newer runs began: show them
          </Button>
        </div>
      </Show>
      <Switch>
        <Match when={error() && !filterProblem()}>
          <ErrorNotice
            error={error()}
            onRetry={() => (isGrouped() ? void groups.query.refetch() : list.retry())}
          />
        </Match>
        <Match when={isLoading()}>
          <TableSkeleton />
        </Match>
        <Match when={count() === 0}>
          <Empty view={now()} isUnreadable={filterProblem() !== null} change={view.change} />
        </Match>
        <Match when={true}>
          <RunTable
            rows={rows()}
            count={count()}
            columns={view.columns()}
            live={live}
            onView={(shown, last) => {
              setInView(shown);
              if (!isGrouped()) list.reach(last + AHEAD);
            }}
            sort={now().sort}
            by={now().by}
            selection={selection}
            actions={columnActions(view)}
            isStale={list.isStale() || groups.query.isPlaceholderData || filterProblem() !== null}
            onNarrow={(condition) => view.change({ filter: extended(now().filter, condition) })}
            onToggleGroup={grouped.toggle}
            onShowGroup={(group) =>
              view.change({
                filter: extended(now().filter, conditionOfGroup(now().by, group)),
                by: "",
              })
            }
          />
        </Match>
      </Switch>
      <Show when={selection.count() > 0}>
        <BulkBar
          runs={shownRuns()}
          live={live}
          selection={selection}
          projects={values().projects.map((one) => one.value)}
          isTrash={now().isTrash}
          total={isGrouped() ? undefined : list.total()}
          onAll={() => setWantingAll(true)}
          onExport={(ids) => void exportCsv(ids)}
        />
      </Show>
    </>
  );
}

function countText(count: number, isGrouped: boolean): string {
  const what = isGrouped ? "group" : "run";
  return `${count.toLocaleString("en")} ${what}${count === 1 ? "" : "s"}`;
}
