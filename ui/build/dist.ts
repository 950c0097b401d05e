import { resolve } from "node:path";

/** The folder that vite built into: the same choice as in vite.config.ts. */
export function distFolder(): string {
  return resolve(process.env["AXONML_UI_OUT"] ?? "../src/axonml/web/dist");
}
