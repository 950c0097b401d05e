import { A, useParams, useSearchParams } from "@solidjs/router";
import { type JSX, Match, Show, Switch } from "solid-js";
import { settled } from "~/api/settled";
import type { Model, ModelVersion } from "~/api/types";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { PageHeader } from "~/components/PageHeader/PageHeader";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { Tabs } from "~/components/Tabs/Tabs";
import { useModel, useVersions } from "../queries";
import { CardTab } from "./CardTab";
import { HistoryTab } from "./HistoryTab";
import { ModelHead } from "./ModelHead";
import { VersionsTab } from "./VersionsTab";
import { VersionView } from "./version/VersionView";

const TABS = ["card", "versions", "history"] as const;
type Tab = (typeof TABS)[number];

/** /models/:id: a model with its card, versions and history; `?version=` shows one version. */
export default function ModelPage(): JSX.Element {
  const params = useParams<{ id: string }>();
  const [query] = useSearchParams<{ version?: string }>();
  const model = useModel(() => params.id);
  const versions = useVersions(() => params.id);
  const above = <A href="/models">Models</A>;
  return (
    <Switch>
      <Match when={model.isError && !model.data}>
        <PageHeader title="Model" above={above} />
        <ErrorNotice error={model.error} onRetry={() => void model.refetch()} />
      </Match>
      <Match when={model.isPending || versions.isPending}>
        <PageHeader title="Model" above={above} />
        <Skeleton height="20rem" />
      </Match>
      <Match when={versions.isError && !versions.data}>
        <PageHeader title={settled(model)?.name ?? "Model"} above={above} />
        <ErrorNotice error={versions.error} onRetry={() => void versions.refetch()} />
      </Match>
      <Match when={settled(model)}>
        {(found) => (
          <Show
            when={query.version}
            fallback={<WholeModel model={found()} versions={settled(versions) ?? []} />}
          >
            {(wanted) => (
              <OneVersion model={found()} versions={settled(versions) ?? []} wanted={wanted()} />
            )}
          </Show>
        )}
      </Match>
    </Switch>
  );
}

interface ModelProps {
  model: Model;
  versions: readonly ModelVersion[];
}

function WholeModel(props: ModelProps): JSX.Element {
  const [query, setQuery] = useSearchParams<{ tab?: string }>();
  const tab = (): Tab => TABS.find((one) => one === query.tab) ?? "card";
  return (
    <>
      <ModelHead {...props} />
      <Tabs
        label="Parts of the model"
        value={tab()}
        onChange={(next) => setQuery({ tab: next === "card" ? undefined : next })}
        items={[
          { value: "card", label: "Card" },
          { value: "versions", label: `Versions (${props.versions.length})` },
          { value: "history", label: "History" },
        ]}
      >
        <Switch>
          <Match when={tab() === "card"}>
            <CardTab {...props} />
          </Match>
          <Match when={tab() === "versions"}>
            <VersionsTab {...props} />
          </Match>
          <Match when={tab() === "history"}>
            <HistoryTab model={props.model} />
          </Match>
        </Switch>
      </Tabs>
    </>
  );
}

/** The version that the address names: by number, by alias or as `latest`. */
function OneVersion(props: ModelProps & { wanted: string }): JSX.Element {
  const number = (): number | null =>
    props.wanted === "latest"
      ? props.model.latest_version
      : (props.model.aliases[props.wanted] ?? Number(props.wanted));
  const version = (): ModelVersion | undefined =>
    props.versions.find((one) => one.version === number());
  return (
    <Show
      when={version()}
      fallback={
        <>
          <PageHeader
            title={props.model.name}
            above={<A href={`/models/${props.model.id}`}>{props.model.name}</A>}
          />
          <EmptyState title={`${props.model.name} has no version ${props.wanted}`}>
            It was deleted, or the link is wrong.{" "}
            <A href={`/models/${props.model.id}?tab=versions`}>See the versions that there are.</A>
          </EmptyState>
        </>
      }
    >
      {(found) => <VersionView {...props} version={found()} />}
    </Show>
  );
}
