/** Put a .br and a .gz beside every text file of the built page, for the server to hand out. */
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { distFolder } from "./dist.ts";

const TEXT = /\.(js|css|html|svg|json|txt)$/;
const WORTH_IT_BYTES = 1024;

const dist = distFolder();
for (const name of readdirSync(dist, { recursive: true, encoding: "utf8" })) {
  const path = join(dist, name);
  if (!TEXT.test(name) || name.startsWith(".vite") || statSync(path).size < WORTH_IT_BYTES)
    continue;
  const bytes = readFileSync(path);
  writeFileSync(`${path}.gz`, gzipSync(bytes, { level: 9 }));
  writeFileSync(
    `${path}.br`,
    brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
  );
}
