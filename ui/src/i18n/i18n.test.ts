import { afterEach, expect, test } from "vitest";
import { de } from "./de";
import { en } from "./en";
import { chooseLocale, currentLocale, startLocale, t } from "./i18n";

afterEach(() => {
  localStorage.clear();
  return chooseLocale("en");
});

test("a phrase takes its values", () => {
  expect(t("login.wait", { seconds: 3 })).toBe("Wait 3 s");
});

test("a chosen language shows, and is there again at the next visit", async () => {
  await chooseLocale("de");
  expect(t("login.title")).toBe("Anmelden");

  await chooseLocale("en");
  localStorage.setItem("axonml.locale", "de");
  await startLocale();

  expect(currentLocale()).toBe("de");
  expect(document.documentElement.lang).toBe("de");
});

test("both languages ask for the same values", () => {
  const holes = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).toSorted();
  const asked = (words: Record<string, string>): object =>
    Object.fromEntries(Object.entries(words).map(([phrase, text]) => [phrase, holes(text)]));
  expect(asked(de)).toEqual(asked(en));
});
