import { bytesText } from "~/components/Bytes/Bytes";

interface FactGroup {
  title: string;
  facts: { name: string; value: string }[];
}

/** The server's figures as groups to show: nested objects become groups of their own. */
export function factsOf(stats: Record<string, unknown>): FactGroup[] {
  const server: FactGroup = { title: "Server", facts: [] };
  const groups: FactGroup[] = [];
  for (const [name, value] of Object.entries(stats)) {
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      const facts = Object.entries(value).map(([inner, one]) => factOf(inner, one));
      groups.push({ title: wordsOf(name), facts });
    } else {
      server.facts.push(factOf(name, value));
    }
  }
  return [server, ...groups].filter((group) => group.facts.length > 0);
}

function factOf(name: string, value: unknown): { name: string; value: string } {
  if (typeof value !== "number") return { name: wordsOf(name), value: String(value ?? "–") };
  if (name.endsWith("_bytes")) {
    return { name: wordsOf(name.slice(0, -"_bytes".length)), value: bytesText(value) };
  }
  const shown = Intl.NumberFormat("en", { maximumFractionDigits: 1 }).format(value);
  return { name: wordsOf(name), value: shown };
}

function wordsOf(name: string): string {
  const words = name.replaceAll("_per_s", " per second").replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
