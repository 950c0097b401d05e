/** How this browser keeps the charts of each project. */
import { onCleanup } from "solid-js";
import { tidied } from "./arrangement";

/** The number changes when what is kept is written in another way. */
const keyOf = (project: string): string => `axonml.charts.1.${project}`;

/** The text that was kept, empty where there is none. */
export function keptArrangement(project: string): string {
  try {
    return tidied(localStorage.getItem(keyOf(project)) ?? "");
  } catch {
    // Storage that is closed: then nothing was kept.
    return "";
  }
}

/** Keep a text; an empty one forgets it. */
export function keepArrangement(project: string, text: string): void {
  try {
    if (text) localStorage.setItem(keyOf(project), text);
    else localStorage.removeItem(keyOf(project));
  } catch {
    // Full or closed storage: the address still has it.
  }
}

/** Be told of what another tab of this browser keeps. */
export function onKept(project: () => string, told: (text: string) => void): void {
  const onStorage = ({ key }: StorageEvent): void => {
    if (key === keyOf(project())) told(keptArrangement(project()));
  };
  window.addEventListener("storage", onStorage);
  onCleanup(() => window.removeEventListener("storage", onStorage));
}
