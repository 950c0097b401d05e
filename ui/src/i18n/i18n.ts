/** The page's words. English is built in; another language is fetched when it is chosen. */
import { createSignal } from "solid-js";
import { en } from "./en";

export type Phrase = keyof typeof en;
export type Locale = "en" | "de";

/** The languages there are, by their own names. */
export const LOCALES: readonly { tag: Locale; name: string }[] = [
  { tag: "en", name: "English" },
  { tag: "de", name: "Deutsch" },
];

const KEY = "axonml.locale";

const [locale, setLocale] = createSignal<Locale>("en");
const [phrases, setPhrases] = createSignal<Record<Phrase, string>>(en);

/** The language that shows now. */
export const currentLocale = locale;

/** The phrase in the language that shows, with `{name}` replaced by `values.name`. */
export function t(phrase: Phrase, values: Record<string, string | number> = {}): string {
  return phrases()[phrase].replaceAll(/\{(\w+)\}/g, (whole, name: string) =>
    String(values[name] ?? whole),
  );
}

/** Show the language that was chosen before, or else the browser's. */
export async function startLocale(): Promise<void> {
  let chosen: string | null = null;
  try {
    chosen = localStorage.getItem(KEY);
  } catch {
    // Storage may be forbidden: the browser's language holds.
  }
  await show((chosen ?? navigator.language).startsWith("de") ? "de" : "en");
}

/** Choose a language and keep it for the next visit. */
export async function chooseLocale(next: Locale): Promise<void> {
  await show(next);
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // The choice then holds until the page is closed.
  }
}

async function show(next: Locale): Promise<void> {
  const words = next === "de" ? (await import("./de")).de : en;
  setPhrases(words);
  setLocale(next);
  document.documentElement.lang = next;
}
