import { createSignal } from "solid-js";

/** What the user chose; `system` follows the machine. */
export type ThemeChoice = "light" | "dark" | "system";

const KEY = "axonml.theme";
const system = window.matchMedia?.("(prefers-color-scheme: dark)");

function stored(): ThemeChoice {
  try {
    const value = localStorage.getItem(KEY);
    return value === "light" || value === "dark" ? value : "system";
  } catch {
    return "system";
  }
}

const [choice, setChoice] = createSignal<ThemeChoice>(stored());
const [systemIsDark, setSystemIsDark] = createSignal(system?.matches ?? false);
system?.addEventListener("change", (event) => {
  setSystemIsDark(event.matches);
  paint();
});

/** The theme the user chose. */
export const themeChoice = choice;

/** The theme that is painted: a chart redraws when this changes. */
export const theme = (): "light" | "dark" => {
  const chosen = choice();
  if (chosen !== "system") return chosen;
  return systemIsDark() ? "dark" : "light";
};

/** Choose a theme, paint it and keep it for the next visit. */
export function chooseTheme(next: ThemeChoice): void {
  setChoice(next);
  try {
    if (next === "system") localStorage.removeItem(KEY);
    else localStorage.setItem(KEY, next);
  } catch {
    // Storage may be forbidden: the choice then holds until the page is closed.
  }
  paint();
}

function paint(): void {
  document.documentElement.dataset["theme"] = theme();
}

/** The painted value of a colour token, for canvases: `tokenColor("--series-1")`. */
export function tokenColor(token: `--${string}`): string {
  return getComputedStyle(document.documentElement).getPropertyValue(token).trim();
}
