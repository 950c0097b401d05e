import type { Stats } from "~/api/types";
import { bytesText } from "~/components/Bytes/Bytes";
import { currentLocale } from "~/i18n/i18n";

interface Fact {
  name: string;
  value: string;
}

export interface FactGroup {
  title: string;
  facts: Fact[];
}

/** The server's figures, in the groups in which they are shown. */
export function factsOf(stats: Stats): FactGroup[] {
  const { series, disk } = stats;
  return [
    {
      title: "Server",
      facts: [
        { name: "Accounts", value: count(stats.users) },
        { name: "Live connections", value: count(stats.sockets) },
        { name: "Running since", value: moment(stats.started_at) },
      ],
    },
    { title: "Runs by state", facts: each(stats.runs, count) },
    {
      title: "Metrics",
      facts: [
        { name: "Points", value: count(series.n_points) },
        { name: "Series", value: count(series.n_series) },
        { name: "Size", value: bytesText(series.size_bytes) },
      ],
    },
    {
      title: "Disk",
      facts: [
        { name: "Used by AxonML", value: bytesText(disk.used_bytes) },
        { name: "Free", value: bytesText(disk.free_bytes) },
        { name: "Whole disk", value: bytesText(disk.total_bytes) },
      ],
    },
    { title: "Data folder", facts: each(disk.entries, bytesText) },
    { title: "Versions", facts: each(stats.versions, String) },
  ].filter((group) => group.facts.length > 0);
}

function each<Value>(values: Record<string, Value>, text: (value: Value) => string): Fact[] {
  return Object.entries(values).map(([name, value]) => ({ name, value: text(value) }));
}

function count(value: number): string {
  return Intl.NumberFormat(currentLocale()).format(value);
}

function moment(value: string): string {
  const format = { dateStyle: "medium", timeStyle: "short" } as const;
  return new Intl.DateTimeFormat(currentLocale(), format).format(Date.parse(value));
}
