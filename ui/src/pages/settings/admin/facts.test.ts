import { expect, test } from "vitest";
import { factsOf } from "./facts";

test("the server's figures become groups, sizes in bytes, names of parts as they are", () => {
  const stats = {
    users: 2,
    runs: { running: 1, completed: 1400 },
    series: { n_points: 1_234_567, size_bytes: 2048 },
    disk: { free_bytes: 1_474_560, entries: { "axon.db": 4096 } },
    versions: { "axonml-dashboard": "0.1.0" },
  };

  expect(factsOf(stats)).toEqual([
    { title: "Server", facts: [{ name: "Users", value: "2" }] },
    {
      title: "Runs",
      facts: [
        { name: "Running", value: "1" },
        { name: "Completed", value: "1,400" },
      ],
    },
    {
      title: "Series",
      facts: [
        { name: "Points", value: "1,234,567" },
        { name: "Size", value: "2.0 KiB" },
      ],
    },
    { title: "Disk", facts: [{ name: "Free", value: "1.4 MiB" }] },
    { title: "Disk: entries", facts: [{ name: "axon.db", value: "4.0 KiB" }] },
    { title: "Versions", facts: [{ name: "axonml-dashboard", value: "0.1.0" }] },
  ]);
});
