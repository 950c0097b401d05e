/** Weigh the JavaScript that each page loads, gzipped; fail when a page is over its budget. */
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { distFolder } from "./dist.ts";

interface Chunk {
  file: string;
  isEntry?: boolean;
  imports?: string[];
}

const BUDGET_KB = 120;

const dist = distFolder();
const manifest = JSON.parse(readFileSync(join(dist, ".vite/manifest.json"), "utf8")) as Record<
  string,
  Chunk
>;

function withImports(key: string, into = new Set<string>()): Set<string> {
  const chunk = manifest[key];
  if (!chunk || into.has(chunk.file)) return into;
  into.add(chunk.file);
  for (const name of chunk.imports ?? []) withImports(name, into);
  return into;
}

const entry = Object.keys(manifest).filter((key) => manifest[key]?.isEntry);
const weights = new Map<string, number>();
const weigh = (file: string): number => {
  const known = weights.get(file);
  if (known !== undefined) return known;
  const size = gzipSync(readFileSync(join(dist, file)), { level: 9 }).length;
  weights.set(file, size);
  return size;
};

// The manifest has done its work: nobody needs to download it.
rmSync(join(dist, ".vite"), { recursive: true });

let over = 0;
for (const page of Object.keys(manifest).filter((key) => /^src\/pages\/.*page\.tsx$/.test(key))) {
  const files = new Set<string>();
  for (const key of [...entry, page]) withImports(key, files);
  const kb =
    [...files].filter((f) => f.endsWith(".js")).reduce((sum, f) => sum + weigh(f), 0) / 1000;
  const name = page.replace("src/pages/", "").replace("/page.tsx", "");
  console.log(`${kb.toFixed(1).padStart(7)} kB  ${name}`);
  if (kb > BUDGET_KB) over += 1;
}
if (over > 0) {
  console.error(`${over} page(s) load more than ${BUDGET_KB} kB of gzipped JavaScript`);
  process.exit(1);
}
