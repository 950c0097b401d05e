import type { SavedView } from "~/api/types";
import Bookmark from "lucide-solid/icons/bookmark";
import Pencil from "lucide-solid/icons/pencil";
import Save from "lucide-solid/icons/save";
import Trash from "lucide-solid/icons/trash";
import Users from "lucide-solid/icons/users";
import { createSignal, For, type JSX, Show } from "solid-js";
import { Button } from "~/components/Button/Button";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Popover } from "~/components/Popover/Popover";
import { useSession } from "~/session/session";
import { Ask, type Question } from "./Ask";
import { settled } from "~/api/settled";
import chooser from "./chooser.module.css";
import styles from "./views.module.css";
import { changeView, deleteView, saveView, useSavedViews, type ViewPath } from "./views";

export interface ViewsMenuProps {
  path: ViewPath;
  /** The view as it is now, as text of an address. */
  search: string;
  onOpen: (search: string) => void;
}

const NOTHING_KEPT: Record<ViewPath, string> = {
  "/training": "A view keeps the filter, the order, the groups and the columns under a name.",
  "/training?compare=":
    "A view keeps the runs, the tab and how each of them is drawn under a name.",
};

/** Views with a name: opened, saved, shared with everyone here, renamed, deleted. */
export function ViewsMenu(props: ViewsMenuProps): JSX.Element {
  const [question, setQuestion] = createSignal<Question>();
  const views = useSavedViews(props.path);
  const current = (): SavedView | undefined =>
    settled(views)?.find((view) => view.query === props.search);
  return (
    <>
      <Popover
        label="Saved views"
        align="end"
        panelClass={chooser.panel}
        trigger={
          <>
            <Bookmark size={15} /> <span>{current()?.name ?? "Views"}</span>
          </>
        }
      >
        {(close) => (
          <>
            <Show when={views.isError}>
              <ErrorNotice error={views.error} onRetry={() => void views.refetch()} />
            </Show>
            <Show when={settled(views)?.length === 0}>
              <p class={styles.none}>{NOTHING_KEPT[props.path]}</p>
            </Show>
            <ul class={styles.list}>
              <For each={settled(views) ?? []}>
                {(view) => (
                  <ViewLine
                    view={view}
                    isCurrent={view.id === current()?.id}
                    search={props.search}
                    onOpen={() => {
                      close();
                      props.onOpen(view.query);
                    }}
                    onRename={() =>
                      setQuestion({
                        title: "Rename",
                        label: "Name",
                        value: view.name,
                        known: [],
                        run: (name) => void changeView(view.id, { name }),
                      })
                    }
                  />
                )}
              </For>
            </ul>
            <footer class={chooser.foot}>
              <Button
                size="small"
                variant="ghost"
                icon={<Save size={14} />}
                onClick={() => {
                  close();
                  setQuestion({
                    title: "Save the view",
                    label: "Name",
                    known: [],
                    run: (name) =>
                      void saveView({
                        name,
                        path: props.path,
                        query: props.search,
                        visibility: "private",
                      }),
                  });
                }}
              >
                Save what is shown
              </Button>
            </footer>
          </>
        )}
      </Popover>
      <Ask question={question()} onClose={() => setQuestion(undefined)} />
    </>
  );
}

interface ViewLineProps {
  view: SavedView;
  isCurrent: boolean;
  search: string;
  onOpen: () => void;
  onRename: () => void;
}

function ViewLine(props: ViewLineProps): JSX.Element {
  const session = useSession();
  const isOwn = (): boolean => props.view.user_id === session.user()?.id;
  const isShared = (): boolean => props.view.visibility === "team";
  return (
    <li class={styles.line} classList={{ [styles.current ?? ""]: props.isCurrent }}>
      <button type="button" class={styles.open} onClick={() => props.onOpen()}>
        {props.view.name}
        <Show when={!isOwn()}>
          <span class={styles.whose}>shared</span>
        </Show>
      </button>
      <Show when={isOwn()}>
        <Show when={!props.isCurrent}>
          <button
            type="button"
            class={chooser.tool}
            title="Save what is shown under this name"
            aria-label={`Save what is shown as ${props.view.name}`}
            onClick={() => void changeView(props.view.id, { query: props.search })}
          >
            <Save size={14} />
          </button>
        </Show>
        <button
          type="button"
          class={chooser.tool}
          title={isShared() ? "Shared with everyone here" : "Share with everyone here"}
          aria-label={`Share ${props.view.name}`}
          aria-pressed={isShared()}
          onClick={() =>
            void changeView(props.view.id, { visibility: isShared() ? "private" : "team" })
          }
        >
          <Users size={14} />
        </button>
        <button
          type="button"
          class={chooser.tool}
          aria-label={`Rename ${props.view.name}`}
          onClick={() => props.onRename()}
        >
          <Pencil size={14} />
        </button>
        <button
          type="button"
          class={chooser.tool}
          aria-label={`Delete ${props.view.name}`}
          onClick={() => void deleteView(props.view)}
        >
          <Trash size={14} />
        </button>
      </Show>
    </li>
  );
}
