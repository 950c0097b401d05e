import { createSignal } from "solid-js";

/** The languages there are, by their tag and own name. */
export const LOCALES = { en: "English", de: "Deutsch" } as const;
export type Locale = keyof typeof LOCALES;

const KEY = "axonml.locale";

function first(): Locale {
  let wanted: string | null = null;
  try {
    wanted = localStorage.getItem(KEY);
  } catch {
    // Storage may be forbidden: the browser's language holds.
  }
  return (wanted ?? navigator.language).startsWith("de") ? "de" : "en";
}

const [locale, setLocale] = createSignal<Locale>(first());

/** The language that shows now. */
export const currentLocale = locale;

/** Choose a language and keep it for the next visit. */
export function chooseLocale(next: Locale): void {
  setLocale(next);
  document.documentElement.lang = next;
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // The choice then holds until the page is closed.
  }
}
