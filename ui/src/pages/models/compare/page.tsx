import { A, useSearchParams } from "@solidjs/router";
import { createMemo, type JSX, Match, Show, Switch } from "solid-js";
import { settled } from "~/api/settled";
import type { Model } from "~/api/types";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { PageHeader } from "~/components/PageHeader/PageHeader";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { useModel, useVersions } from "../queries";
import { Comparison } from "./Comparison";
import { ModelPicker } from "./ModelPicker";
import { useComparison } from "./queries";
import { VersionPicker } from "./VersionPicker";
import { type Address, numbersOf } from "./view";

/** /models/compare: 2 to 4 versions of a model side by side. */
export default function CompareModelsPage(): JSX.Element {
  const [query, setQuery] = useSearchParams<Address>();
  const id = (): string => query.model ?? "";
  const model = useModel(id);
  return (
    <Switch>
      <Match when={id() === ""}>
        <PageHeader title="Compare versions" above={<A href="/models">Models</A>} />
        <ModelPicker onPick={(picked) => setQuery({ model: picked, versions: undefined })} />
      </Match>
      <Match when={model.isError && !model.data}>
        <PageHeader title="Compare versions" above={<A href="/models">Models</A>} />
        <ErrorNotice error={model.error} onRetry={() => void model.refetch()} />
      </Match>
      <Match when={settled(model)}>{(found) => <OfModel model={found()} />}</Match>
      <Match when={true}>
        <PageHeader title="Compare versions" above={<A href="/models">Models</A>} />
        <Skeleton height="20rem" />
      </Match>
    </Switch>
  );
}

function OfModel(props: { model: Model }): JSX.Element {
  const [query, setQuery] = useSearchParams<Address>();
  const versions = useVersions(() => props.model.id);
  const all = () => settled(versions) ?? [];
  const numbers = createMemo(() => numbersOf(query.versions, props.model, all()));
  const isReady = (): boolean => numbers().length >= 2;
  const comparison = useComparison(() => props.model.id, numbers);
  const choose = (chosen: readonly number[]): void =>
    setQuery({ versions: chosen.join(",") || undefined }, { replace: true, scroll: false });
  return (
    <>
      <PageHeader
        title={`Compare versions of ${props.model.name}`}
        above={
          <>
            <A href="/models">Models</A> /{" "}
            <A href={`/models/${props.model.id}?tab=versions`}>{props.model.name}</A>
          </>
        }
      />
      <VersionPicker model={props.model} versions={all()} chosen={numbers()} onChange={choose} />
      <Switch>
        <Match when={versions.isSuccess && all().length < 2}>
          <EmptyState
            title="There is nothing to compare yet"
            command={`axon models push ${props.model.name} model.onnx`}
          >
            {props.model.name} has {all().length === 1 ? "one version" : "no versions"}; a second
            one stands beside the first here.
          </EmptyState>
        </Match>
        <Match when={versions.isSuccess && !isReady()}>
          <EmptyState title="Choose two to four versions" />
        </Match>
        <Match when={comparison.isError && !comparison.data}>
          <ErrorNotice error={comparison.error} onRetry={() => void comparison.refetch()} />
        </Match>
        <Match when={settled(comparison)}>
          {(found) => (
            <Show when={isReady()}>
              <Comparison
                model={props.model}
                versions={all()}
                comparison={found()}
                isAll={query.rows === "all"}
                onAll={(isAll) =>
                  setQuery({ rows: isAll ? "all" : undefined }, { replace: true, scroll: false })
                }
              />
            </Show>
          )}
        </Match>
        <Match when={true}>
          <Skeleton height="20rem" />
        </Match>
      </Switch>
    </>
  );
}
