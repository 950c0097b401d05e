/** The charts of one run, placed as somebody has arranged those of its project. */
import { type Arrangement, MADE, PINNED } from "./arrangement";
import { type ChartGroup, type ChartSpec, isSystem } from "./chart-groups";

export interface PlacedChart extends ChartSpec {
  id: string;
  isMade: boolean;
  isPinned: boolean;
}

export interface PlacedGroup {
  id: string;
  title: string;
  charts: PlacedChart[];
}

export interface Placement {
  groups: PlacedGroup[];
  hidden: PlacedChart[];
  /** Titles of the charts drawn by hand that show no metric of this run. */
  absent: string[];
}

export interface Placeable {
  /** Metrics by prefix, as they come. */
  groups: readonly ChartGroup[];
  /** Every metric of the run. */
  known: readonly string[];
  /** The tab of the machine's figures, which has the charts of nothing else. */
  isSystemTab: boolean;
  /** Whether a chart drawn by hand fits the filter. */
  fits: (name: string) => boolean;
}

/** Put every chart where it belongs: among the pinned, drawn by hand, by prefix, or out of sight. */
export function placed(what: Placeable, arrangement: Arrangement): Placement {
  const isPinned = (id: string): boolean => arrangement.pinned.includes(id);
  const isHidden = (one: PlacedChart): boolean => arrangement.hidden.includes(one.id);
  const [made, absent] = madeCharts(what, arrangement);
  const usual = what.groups.map((group) => ({
    id: `by ${group.title}`,
    title: group.title,
    charts: group.charts.map((spec) => ({
      ...spec,
      id: spec.title,
      isMade: false,
      isPinned: isPinned(spec.title),
    })),
  }));
  const groups = [{ id: MADE, title: "Your charts", charts: made }, ...usual];
  const all = groups.flatMap((group) => group.charts);
  const pinned = arrangement.pinned.flatMap((id) => all.find((one) => one.id === id) ?? []);
  return {
    groups: [
      { id: PINNED, title: "Pinned", charts: pinned.filter((one) => !isHidden(one)) },
      ...groups.map((group) => ({
        id: group.id,
        title: group.title,
        charts: inOrder(
          group.charts.filter((one) => !one.isPinned && !isHidden(one)),
          arrangement.order[group.id] ?? [],
        ),
      })),
    ].filter((group) => group.charts.length > 0),
    hidden: all.filter(isHidden),
    absent,
  };
}

function madeCharts(what: Placeable, now: Arrangement): [PlacedChart[], absent: string[]] {
  const charts: PlacedChart[] = [];
  const absent: string[] = [];
  for (const { id, title, names } of now.made) {
    const isHere = names.every(isSystem) === what.isSystemTab;
    const there = names.filter((name) => what.known.includes(name));
    if (isHere && there.length === 0) absent.push(title);
    if (isHere && there.length > 0 && (what.fits(title) || there.some(what.fits))) {
      charts.push({ id, title, names: there, isMade: true, isPinned: now.pinned.includes(id) });
    }
  }
  return [charts, absent];
}

function inOrder(charts: readonly PlacedChart[], order: readonly string[]): PlacedChart[] {
  const ranks = new Map(order.map((id, at) => [id, at]));
  const rank = (one: PlacedChart): number => ranks.get(one.id) ?? order.length;
  return charts.toSorted((a, b) => rank(a) - rank(b));
}

/** The group's charts with one of them moved to place `to`; null where that is where it is. */
export function movedIn(group: PlacedGroup, id: string, to: number): string[] | null {
  const ids = group.charts.map((one) => one.id);
  const from = ids.indexOf(id);
  if (from < 0 || to < 0 || to >= ids.length || to === from) return null;
  ids.splice(from, 1);
  ids.splice(to, 0, id);
  return ids;
}
