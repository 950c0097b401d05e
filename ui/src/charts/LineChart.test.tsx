import { fireEvent, render, screen } from "@solidjs/testing-library";
import { beforeEach, expect, test, vi } from "vitest";
import { bandsOf } from "./band";
import { Legend } from "./Legend";
import { LineChart } from "./LineChart";
import type { ChartSeries } from "./series";

const TRAIN: ChartSeries = { label: "loss", x: [0, 1], y: [0.9, 0.5], color: 0 };
const VAL: ChartSeries = { label: "val/loss", x: [1], y: [Number.NaN], color: 1 };

beforeEach(() => {
  // jsdom lays nothing out: the chart stays without a width and draws nothing, which is no matter here.
  vi.stubGlobal(
    "ResizeObserver",
    class {
      observe(): void {}
      disconnect(): void {}
    },
  );
});

test("a screen reader hears what the lines show", () => {
  render(() => <LineChart title="loss" series={[TRAIN, VAL]} />);

  expect(screen.getByRole("img").getAttribute("aria-label")).toBe(
    "loss. loss: 2 points, last 0.5; val/loss: 1 point, last NaN",
  );
});

test("without points it says so", () => {
  render(() => <LineChart title="loss" series={[]} />);

  expect(screen.getByRole("img").getAttribute("aria-label")).toBe("loss. no points yet");
});

test("the legend shows the last values and hides a line by a press", () => {
  render(() => <LineChart title="loss" series={[TRAIN, VAL]} unit="ms" />);
  const entry = screen.getByRole("button", { name: /^loss/ });

  expect(entry.textContent).toContain("0.5 ms");
  expect(entry.getAttribute("aria-pressed")).toBe("true");
  fireEvent.click(entry);

  expect(entry.getAttribute("aria-pressed")).toBe("false");
});

test("the pale raw line behind an average has no entry of its own", () => {
  render(() => <LineChart title="loss" series={[{ ...TRAIN, isFaint: true }, TRAIN]} />);

  expect(screen.getAllByText("loss")).toHaveLength(1);
});

test("under the cursor the legend shows the nearest point, and where that is", () => {
  const shown = (cursor: number | null): string | null =>
    render(() => (
      <Legend
        series={[TRAIN]}
        hidden={new Set()}
        onToggle={() => {}}
        cursor={cursor}
        axis="number"
        unit={undefined}
      />
    )).container.textContent;

  expect(shown(null)).toBe("loss0.5");
  expect(shown(0.2)).toBe("loss0.9at 0");
});

test("under the cursor a thinned line says from where to where it goes there", () => {
  const line: ChartSeries = { ...TRAIN, x: [0, 1, 2, 3], y: [0.9, 0.1, 0.5, 0.4], isThinned: true };
  const shown = (cursor: number | null, series: ChartSeries[]): string | null =>
    render(() => (
      <Legend
        series={series}
        hidden={new Set()}
        onToggle={() => {}}
        cursor={cursor}
        axis="number"
        unit={undefined}
        bands={bandsOf(series, { buckets: 2, isLog: false, isLogX: false })}
      />
    )).container.textContent;

  expect(shown(0.2, [line])).toBe("loss0.90.1..0.9at 0");
  expect(shown(null, [line])).toBe("loss0.4");
  // Also where an average is drawn through it.
  const average = { ...line, y: [0.6, 0.6, 0.6, 0.6], isThinned: false };
  const pale = { ...line, isFaint: true };
  expect(shown(0.2, [pale, average])).toBe("loss0.60.1..0.9at 0");
});

test("below the chart stands what is not drawn: broken points, and what is clipped", () => {
  const steady = Array.from({ length: 200 }, (_, i) => 1 + (i % 10) / 10);
  const y = [...steady, 500, Number.NaN, Number.POSITIVE_INFINITY];
  const line: ChartSeries = { label: "loss", x: y.map((_, i) => i), y, color: 0 };
  render(() => <LineChart title="loss" series={[line]} isClipped />);

  expect(screen.getAllByRole("listitem").map((one) => one.textContent)).toEqual([
    "✕ 1 point is NaN",
    "▲ 1 point is +infinity",
    "1 point above 1.972 not drawn",
  ]);
});
