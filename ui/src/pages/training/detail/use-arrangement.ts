import { useLocation, useSearchParams } from "@solidjs/router";
import {
  type Accessor,
  createEffect,
  createMemo,
  createSignal,
  on,
  onCleanup,
  untrack,
} from "solid-js";
import { toast } from "~/components/toast/toast";
import { movedIn, type PlacedChart, type PlacedGroup } from "./arranged";
import * as arranged from "./arrangement";
import {
  type Arrangement,
  arrangementOf,
  arrangementText,
  type MadeChart,
  tidied,
} from "./arrangement";
import { keepArrangement, keptArrangement, onKept } from "./kept-arrangement";

/** How the charts are arranged, and what changes that. */
export interface Arranging {
  now: Accessor<Arrangement>;
  /** Something is pinned, hidden or moved. */
  isArranged: () => boolean;
  /** The address came with another arrangement than the one that this browser keeps. */
  isOfLink: Accessor<boolean>;
  /** Keep what the address came with; or forget it for what was kept. */
  keepLink: () => void;
  leaveLink: () => void;
  /** What happened last, for screen readers. */
  said: Accessor<string>;
  pin: (chart: PlacedChart, isPinned: boolean) => void;
  hide: (chart: PlacedChart) => void;
  show: (ids: readonly string[]) => void;
  /** Move a chart to a place of its group, which is ordered `asItComes` at first. */
  move: (group: PlacedGroup, chart: PlacedChart, to: number, asItComes: readonly string[]) => void;
  save: (chart: MadeChart) => void;
  remove: (id: string) => void;
  reset: () => void;
}

/**
 * The arrangement of a project's charts. It is in the address, so that a link shows the same, and
 * this browser keeps it for the project; a link with another one is shown, but changes nothing of
 * what is kept until somebody says so.
 */
export function useArrangement(project: Accessor<string>): Arranging {
  const { text, isOfLink, set, keepLink, leaveLink } = createText(project);
  const change = (next: Arrangement): void => set(arrangementText(next), project());
  const now = createMemo(() => arrangementOf(text()));
  const [said, setSaid] = createSignal("");
  const undoable = (message: string, undo: (now: Arrangement) => Arrangement): void => {
    const of = project();
    const run = (): void => {
      // The page may show another project by now.
      const later = of === project() ? now() : arrangementOf(keptArrangement(of));
      set(arrangementText(undo(later)), of);
    };
    toast(message, { duration_ms: 6_000, action: { label: "Undo", run } });
  };
  return {
    now,
    isArranged: () => arrangementText({ ...now(), made: [] }) !== "",
    isOfLink,
    keepLink,
    leaveLink,
    said,
    pin: ({ id, title }, isPinned) => {
      change(arranged.withPin(now(), id, isPinned));
      setSaid(isPinned ? `${title} is pinned to the top` : `${title} is back in its group`);
    },
    hide: ({ id, title }) => {
      change(arranged.withHidden(now(), [id], true));
      undoable(`${title} is hidden`, (later) => arranged.withHidden(later, [id], false));
    },
    show: (ids) => change(arranged.withHidden(now(), ids, false)),
    move: (group, { id, title }, to, asItComes) => {
      const ids = movedIn(group, id, to);
      if (!ids) {
        setSaid(`${title} is at the ${to <= 0 ? "beginning" : "end"} of ${group.title}`);
        return;
      }
      change(arranged.withOrder(now(), group.id, ids, asItComes));
      setSaid(`${title} is now ${to + 1} of ${ids.length} in ${group.title}`);
    },
    save: (chart) => change(arranged.withMade(now(), chart)),
    remove: (id) => {
      const before = now();
      const title = before.made.find((one) => one.id === id)?.title ?? "";
      change(arranged.withoutMade(before, id));
      undoable(`${title} is deleted`, (later) => arranged.withMadeAgain(later, before, id));
    },
    reset: () => {
      const before = now();
      change({ ...arranged.AS_IT_COMES, made: before.made });
      undoable("The layout is as it was at first", ({ made }) => ({ ...before, made }));
    },
  };
}

interface ArrangementSource {
  text: Accessor<string>;
  isOfLink: Accessor<boolean>;
  set: (text: string, of: string) => void;
  keepLink: () => void;
  leaveLink: () => void;
}

/** The text of the arrangement: in the address, and kept for the project. */
function createText(project: Accessor<string>): ArrangementSource {
  const [query, setQuery] = useSearchParams<{ charts: string }>();
  const address = createMemo(() => query.charts ?? "");
  const [text, setText] = createSignal("");
  const [isOfLink, setOfLink] = createSignal(false);
  // The router writes the address a moment later; until then ours is the newer one.
  let unwritten: string | null = null;
  let path = "";
  let isGone = false;
  const location = useLocation();
  onCleanup(() => {
    isGone = true;
  });
  const write = (next: string): void => {
    setText(next);
    // An undo may come after its charts have gone; another page's address is none of ours.
    if (isGone && location.pathname !== path) return;
    path = untrack(() => location.pathname);
    unwritten = next === untrack(address) ? null : next;
    setQuery({ charts: next || undefined }, { replace: true, scroll: false });
  };
  createEffect(
    on([address, project], ([found, of], before) => {
      const isOtherProject = before !== undefined && before[1] !== of;
      if (unwritten !== null && !isOtherProject) {
        if (found === unwritten) unwritten = null;
        return;
      }
      const kept = keptArrangement(of);
      setOfLink(found !== "" && tidied(found) !== kept);
      if (found === "" && kept) write(kept);
      else setText(found);
    }),
  );
  // Else the tab that was changed last would undo what the others had kept.
  onKept(project, (kept) => {
    if (!untrack(isOfLink)) write(kept);
  });
  return {
    text,
    isOfLink,
    set: (next, of) => {
      const isShown = of === untrack(project);
      if (!isShown || !untrack(isOfLink)) keepArrangement(of, next);
      if (isShown) write(next);
    },
    keepLink: () => {
      keepArrangement(untrack(project), untrack(text));
      setOfLink(false);
    },
    leaveLink: () => {
      setOfLink(false);
      write(keptArrangement(untrack(project)));
    },
  };
}
