import { A, Navigate, useLocation, useNavigate } from "@solidjs/router";
import GitCompare from "lucide-solid/icons/git-compare";
import Link2 from "lucide-solid/icons/link-2";
import { createMemo, createSignal, type JSX, lazy, Match, Show, Suspense, Switch } from "solid-js";
import type { RunComparison } from "~/api/types";
import { Button, ButtonLink } from "~/components/Button/Button";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { PageHeader } from "~/components/PageHeader/PageHeader";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { Tabs } from "~/components/Tabs/Tabs";
import { toast } from "~/components/toast/toast";
import { ViewsMenu } from "../list/ViewsMenu";
import { AddRuns } from "./AddRuns";
import { fieldNamed, fieldsOf } from "./fields";
import { GroupBy } from "./GroupBy";
import { looksOf } from "./looks";
import { OverlayTab } from "./OverlayTab";
import styles from "./page.module.css";
import { useComparison } from "./queries";
import { RunsBar } from "./RunsBar";
import { type CompareView, TABS, type Tab, useCompareView } from "./view";

// Fetched at first use: most visits look at the curves.
const ConfigTab = lazy(() => import("./ConfigTab"));
const ScatterTab = lazy(() => import("./ScatterTab"));
const ParallelTab = lazy(() => import("./ParallelTab"));
const ImportanceTab = lazy(() => import("./ImportanceTab"));

const LABELS: Record<Tab, string> = {
  charts: "Charts",
  config: "Config",
  scatter: "Scatter",
  parallel: "Parallel",
  importance: "Importance",
};

/** Runs side by side: curves, configurations, and what of them matters. */
export default function ComparePage(): JSX.Element {
  const view = useCompareView();
  const comparison = useComparison(view.chosen);
  const isEmpty = (): boolean => {
    const chosen = view.chosen();
    return "ids" in chosen ? chosen.ids.length === 0 : chosen.filter === "";
  };
  const only = (): string | undefined => {
    const chosen = view.chosen();
    return "ids" in chosen && chosen.ids.length === 1 ? chosen.ids[0] : undefined;
  };
  return (
    <Switch fallback={<Waiting />}>
      <Match when={only()}>{(id) => <Navigate href={`/training/${id()}`} />}</Match>
      <Match when={isEmpty() || comparison.data?.runs.length === 0}>
        <Nothing missing={comparison.data?.missing.length ?? 0} />
      </Match>
      <Match when={comparison.isError}>
        <PageHeader title="Compare runs" above={<A href="/training">Training</A>} />
        <ErrorNotice error={comparison.error} onRetry={() => void comparison.refetch()} />
      </Match>
      <Match when={comparison.data}>
        {(data) => <Comparison comparison={data()} view={view} />}
      </Match>
    </Switch>
  );
}

function Comparison(props: { comparison: RunComparison; view: CompareView }): JSX.Element {
  const location = useLocation();
  const navigate = useNavigate();
  const [hovered, setHovered] = createSignal<string | null>(null);
  const fields = createMemo(() => fieldsOf(props.comparison));
  const by = createMemo(() => fieldNamed(fields(), props.view.text("by")));
  const all = createMemo(() => looksOf(props.comparison, by()));
  const shown = createMemo(() => all().filter((look) => !props.view.hidden().has(look.run.id)));
  const ids = (): string[] => props.comparison.runs.map((run) => run.id);
  const part = {
    get comparison() {
      return props.comparison;
    },
    get fields() {
      return fields();
    },
    get looks() {
      return shown();
    },
    get view() {
      return props.view;
    },
    get hovered() {
      return hovered();
    },
    onHover: setHovered,
  };
  return (
    <>
      <PageHeader
        title={`Compare ${props.comparison.runs.length} runs`}
        above={<A href="/training">Training</A>}
        subtitle={<Which comparison={props.comparison} view={props.view} />}
        actions={
          <>
            <ViewsMenu
              path="/training?compare="
              search={location.search.slice(1)}
              onOpen={(search) => navigate(`/training?${search}`)}
            />
            <GroupBy fields={fields()} view={props.view} />
            <AddRuns known={ids()} onAdd={(id) => props.view.setChosen([...ids(), id])} />
            <Button size="small" icon={<Link2 size={15} />} onClick={() => void copyLink()}>
              Copy link
            </Button>
          </>
        }
      />
      <div class={styles.sides}>
        <RunsBar
          looks={all()}
          view={props.view}
          hovered={hovered()}
          onHover={setHovered}
          onRemove={(id) => props.view.setChosen(ids().filter((one) => one !== id))}
        />
        <div class={styles.main}>
          <Tabs
            label="Ways to compare"
            value={props.view.tab()}
            onChange={(next) => props.view.set("tab", next === "charts" ? "" : next)}
            items={TABS.map((value) => ({ value, label: LABELS[value] }))}
          >
            <Suspense fallback={<Skeleton height="24rem" />}>
              <Switch>
                <Match when={props.view.tab() === "charts"}>
                  <OverlayTab {...part} by={by()} />
                </Match>
                <Match when={props.view.tab() === "config"}>
                  <ConfigTab {...part} />
                </Match>
                <Match when={props.view.tab() === "scatter"}>
                  <ScatterTab {...part} />
                </Match>
                <Match when={props.view.tab() === "parallel"}>
                  <ParallelTab {...part} />
                </Match>
                <Match when={props.view.tab() === "importance"}>
                  <ImportanceTab {...part} />
                </Match>
              </Switch>
            </Suspense>
          </Tabs>
        </div>
      </div>
    </>
  );
}

/** Which runs these are, and which of those asked for are not here. */
function Which(props: { comparison: RunComparison; view: CompareView }): JSX.Element {
  const filter = (): string => {
    const chosen = props.view.chosen();
    return "filter" in chosen ? chosen.filter : "";
  };
  const missing = (): number => props.comparison.missing.length;
  return (
    <>
      <Show when={filter()}>
        <span>
          The newest {props.comparison.runs.length} of {props.comparison.total} where{" "}
          <code>{filter()}</code>
        </span>
      </Show>
      <Show when={missing() > 0}>
        <span class={styles.missing} role="status" title={props.comparison.missing.join("\n")}>
          {missing() === 1 ? "1 run of this link is" : `${missing()} runs of this link are`} gone,
          or not yours to see.
        </span>
      </Show>
    </>
  );
}

async function copyLink(): Promise<void> {
  try {
    await navigator.clipboard.writeText(window.location.href);
    toast("The link shows this very view.");
  } catch {
    toast("The browser gives no access to the clipboard; copy the address above.", {
      kind: "error",
    });
  }
}

function Nothing(props: { missing: number }): JSX.Element {
  return (
    <>
      <PageHeader title="Compare runs" above={<A href="/training">Training</A>} />
      <EmptyState
        title={props.missing > 0 ? "None of these runs is here" : "No runs chosen"}
        icon={<GitCompare size={22} />}
        actions={
          <ButtonLink href="/training" variant="primary">
            Choose runs
          </ButtonLink>
        }
      >
        {props.missing > 0 ? "They were deleted, or are not yours to see. " : ""}
        Mark two or more runs in the list and press Compare; or compare whatever a filter finds:{" "}
        <code>/training?compare=filter:project = "digits"</code>
      </EmptyState>
    </>
  );
}

function Waiting(): JSX.Element {
  return (
    <div aria-busy="true" aria-label="Loading the runs" class={styles.waiting}>
      <Skeleton height="4.5rem" width="22rem" />
      <Skeleton height="2.75rem" />
      <Skeleton height="24rem" />
    </div>
  );
}
