/** Uploads that were begun in this browser and are not over: where to go on with the same file. */

export interface Unfinished {
  url: string;
  model_id: string;
  model_name: string;
  filename: string;
  size: number;
  modified: number;
}

/** Signing out clears everything below `axonml.`. */
const PREFIX = "axonml.upload.";

/** What tells a file from others without reading it, with the model that it goes to. */
export function keyOf(modelId: string, file: File): string {
  return `${PREFIX}${modelId}.${file.size}.${file.lastModified}.${file.name}`;
}

export function remember(key: string, upload: Unfinished): void {
  try {
    localStorage.setItem(key, JSON.stringify(upload));
  } catch {
    // A full or forbidden store: the upload works, it cannot be taken up after a reload.
  }
}

export function forget(key: string): void {
  localStorage.removeItem(key);
}

export function remembered(key: string): Unfinished | null {
  try {
    return JSON.parse(localStorage.getItem(key) ?? "null") as Unfinished | null;
  } catch {
    return null;
  }
}

/** All of them, by key. */
export function allRemembered(): { key: string; upload: Unfinished }[] {
  const keys = Array.from({ length: localStorage.length }, (_, at) => localStorage.key(at) ?? "");
  return keys
    .filter((key) => key.startsWith(PREFIX))
    .flatMap((key) => {
      const upload = remembered(key);
      return upload ? [{ key, upload }] : [];
    });
}
