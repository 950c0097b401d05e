import { bytesText } from "~/components/Bytes/Bytes";

export interface FactGroup {
  title: string;
  facts: { name: string; value: string }[];
}

/** The server's figures as groups to show: every object within becomes a group of its own. */
export function factsOf(stats: object, title = "Server"): FactGroup[] {
  const own: FactGroup = { title, facts: [] };
  const inner: FactGroup[] = [];
  for (const [name, value] of Object.entries(stats)) {
    if (typeof value === "object" && value !== null) {
      const words = wordsOf(name);
      inner.push(
        ...factsOf(value, title === "Server" ? words : `${title}: ${words.toLowerCase()}`),
      );
    } else {
      // A folder's entries are sizes too, but carry the names of files.
      const isSize = name.endsWith("_bytes") || title.startsWith("Disk");
      own.facts.push({ name: wordsOf(name), value: textOf(name, value, isSize) });
    }
  }
  return [own, ...inner].filter((group) => group.facts.length > 0);
}

function textOf(name: string, value: unknown, isSize: boolean): string {
  if (typeof value === "number") {
    return isSize ? bytesText(value) : Intl.NumberFormat("en").format(value);
  }
  if (typeof value === "string" && name.endsWith("_at")) {
    const format = new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short" });
    return format.format(Date.parse(value));
  }
  return String(value ?? "–");
}

function wordsOf(name: string): string {
  const words = name
    .replace(/^n_/, "")
    .replace(/_bytes$/, "")
    .replace(/_at$/, "");
  // Names of files and packages stay as they are.
  if (/[.-]/.test(words)) return words;
  const spaced = words.replaceAll("_", " ");
  return spaced.charAt(0).toUpperCase() + spaced.slice(1);
}
