import { cleanup } from "@solidjs/testing-library";
import { afterEach } from "vitest";

// jsdom has no media queries; uPlot asks for the pixel ratio by one as soon as it is imported.
window.matchMedia ??= (query: string): MediaQueryList =>
  Object.assign(new EventTarget(), {
    matches: false,
    media: query,
    onchange: null,
    addListener: () => {},
    removeListener: () => {},
  });

afterEach(cleanup);
