import { useNavigate } from "@solidjs/router";
import Download from "lucide-solid/icons/download";
import FolderInput from "lucide-solid/icons/folder-input";
import GitCompare from "lucide-solid/icons/git-compare";
import RotateCcw from "lucide-solid/icons/rotate-ccw";
import Square from "lucide-solid/icons/square";
import Tag from "lucide-solid/icons/tag";
import Trash from "lucide-solid/icons/trash";
import X from "lucide-solid/icons/x";
import { createSignal, type JSX, Show } from "solid-js";
import type { Run } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { Modal } from "~/components/Modal/Modal";
import { isActive } from "../run-actions";
import { Ask, type Question } from "./Ask";
import { actOn } from "./bulk";
import styles from "./page.module.css";
import type { Selection } from "./selection";

const MOST_COMPARED = 100;

export interface BulkBarProps {
  /** The runs that are read, in order. */
  runs: readonly Run[];
  live: (run: Run) => Run;
  selection: Selection;
  /** Projects to move runs to. */
  projects: readonly string[];
  isTrash: boolean;
  /** How many runs the view has; undefined where not all of them can be chosen. */
  total: number | undefined;
  /** Read on until all are there, then choose them. */
  onAll: () => void;
  onExport: (ids: readonly string[]) => void;
}

/** What can be done with all the runs that are chosen. */
export function BulkBar(props: BulkBarProps): JSX.Element {
  const navigate = useNavigate();
  const [isSure, setSure] = createSignal(false);
  const [question, setQuestion] = createSignal<Question>();
  const ids = (): string[] => [...props.selection.ids()];
  const active = (): string[] =>
    props.runs
      .filter((run) => props.selection.has(run.id) && isActive(props.live(run)))
      .map((run) => run.id);
  const tags = (): string[] => [
    ...new Set(props.runs.filter((run) => props.selection.has(run.id)).flatMap((run) => run.tags)),
  ];
  const compare = (): void => navigate(`/training?compare=${ids().join(",")}`);
  const finish = (action: "delete" | "restore" | "purge"): void => {
    const runs = ids();
    props.selection.clear();
    void actOn({ action, runs });
  };
  const ask = (action: "tag" | "untag" | "move", title: string, known: readonly string[]): void => {
    const label = action === "move" ? "Project" : "Tag";
    const run = (value: string): void => void actOn({ action, runs: ids(), value });
    setQuestion({ title, label, known, run });
  };
  return (
    <div class={styles.bulk} role="region" aria-label="Selected runs">
      <strong>{props.selection.count().toLocaleString("en")} selected</strong>
      <Show when={props.total !== undefined && props.total > props.selection.count()}>
        <Button size="small" variant="ghost" onClick={() => props.onAll()}>
          Select all {props.total?.toLocaleString("en")}
        </Button>
      </Show>
      <Show
        when={!props.isTrash}
        fallback={
          <>
            <Button size="small" icon={<RotateCcw size={14} />} onClick={() => finish("restore")}>
              Restore
            </Button>
            <Button
              size="small"
              variant="danger"
              icon={<Trash size={14} />}
              onClick={() => setSure(true)}
            >
              Delete for good
            </Button>
          </>
        }
      >
        <Button
          size="small"
          icon={<GitCompare size={14} />}
          disabled={ids().length < 2 || ids().length > MOST_COMPARED}
          title={`Compare 2 to ${MOST_COMPARED} runs`}
          onClick={compare}
        >
          Compare
        </Button>
        <Show when={active().length > 0}>
          <Button
            size="small"
            icon={<Square size={14} />}
            onClick={() => void actOn({ action: "stop", runs: active() })}
          >
            Stop {active().length}
          </Button>
        </Show>
        <Button size="small" icon={<Tag size={14} />} onClick={() => ask("tag", "Add a tag", [])}>
          Tag
        </Button>
        <Show when={tags().length > 0}>
          <Button size="small" onClick={() => ask("untag", "Take a tag away", tags())}>
            Untag
          </Button>
        </Show>
        <Button
          size="small"
          icon={<FolderInput size={14} />}
          onClick={() => ask("move", "Move to a project", props.projects)}
        >
          Move
        </Button>
        <Button size="small" icon={<Download size={14} />} onClick={() => props.onExport(ids())}>
          CSV
        </Button>
        <Button
          size="small"
          variant="danger"
          icon={<Trash size={14} />}
          onClick={() => finish("delete")}
        >
          Delete
        </Button>
      </Show>
      <Button
        size="small"
        variant="ghost"
        aria-label="Clear the selection"
        icon={<X size={16} />}
        onClick={() => props.selection.clear()}
      />
      <Modal
        open={isSure()}
        onClose={() => setSure(false)}
        title="Delete for good?"
        actions={
          <>
            <Button variant="ghost" onClick={() => setSure(false)}>
              Cancel
            </Button>
            <Button
              variant="danger"
              onClick={() => {
                setSure(false);
                finish("purge");
              }}
            >
              Delete for good
            </Button>
          </>
        }
      >
        Their points, logs and files go with them, and nothing brings them back.
      </Modal>
      <Ask question={question()} onClose={() => setQuestion(undefined)} />
    </div>
  );
}
