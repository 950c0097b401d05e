import { A, useNavigate } from "@solidjs/router";
import Ellipsis from "lucide-solid/icons/ellipsis";
import Pencil from "lucide-solid/icons/pencil";
import Plus from "lucide-solid/icons/plus";
import Trash from "lucide-solid/icons/trash";
import Upload from "lucide-solid/icons/upload";
import { createSignal, For, type JSX, Show } from "solid-js";
import { settled } from "~/api/settled";
import type { Model, ModelVersion } from "~/api/types";
import { Button, ButtonLink } from "~/components/Button/Button";
import { Bytes } from "~/components/Bytes/Bytes";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Modal } from "~/components/Modal/Modal";
import { PageHeader } from "~/components/PageHeader/PageHeader";
import { Popover, PopoverItem } from "~/components/Popover/Popover";
import { Sharing } from "~/components/Sharing/Sharing";
import { StatusChip } from "~/components/StatusChip/StatusChip";
import { Time } from "~/components/Time/Time";
import { toast } from "~/components/toast/toast";
import { createAct } from "../parts/act";
import { AliasDialog } from "../parts/AliasDialog";
import { mayWrite } from "../parts/rights";
import parts from "../parts/parts.module.css";
import { changeModel, deleteModel, refreshModels, useEndpointsOf } from "../queries";
import { AliasChip } from "./AliasChip";
import { EditModel } from "./EditModel";
import styles from "./page.module.css";
import { Tags } from "./Tags";

interface ModelHeadProps {
  model: Model;
  versions: readonly ModelVersion[];
}

/** What a model is called, who sees it, what points where, and where it is served. */
export function ModelHead(props: ModelHeadProps): JSX.Element {
  const [asks, setAsks] = createSignal<"edit" | "delete" | null>(null);
  const [wanted, setWanted] = createSignal<{ version: number; alias: string } | null>(null);
  const isMine = (): boolean => mayWrite(props.model.user_id);
  return (
    <>
      <PageHeader
        title={props.model.name}
        above={<A href="/models">Models</A>}
        subtitle={<Facts model={props.model} />}
        actions={
          <>
            <Sharing
              noun="model"
              owner={props.model.user_id}
              visibility={props.model.visibility}
              onChange={(visibility) => changeModel(props.model.id, { visibility })}
            />
            <Show when={isMine()}>
              <Popover
                label={`More for ${props.model.name}`}
                role="menu"
                align="end"
                trigger={<Ellipsis size={16} />}
              >
                {(close) => (
                  <>
                    <PopoverItem
                      icon={<Pencil size={15} />}
                      onClick={() => {
                        close();
                        setAsks("edit");
                      }}
                    >
                      Name, kind and approval
                    </PopoverItem>
                    <PopoverItem
                      icon={<Trash size={15} />}
                      onClick={() => {
                        close();
                        setAsks("delete");
                      }}
                    >
                      Delete the model
                    </PopoverItem>
                  </>
                )}
              </Popover>
              <ButtonLink
                href={`/models/upload?model=${props.model.id}`}
                variant="primary"
                icon={<Upload size={16} />}
              >
                Upload a version
              </ButtonLink>
            </Show>
          </>
        }
      />
      <dl class={styles.strip}>
        <div>
          <dt>Aliases</dt>
          <dd class={parts.chips}>
            <For each={Object.entries(props.model.aliases)}>
              {([alias, version]) => (
                <AliasChip model={props.model} alias={alias} version={version} isMine={isMine()} />
              )}
            </For>
            <Show
              when={isMine() && props.versions[0]}
              fallback={<Show when={Object.keys(props.model.aliases).length === 0}>–</Show>}
            >
              {(newest) => (
                <button
                  type="button"
                  class={parts.add}
                  onClick={() => setWanted({ version: newest().version, alias: "" })}
                >
                  <Plus size={13} /> Set alias
                </button>
              )}
            </Show>
          </dd>
        </div>
        <div>
          <dt>Tags</dt>
          <dd>
            <Tags
              tags={props.model.tags}
              isMine={isMine()}
              onChange={(tags) => changeModel(props.model.id, { tags })}
            />
          </dd>
        </div>
        <Served modelId={props.model.id} />
      </dl>
      <AliasDialog
        model={props.model}
        versions={props.versions.map((one) => one.version)}
        wanted={wanted()}
        onClose={() => setWanted(null)}
      />
      <EditModel model={props.model} open={asks() === "edit"} onClose={() => setAsks(null)} />
      <DeleteModel model={props.model} open={asks() === "delete"} onClose={() => setAsks(null)} />
    </>
  );
}

function Facts(props: { model: Model }): JSX.Element {
  return (
    <>
      <Show when={props.model.model_type}>{props.model.model_type} · </Show>
      {props.model.n_versions} {props.model.n_versions === 1 ? "version" : "versions"}
      <Show when={props.model.n_versions > 0}>
        , <Bytes value={props.model.size_bytes} />
      </Show>{" "}
      · changed <Time value={props.model.updated_at} />
      <Show when={props.model.requires_approval}> · versions need an approval</Show>
    </>
  );
}

function Served(props: { modelId: string }): JSX.Element {
  const endpoints = useEndpointsOf(() => props.modelId);
  return (
    <Show when={settled(endpoints)?.length}>
      <div>
        <dt>Deployed on</dt>
        <dd class={parts.chips}>
          <For each={settled(endpoints)}>
            {(endpoint) => (
              <span class={styles.endpoint}>
                <A href={`/inference/endpoints?endpoint=${endpoint.id}`}>{endpoint.name}</A>
                <span>v{endpoint.version}</span>
                <StatusChip status={endpoint.status} title={endpoint.reason} />
              </span>
            )}
          </For>
        </dd>
      </div>
    </Show>
  );
}

function DeleteModel(props: { model: Model; open: boolean; onClose: () => void }): JSX.Element {
  const navigate = useNavigate();
  const act = createAct();
  const close = (): void => {
    act.reset();
    props.onClose();
  };
  const remove = (): void => {
    void act.run(async () => {
      await deleteModel(props.model.id);
      toast(`Model ${props.model.name} is deleted.`, { kind: "success" });
      navigate("/models");
      await refreshModels();
    });
  };
  return (
    <Modal
      open={props.open}
      onClose={close}
      title={`Delete ${props.model.name}?`}
      actions={
        <>
          <Button onClick={close}>Keep it</Button>
          <Button variant="danger" busy={act.isBusy()} onClick={remove}>
            Delete it for good
          </Button>
        </>
      }
    >
      <p>
        {props.model.n_versions === 1
          ? "Its version goes with its file; the run that made it stays."
          : `Its ${props.model.n_versions} versions go with their files; the runs that made them stay.`}{" "}
        This cannot be undone.
      </p>
      <Show when={act.problem()}>{(problem) => <ErrorNotice error={problem()} />}</Show>
    </Modal>
  );
}
