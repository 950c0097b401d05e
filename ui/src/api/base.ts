/** Where the API is. The page asks its own server once, since it may come from another port. */

let base = "";

/** Ask the page's server where the API is; without an answer it is where the page came from. */
export async function loadApiBase(): Promise<void> {
  try {
    const response = await fetch("/axonml.json");
    const settings: unknown = response.ok ? await response.json() : {};
    if (typeof settings === "object" && settings !== null && "api" in settings) {
      base = typeof settings.api === "string" ? settings.api.replace(/\/$/, "") : "";
    }
  } catch {
    // The server is away for the moment; the address we came from is the best guess.
  }
}

/** The absolute address of an API path, for `fetch` and download links. */
export function apiUrl(path: string): string {
  return new URL(base + path, location.origin).href;
}

/** The same for WebSockets. */
export function socketUrl(path: string): string {
  return apiUrl(path).replace(/^http/, "ws");
}
