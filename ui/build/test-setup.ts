import { cleanup, configure } from "@solidjs/testing-library";
import { afterEach, vi } from "vitest";

// jsdom has no media queries; uPlot asks for the pixel ratio by one as soon as it is imported.
window.matchMedia ??= (query: string): MediaQueryList =>
  Object.assign(new EventTarget(), {
    matches: false,
    media: query,
    onchange: null,
    addListener: () => {},
    removeListener: () => {},
  });

// A busy machine is slow, not wrong: what is waited for may take its time.
const PATIENCE_MS = 15_000;
configure({ asyncUtilTimeout: PATIENCE_MS });
const { waitFor } = vi;
vi.waitFor = (callback, options) =>
  waitFor(callback, typeof options === "number" ? options : { timeout: PATIENCE_MS, ...options });

afterEach(cleanup);
