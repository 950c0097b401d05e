import { expect, test } from "vitest";
import { factsOf } from "./facts";

test("sizes read in bytes, counts in thousands, and files and parts keep their names", () => {
  const groups = factsOf({
    users: 2,
    sockets: 3,
    started_at: "2026-01-02T12:00:00Z",
    runs: { running: 1, completed: 1400 },
    series: { n_points: 1_234_567, n_series: 12, n_runs: 4, size_bytes: 2048 },
    disk: {
      used_bytes: 1024,
      free_bytes: 1_474_560,
      total_bytes: 4096,
      entries: { "axon.db": 512 },
    },
    versions: { "axonml-dashboard": "0.1.0" },
  });

  const shown = Object.fromEntries(
    groups.map((group) => [group.title, group.facts.map((fact) => `${fact.name} ${fact.value}`)]),
  );
  expect(shown["Runs by state"]).toEqual(["running 1", "completed 1,400"]);
  expect(shown["Metrics"]).toEqual(["Points 1,234,567", "Series 12", "Size 2.0 KiB"]);
  expect(shown["Disk"]).toEqual(["Used by AxonML 1.0 KiB", "Free 1.4 MiB", "Whole disk 4.0 KiB"]);
  expect(shown["Data folder"]).toEqual(["axon.db 512 B"]);
  expect(shown["Versions"]).toEqual(["axonml-dashboard 0.1.0"]);
});

test("a server without runs shows no empty group", () => {
  const groups = factsOf({
    users: 1,
    sockets: 0,
    started_at: "2026-01-02T12:00:00Z",
    runs: {},
    series: { n_points: 0, n_series: 0, n_runs: 0, size_bytes: 0 },
    disk: { used_bytes: 0, free_bytes: 1, total_bytes: 1, entries: {} },
    versions: { python: "3.11" },
  });

  expect(groups.map((group) => group.title)).toEqual(["Server", "Metrics", "Disk", "Versions"]);
});
