/** Take a chart away: as a picture, or as a table of numbers. */
import type { ChartSeries } from "./series";

/** RFC 4180: one row for each x, one column for each line; a cell is empty where a line has no point. */
export function csvOf(xLabel: string, series: readonly ChartSeries[]): string {
  const lines = series.filter((one) => !one.isFaint);
  const rows = new Map<number, string[]>();
  for (const [column, line] of lines.entries()) {
    for (let i = 0; i < line.x.length; i += 1) {
      const x = line.x[i] ?? 0;
      let row = rows.get(x);
      if (!row) {
        row = lines.map(() => "");
        rows.set(x, row);
      }
      row[column] = String(line.y[i]);
    }
  }
  const head = [xLabel, ...lines.map((line) => line.label)].map(quoted).join(",");
  const body = [...rows]
    .toSorted(([a], [b]) => a - b)
    .map(([x, values]) => [String(x), ...values].join(","));
  return [head, ...body, ""].join("\r\n");
}

/** A cell. A text that a spreadsheet would run as a formula is made plain. */
function quoted(text: string): string {
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Let the browser save a file. */
export function saveFile(name: string, content: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1_000);
}

/** Save the chart's picture on `background`, as it shows now. */
export function savePicture(name: string, canvas: HTMLCanvasElement, background: string): void {
  const copy = document.createElement("canvas");
  copy.width = canvas.width;
  copy.height = canvas.height;
  const context = copy.getContext("2d");
  if (!context) return;
  context.fillStyle = background;
  context.fillRect(0, 0, copy.width, copy.height);
  context.drawImage(canvas, 0, 0);
  copy.toBlob((blob) => {
    if (blob) saveFile(name, blob);
  });
}
