import { type JSX, Match, Switch } from "solid-js";
import { Button, ButtonLink } from "~/components/Button/Button";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import type { RunsView, ViewChange } from "./view";

/** Why the list is empty, and the way out of that. */
export function Empty(props: {
  view: RunsView;
  isUnreadable: boolean;
  change: (change: ViewChange) => void;
}): JSX.Element {
  const isNarrowed = (): boolean => props.view.q !== "" || props.view.filter !== "";
  return (
    <Switch fallback={<NoRuns />}>
      <Match when={props.isUnreadable}>
        <EmptyState
          title="The filter cannot be read"
          actions={<Button onClick={() => props.change({ filter: "" })}>Clear the filter</Button>}
        >
          The box above says what is wrong with it, and where.
        </EmptyState>
      </Match>
      <Match when={isNarrowed()}>
        <EmptyState
          title="No run matches"
          actions={
            <Button onClick={() => props.change({ q: "", filter: "" })}>Clear the filter</Button>
          }
        >
          {props.view.isTrash ? "No run in the trash" : "No run"} meets all of the conditions.
        </EmptyState>
      </Match>
      <Match when={props.view.isTrash}>
        <EmptyState title="The trash is empty">
          Deleted runs stay here for some days, and can be restored.
        </EmptyState>
      </Match>
    </Switch>
  );
}

function NoRuns(): JSX.Element {
  return (
    <EmptyState
      title="No runs yet"
      command="axon demo"
      actions={<ButtonLink href="/training/new">Log from your own script</ButtonLink>}
    >
      The demo trains a small classifier on real images, here, in under a minute, and you can watch
      it.
    </EmptyState>
  );
}
