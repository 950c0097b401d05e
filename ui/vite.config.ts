import { fileURLToPath } from "node:url";
import solid from "vite-plugin-solid";
import { defineConfig } from "vitest/config";

// The build hook of the Python package names the folder; without it the page goes there as well.
const out = process.env["AXONML_UI_OUT"] ?? "../src/axonml/web/dist";
const server = process.env["AXON_SERVER"] ?? "http://localhost:3000";

export default defineConfig({
  plugins: [solid()],
  resolve: { alias: { "~": fileURLToPath(new URL("./src", import.meta.url)) } },
  build: {
    outDir: out,
    emptyOutDir: true,
    target: "es2022",
    manifest: true,
    // The Content-Security-Policy allows no inline script, and a preload polyfill is one.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    reportCompressedSize: false,
  },
  server: {
    port: 5173,
    proxy: {
      "/api": { target: server, ws: true },
      "/health": server,
      "/axonml.json": server,
    },
  },
  test: {
    // A browser's globals for each file, without a process for each: four times as quick.
    pool: "vmThreads",
    environment: "jsdom",
    environmentOptions: { jsdom: { url: "http://localhost:3000/" } },
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["build/test-setup.ts"],
    testTimeout: 30_000,
    restoreMocks: true,
    unstubGlobals: true,
  },
});
