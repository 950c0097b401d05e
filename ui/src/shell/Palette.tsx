import { useNavigate } from "@solidjs/router";
import { useQuery } from "@tanstack/solid-query";
import Search from "lucide-solid/icons/search";
import { createEffect, createMemo, createSignal, For, type JSX, onCleanup, Show } from "solid-js";
import { api, unwrap } from "~/api/client";
import { t } from "~/i18n/i18n";
import { useSession } from "~/session/session";
import { chooseTheme } from "~/theme/theme";
import styles from "./Palette.module.css";
import { type Entry, matching } from "./palette-entries";
import { PLACES } from "./places";

const FOUND_AT_MOST = 6;
const TYPING_PAUSE_MS = 150;

/** Go anywhere and do the common things by typing; runs, models and endpoints by their name. */
export default function Palette(props: { open: boolean; onClose: () => void }): JSX.Element {
  const navigate = useNavigate();
  const session = useSession();
  const [text, setText] = createSignal("");
  const [chosen, setChosen] = createSignal(0);
  let dialog: HTMLDialogElement | undefined;

  const go = (href: string) => (): void => navigate(href);
  const fixed: Entry[] = [
    ...PLACES.map((place) => ({ name: t(place.name), kind: "Go to", run: go(place.href) })),
    ...PLACES.flatMap((place) =>
      (place.under ?? []).map((under) => ({
        name: `${t(place.name)}: ${t(under.name)}`,
        kind: "Go to",
        run: go(under.href),
      })),
    ),
    { name: "Start a training run", kind: "Go to", run: go("/training/new") },
    { name: "Upload a model", kind: "Go to", run: go("/models/upload") },
    { name: "Theme: light", kind: "Do", run: () => chooseTheme("light") },
    { name: "Theme: dark", kind: "Do", run: () => chooseTheme("dark") },
    { name: "Theme: as the system", kind: "Do", run: () => chooseTheme("system") },
    { name: "Sign out", kind: "Do", run: () => void session.signOut() },
  ];
  const found = useFound(text, () => props.open, go);
  const entries = createMemo(() => [...matching(fixed, text()), ...found()]);

  createEffect(() => {
    if (props.open && !dialog?.open) {
      setText("");
      setChosen(0);
      dialog?.showModal();
    }
    if (!props.open && dialog?.open) dialog.close();
  });
  createEffect(() => {
    entries();
    setChosen(0);
  });

  const run = (entry: Entry | undefined): void => {
    if (!entry) return;
    props.onClose();
    entry.run();
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const count = entries().length;
    const next = { ArrowDown: chosen() + 1, ArrowUp: chosen() - 1 + count }[event.key];
    if (next !== undefined && count > 0) {
      event.preventDefault();
      setChosen(next % count);
      dialog?.querySelector(`#palette-${chosen()}`)?.scrollIntoView({ block: "nearest" });
    }
    if (event.key === "Enter") {
      event.preventDefault();
      run(entries()[chosen()]);
    }
  };

  return (
    <dialog
      ref={(element) => {
        dialog = element;
      }}
      class={styles.palette}
      aria-label="Command palette"
      onClose={() => {
        if (props.open) props.onClose();
      }}
      onClick={(event) => {
        if (event.target === dialog) props.onClose();
      }}
    >
      <div class={styles.line}>
        <Search size={18} aria-hidden="true" />
        <input
          class={styles.input}
          role="combobox"
          aria-label="Search pages, runs, models, endpoints"
          aria-controls="palette-list"
          aria-expanded="true"
          aria-activedescendant={entries().length > 0 ? `palette-${chosen()}` : undefined}
          placeholder="Search pages, runs, models, endpoints…"
          autocomplete="off"
          spellcheck={false}
          value={text()}
          onInput={(event) => setText(event.currentTarget.value)}
          onKeyDown={onKeyDown}
        />
        <kbd>Esc</kbd>
      </div>
      <div id="palette-list" class={styles.list} role="listbox" aria-label="Results">
        <For each={entries()}>
          {(entry, index) => (
            <div
              id={`palette-${index()}`}
              class={styles.entry}
              role="option"
              aria-selected={index() === chosen()}
              onPointerMove={() => setChosen(index())}
              onClick={() => run(entry)}
            >
              <span class={styles.name}>{entry.name}</span>
              <span class={styles.kind}>{entry.kind}</span>
            </div>
          )}
        </For>
      </div>
      <Show when={entries().length === 0}>
        <p class={styles.none}>Nothing of that name.</p>
      </Show>
    </dialog>
  );
}

/** Runs, models and endpoints whose name contains the text, asked of the server after a pause. */
function useFound(
  text: () => string,
  isOpen: () => boolean,
  go: (href: string) => () => void,
): () => Entry[] {
  const [asked, setAsked] = createSignal("");
  createEffect(() => {
    const wanted = text().trim();
    const timer = setTimeout(() => setAsked(wanted), TYPING_PAUSE_MS);
    onCleanup(() => clearTimeout(timer));
  });
  const query = useQuery(() => ({
    queryKey: ["palette", asked()],
    enabled: isOpen() && asked().length > 0,
    queryFn: async (): Promise<{ name: string; kind: string; href: string }[]> => {
      const search = { params: { query: { q: asked(), limit: FOUND_AT_MOST } } };
      const [runs, models, endpoints] = await Promise.all([
        unwrap(api.GET("/api/training/runs", search)),
        unwrap(api.GET("/api/models", search)),
        unwrap(api.GET("/api/inference/endpoints")),
      ]);
      const lower = asked().toLowerCase();
      return [
        ...runs.items.map((run) => ({ name: run.name, kind: "Run", href: `/training/${run.id}` })),
        ...models.items.map((model) => ({
          name: model.name,
          kind: "Model",
          href: `/models/${model.id}`,
        })),
        ...endpoints.items
          .filter((endpoint) => endpoint.name.toLowerCase().includes(lower))
          .slice(0, FOUND_AT_MOST)
          .map((endpoint) => ({
            name: endpoint.name,
            kind: "Endpoint",
            href: `/inference/endpoints?id=${endpoint.id}`,
          })),
      ];
    },
  }));
  return () =>
    asked() === "" || !query.isSuccess
      ? []
      : query.data.map((one) => ({ name: one.name, kind: one.kind, run: go(one.href) }));
}
