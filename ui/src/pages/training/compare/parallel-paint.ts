import { tokenColor } from "~/theme/theme";
import type { RunLook } from "./looks";
import { type Axis, axisX, pixelY } from "./parallel";
import { valueOf } from "./tint";

export interface Picture {
  axes: readonly Axis[];
  looks: readonly RunLook[];
  isWithin: (look: RunLook) => boolean;
  paint: (look: RunLook) => string;
  hovered: string | null;
  width: number;
  height: number;
}

/** Draw the lines of all runs: those within every brush over the others, the pointed one on top. */
export function drawLines(canvas: HTMLCanvasElement, picture: Picture): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  const { width, height, looks, hovered } = picture;
  canvas.width = Math.round(width * devicePixelRatio);
  canvas.height = Math.round(height * devicePixelRatio);
  context.setTransform(devicePixelRatio, 0, 0, devicePixelRatio, 0, 0);
  context.clearRect(0, 0, width, height);
  const pale = tokenColor("--line");
  for (const look of looks) if (!picture.isWithin(look)) stroke(context, picture, look, pale, 1);
  context.globalAlpha = hovered === null ? 0.85 : 0.3;
  for (const look of looks) {
    if (picture.isWithin(look)) stroke(context, picture, look, picture.paint(look), 1.6);
  }
  context.globalAlpha = 1;
  const pointed = looks.find((look) => look.run.id === hovered);
  if (pointed) stroke(context, picture, pointed, picture.paint(pointed), 3.5);
}

function stroke(
  context: CanvasRenderingContext2D,
  { axes, width, height }: Picture,
  look: RunLook,
  color: string,
  thickness: number,
): void {
  context.strokeStyle = color;
  context.fillStyle = color;
  context.lineWidth = thickness;
  context.beginPath();
  let isDown = false;
  for (const [at, { field, scale }] of axes.entries()) {
    const place = scale.place(valueOf(field, look));
    if (place === null) {
      isDown = false; // a gap: the run has no such value
    } else {
      const [x, y] = [axisX(at, axes.length, width), pixelY(place, height)];
      if (isDown) context.lineTo(x, y);
      else context.moveTo(x, y);
      isDown = true;
    }
  }
  context.stroke();
}
