/** How this browser keeps the charts of each project. */

/** The number changes when what is kept is written in another way. */
const keyOf = (project: string): string => `axonml.charts.1.${project}`;

/** The text that was kept, empty where there is none. */
export function keptArrangement(project: string): string {
  try {
    return localStorage.getItem(keyOf(project)) ?? "";
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
