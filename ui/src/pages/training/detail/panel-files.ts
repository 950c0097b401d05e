/** A chart as a file: loaded when somebody saves the first one. */
import { csvOf, saveFile, savePicture } from "~/charts/export";
import { seriesColor } from "~/charts/options";
import { svgOf } from "~/charts/svg";
import { tokenColor } from "~/theme/theme";
import type { PanelLines, PanelSource } from "./panel-lines";

export type FileKind = "PNG" | "SVG" | "CSV";

/** Save a chart as it is drawn now; a picture of points needs the canvas that shows it. */
export function saveChart(
  kind: FileKind,
  source: PanelSource,
  panel: PanelLines,
  canvas: HTMLCanvasElement | undefined,
): void {
  const name = `${source.runName} ${source.spec.title}`.replaceAll(/[^\w.-]+/g, "_");
  switch (kind) {
    case "PNG":
      if (canvas) savePicture(`${name}.png`, canvas, tokenColor("--surface"));
      return;
    case "SVG":
      saveFile(`${name}.svg`, new Blob([svg(source, panel)], { type: "image/svg+xml" }));
      return;
    case "CSV":
      saveFile(`${name}.csv`, new Blob([csv(panel)], { type: "text/csv" }));
  }
}

function csv(panel: PanelLines): string {
  return csvOf(panel.axis().metric ?? panel.axis().value, panel.drawn().lines);
}

function svg(source: PanelSource, panel: PanelLines): string {
  return svgOf(panel.drawn().lines, {
    title: source.spec.title,
    xLabel: panel.axis().label,
    xText: panel.xText,
    isLog: source.view.isLog(),
    isLogX: panel.isLogX(),
    isClipped: source.view.isClipped(),
    color: seriesColor,
    ink: tokenColor("--ink"),
    grid: tokenColor("--chart-grid"),
    background: tokenColor("--surface"),
  });
}
