import { useNavigate } from "@solidjs/router";
import { createEffect, createSignal, type JSX, lazy, onCleanup, Show, Suspense } from "solid-js";
import { onHotkey, useHotkeys } from "~/hotkeys/hotkeys";
import { t } from "~/i18n/i18n";
import { isAskingForProof } from "~/session/proof";
import { PLACES } from "./places";

// Fetched at first use: most visits open neither.
const Palette = lazy(() => import("./Palette"));
const ShortcutSheet = lazy(() => import("./ShortcutSheet"));
const ProofModal = lazy(() => import("~/session/ProofModal"));

type Overlay = "palette" | "sheet" | null;

const [overlay, setOverlay] = createSignal<Overlay>(null);

/** Open the palette: the search button of the top bar does. */
export function openPalette(): void {
  setOverlay("palette");
}

/** What lies over the pages, and the keys that work on all of them. */
export function Overlays(): JSX.Element {
  const navigate = useNavigate();
  useHotkeys([
    {
      keys: "mod+k",
      description: "Search and go anywhere",
      run: () => setOverlay(overlay() === "palette" ? null : "palette"),
    },
    { keys: "?", description: "Show these shortcuts", run: () => setOverlay("sheet") },
    ...PLACES.map((place) => ({
      keys: `g ${place.key}`,
      description: `Go to ${t(place.name)}`,
      run: () => navigate(place.href),
    })),
  ]);
  document.addEventListener("keydown", onHotkey);
  onCleanup(() => document.removeEventListener("keydown", onHotkey));
  // Once opened they stay, closed, so that the dialog element can give the focus back.
  const seen = new Set<Overlay>();
  const wasOpened = (one: Overlay): boolean => {
    if (overlay() === one) seen.add(one);
    return seen.has(one);
  };
  const [wasAsked, setWasAsked] = createSignal(false);
  createEffect(() => {
    if (isAskingForProof()) setWasAsked(true);
  });
  return (
    <Suspense>
      <Show when={wasAsked()}>
        <ProofModal />
      </Show>
      <Show when={wasOpened("palette")}>
        <Palette open={overlay() === "palette"} onClose={() => setOverlay(null)} />
      </Show>
      <Show when={wasOpened("sheet")}>
        <ShortcutSheet open={overlay() === "sheet"} onClose={() => setOverlay(null)} />
      </Show>
    </Suspense>
  );
}
