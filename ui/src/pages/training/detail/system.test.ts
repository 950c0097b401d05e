import { describe, expect, test } from "vitest";
import { runAxis } from "./axes";
import { chartGroups, isSystem } from "./chart-groups";
import { systemUnit } from "./system";

/** What the SDK logs of a machine with two GPUs. */
const LOGGED = [
  "gpu_util",
  "memory_mb",
  "system/cpu",
  "system/disk_read_mb_s",
  "system/disk_used",
  "system/disk_write_mb_s",
  "system/gpu.0.memory_mb",
  "system/gpu.0.power_w",
  "system/gpu.0.temperature_c",
  "system/gpu.0.util",
  "system/gpu.1.util",
  "system/memory_mb",
  "system/net_recv_mb_s",
  "system/net_sent_mb_s",
  "system/process.count",
  "system/process.cpu",
];

describe("where the machine's figures are shown", () => {
  test("each has a chart that says in words what it is, and a chart has all GPUs", () => {
    const groups = chartGroups(LOGGED);

    expect(
      Object.fromEntries(groups.map((one) => [one.title, one.charts.map((c) => c.title)])),
    ).toEqual({
      GPU: ["GPU memory", "GPU power", "GPU temperature", "GPU use"],
      Script: ["CPU of the script", "Memory of the script", "Processes of the script"],
      "Whole machine": [
        "CPU",
        "Disk reads",
        "Disk space used",
        "Disk writes",
        "Memory",
        "Network received",
        "Network sent",
      ],
    });
    expect(groups[0]?.charts.find((one) => one.title === "GPU use")?.names).toEqual([
      "gpu_util",
      "system/gpu.0.util",
      "system/gpu.1.util",
    ]);
  });

  test("what a script logs beside the SDK keeps its name", () => {
    expect(chartGroups(["system/fan", "sys/load", "gpu.clock"])).toEqual([
      {
        title: "Whole machine",
        charts: [
          { title: "fan", names: ["system/fan"] },
          { title: "load", names: ["sys/load"] },
        ],
      },
      { title: "GPU", charts: [{ title: "gpu.clock", names: ["gpu.clock"] }] },
    ]);
    expect(["loss", "gpu_utility", "system", "val/cpu"].filter(isSystem)).toEqual([]);
  });

  test("they are drawn by the clock unless another axis is chosen or defined", () => {
    const axisOf = (chosen: string, name: string): string =>
      runAxis(chosen, name, { "system/fan": { step_metric: "rpm" } }, ["rpm"]).label;

    expect([axisOf("", "system/cpu"), axisOf("", "loss")]).toEqual(["Clock", "Step"]);
    expect([axisOf("step", "system/cpu"), axisOf("", "system/fan")]).toEqual(["Step", "rpm"]);
  });
});

describe("the units of the machine's figures", () => {
  const nameOf = (name: string, highest: number): string | undefined =>
    systemUnit(name, highest)?.name;

  test("follow from how the SDK names them", () => {
    expect(Object.fromEntries(LOGGED.map((name) => [name, nameOf(name, 1)]))).toEqual({
      gpu_util: "%",
      memory_mb: "MiB",
      "system/cpu": "%",
      "system/disk_read_mb_s": "MiB/s",
      "system/disk_used": "%",
      "system/disk_write_mb_s": "MiB/s",
      "system/gpu.0.memory_mb": "MiB",
      "system/gpu.0.power_w": "W",
      "system/gpu.0.temperature_c": "°C",
      "system/gpu.0.util": "%",
      "system/gpu.1.util": "%",
      "system/memory_mb": "MiB",
      "system/net_recv_mb_s": "MiB/s",
      "system/net_sent_mb_s": "MiB/s",
      "system/process.count": undefined,
      "system/process.cpu": "%",
    });
  });

  test("grow with the values, so that numbers stay short", () => {
    expect([1_023, 9_000].map((most) => nameOf("system/memory_mb", most))).toEqual(["MiB", "GiB"]);
    expect([0.02, 5, 3_000].map((most) => nameOf("system/net_sent_mb_s", most))).toEqual([
      "KiB/s",
      "MiB/s",
      "GiB/s",
    ]);
  });

  test("are none where a script logged per cent under the name of a share, and for a model's metric", () => {
    expect(nameOf("gpu_util", 87)).toBeUndefined();
    expect(nameOf("memory_of_lstm_mb_s", 1)).toBeUndefined();
  });
});
