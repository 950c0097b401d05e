import { A, useNavigate, useSearchParams } from "@solidjs/router";
import Bookmark from "lucide-solid/icons/bookmark";
import ChevronLeft from "lucide-solid/icons/chevron-left";
import ChevronRight from "lucide-solid/icons/chevron-right";
import Download from "lucide-solid/icons/download";
import Rocket from "lucide-solid/icons/rocket";
import Trash from "lucide-solid/icons/trash";
import { createMemo, createSignal, For, type JSX, Match, Show, Switch } from "solid-js";
import type { Model, ModelVersion } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { Bytes } from "~/components/Bytes/Bytes";
import { PageHeader } from "~/components/PageHeader/PageHeader";
import { Tabs } from "~/components/Tabs/Tabs";
import { Time } from "~/components/Time/Time";
import { attempt } from "../../parts/act";
import { aliasesOf, VersionBadges } from "../../parts/Chips";
import { download } from "../../parts/download";
import { mayWrite } from "../../parts/rights";
import parts from "../../parts/parts.module.css";
import { changeVersion } from "../../version-queries";
import { AliasChip } from "../AliasChip";
import styles from "../page.module.css";
import { Tags } from "../Tags";
import { type Ask, VersionDialogs } from "../VersionDialogs";
import { ConfigPart } from "./ConfigPart";
import { FilesPart } from "./FilesPart";
import { Overview } from "./Overview";
import { Warnings } from "./Warnings";

const PARTS = ["overview", "config", "files"] as const;
type Part = (typeof PARTS)[number];

export interface VersionProps {
  model: Model;
  version: ModelVersion;
}

/** One version: what it is, where it came from, and what can be done with it. */
export function VersionView(
  props: VersionProps & { versions: readonly ModelVersion[] },
): JSX.Element {
  const [query, setQuery] = useSearchParams<{ part?: string }>();
  const part = (): Part => PARTS.find((one) => one === query.part) ?? "overview";
  return (
    <>
      <PageHeader
        title={`${props.model.name} v${props.version.version}`}
        above={
          <>
            <A href="/models">Models</A> /{" "}
            <A href={`/models/${props.model.id}?tab=versions`}>{props.model.name}</A>
          </>
        }
        subtitle={
          <>
            {props.version.format}, <Bytes value={props.version.file_size} /> · made{" "}
            <Time value={props.version.created_at} />
            <Show when={props.version.created_by_name}> by {props.version.created_by_name}</Show>
            <Neighbours {...props} />
          </>
        }
        actions={<Actions {...props} />}
      />
      <dl class={styles.strip}>
        <div>
          <dt>State</dt>
          <dd>
            <VersionBadges
              version={props.version}
              requiresApproval={props.model.requires_approval}
            />
          </dd>
        </div>
        <div>
          <dt>Aliases</dt>
          <dd class={parts.chips}>
            <For each={aliasesOf(props.model.aliases, props.version.version)} fallback="–">
              {(alias) => (
                <AliasChip
                  model={props.model}
                  alias={alias}
                  version={props.version.version}
                  isMine={mayWrite(props.model.user_id)}
                />
              )}
            </For>
          </dd>
        </div>
        <div>
          <dt>Tags</dt>
          <dd>
            <Tags
              tags={props.version.tags}
              isMine={mayWrite(props.model.user_id)}
              onChange={(tags) => changeVersion(props.model.id, props.version.version, { tags })}
            />
          </dd>
        </div>
      </dl>
      <Warnings version={props.version} />
      <Tabs
        label="Parts of the version"
        value={part()}
        onChange={(next) => setQuery({ part: next === "overview" ? undefined : next })}
        items={[
          { value: "overview", label: "Overview" },
          { value: "config", label: "Config" },
          {
            value: "files",
            label: props.version.format === "safetensors" ? "Files and tensors" : "Files",
          },
        ]}
      >
        <Switch>
          <Match when={part() === "overview"}>
            <Overview model={props.model} version={props.version} />
          </Match>
          <Match when={part() === "config"}>
            <ConfigPart version={props.version} />
          </Match>
          <Match when={part() === "files"}>
            <FilesPart model={props.model} version={props.version} />
          </Match>
        </Switch>
      </Tabs>
    </>
  );
}

/** Links to the version before and the one after. */
function Neighbours(props: VersionProps & { versions: readonly ModelVersion[] }): JSX.Element {
  const at = (): number => props.versions.findIndex((one) => one.version === props.version.version);
  const older = (): ModelVersion | undefined => props.versions[at() + 1];
  const newer = (): ModelVersion | undefined => props.versions[at() - 1];
  return (
    <span class={styles.neighbours}>
      <Show when={older()}>
        {(one) => (
          <A href={`/models/${props.model.id}?version=${one().version}`}>
            <ChevronLeft size={14} />v{one().version}
          </A>
        )}
      </Show>
      <Show when={newer()}>
        {(one) => (
          <A href={`/models/${props.model.id}?version=${one().version}`}>
            v{one().version}
            <ChevronRight size={14} />
          </A>
        )}
      </Show>
    </span>
  );
}

function Actions(props: VersionProps & { versions: readonly ModelVersion[] }): JSX.Element {
  const navigate = useNavigate();
  const [asks, setAsks] = createSignal<Ask | null>(null);
  const asked = createMemo(() => {
    const what = asks();
    return what === null ? null : { version: props.version, what };
  });
  const [isLoading, setLoading] = createSignal(false);
  const isMine = (): boolean => mayWrite(props.model.user_id);
  const fetchFile = async (): Promise<void> => {
    setLoading(true);
    await attempt(download(props.model.id, props.version.version));
    setLoading(false);
  };
  return (
    <>
      <Show when={isMine()}>
        <Button
          variant="ghost"
          icon={<Trash size={16} />}
          aria-label={`Delete v${props.version.version}`}
          onClick={() => setAsks("delete")}
        />
        <Button icon={<Bookmark size={16} />} onClick={() => setAsks("alias")}>
          Set alias
        </Button>
      </Show>
      <Button icon={<Download size={16} />} busy={isLoading()} onClick={() => void fetchFile()}>
        Download
      </Button>
      <Show when={isMine() && props.version.servable}>
        <Button variant="primary" icon={<Rocket size={16} />} onClick={() => setAsks("deploy")}>
          Deploy
        </Button>
      </Show>
      <VersionDialogs
        model={props.model}
        versions={props.versions}
        asked={asked()}
        onClose={() => setAsks(null)}
        onDeleted={() => navigate(`/models/${props.model.id}?tab=versions`)}
      />
    </>
  );
}
