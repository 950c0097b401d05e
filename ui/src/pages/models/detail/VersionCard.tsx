import { A, useNavigate } from "@solidjs/router";
import Download from "lucide-solid/icons/download";
import Rocket from "lucide-solid/icons/rocket";
import Trash from "lucide-solid/icons/trash";
import X from "lucide-solid/icons/x";
import { createSignal, For, type JSX, Show } from "solid-js";
import type { Model, ModelVersion, TensorSpec } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { Bytes } from "~/components/Bytes/Bytes";
import { Card } from "~/components/Card/Card";
import { CopyField } from "~/components/CopyField/CopyField";
import { messageOf } from "~/components/ErrorNotice/ErrorNotice";
import { Field, TextInput } from "~/components/Field/Field";
import { Modal } from "~/components/Modal/Modal";
import { Time } from "~/components/Time/Time";
import { toast } from "~/components/toast/toast";
import { download } from "../download";
import { deleteVersion, deploy, dropAlias, setAlias } from "../queries";
import { metricText, shapeText } from "./metrics";
import styles from "./page.module.css";

/** One version: what it is, where it came from, and what can be done with it. */
export function VersionCard(props: { model: Model; version: ModelVersion }): JSX.Element {
  const aliases = (): string[] =>
    Object.entries(props.model.aliases ?? {})
      .filter(([, number]) => number === props.version.version)
      .map(([alias]) => alias);
  return (
    <Card
      title={
        <>
          v{props.version.version}
          <For each={aliases()}>
            {(alias) => (
              <span class={styles.alias}>
                {alias}
                <button
                  type="button"
                  aria-label={`Remove alias ${alias}`}
                  onClick={() => void attempt(dropAlias(props.model.id, alias))}
                >
                  <X size={12} />
                </button>
              </span>
            )}
          </For>
        </>
      }
      actions={<VersionActions {...props} />}
    >
      <Show when={!props.version.servable && props.version.reason}>
        <p class={styles.notServable}>Not servable: {props.version.reason}</p>
      </Show>
      <Show when={props.version.description}>
        <p class={styles.description}>{props.version.description}</p>
      </Show>
      <dl class={styles.facts}>
        <Fact name="Made">
          <Time value={props.version.created_at} />
        </Fact>
        <Show when={props.version.training_run_id}>
          <Fact name="By run">
            <A href={`/training/${props.version.training_run_id}`}>
              {props.version.training_run_id?.slice(-8)}
            </A>
          </Fact>
        </Show>
        <Fact name="File">
          {props.version.format}, <Bytes value={props.version.file_size} />
        </Fact>
        <For each={Object.entries(props.version.metrics ?? {})}>
          {([name, value]) => (
            <Fact name={name}>
              <span class="figures">{metricText(value)}</span>
            </Fact>
          )}
        </For>
        <Tensors name="Takes" specs={props.version.signature?.inputs ?? []} />
        <Tensors name="Gives" specs={props.version.signature?.outputs ?? []} />
        <Fact name="SHA-256" wide>
          <CopyField text={props.version.sha256} label="the SHA-256" />
        </Fact>
      </dl>
    </Card>
  );
}

function VersionActions(props: { model: Model; version: ModelVersion }): JSX.Element {
  const [busy, setBusy] = createSignal("");
  const [asks, setAsks] = createSignal<"alias" | "delete" | "">("");
  const [alias, setAliasName] = createSignal("");
  const navigate = useNavigate();
  const act = async (name: string, work: () => Promise<unknown>): Promise<void> => {
    setBusy(name);
    await attempt(work());
    setBusy("");
    setAsks("");
  };
  const onDeploy = async (): Promise<void> => {
    const endpoint = await deploy(props.model.id, props.version.version);
    toast(`${endpoint.name} serves v${endpoint.version}`, {
      kind: "success",
      action: {
        label: "Try it",
        run: () => navigate(`/inference/endpoints?endpoint=${endpoint.id}`),
      },
    });
  };
  return (
    <>
      <Button size="small" variant="ghost" onClick={() => setAsks("alias")}>
        Alias
      </Button>
      <Button
        size="small"
        icon={<Download size={15} />}
        busy={busy() === "download"}
        onClick={() => void act("download", () => download(props.model.id, props.version.version))}
      >
        Download
      </Button>
      <Show when={props.version.servable}>
        <Button
          size="small"
          variant="primary"
          icon={<Rocket size={15} />}
          busy={busy() === "deploy"}
          onClick={() => void act("deploy", onDeploy)}
        >
          Deploy
        </Button>
      </Show>
      <Button
        size="small"
        variant="ghost"
        icon={<Trash size={15} />}
        aria-label={`Delete v${props.version.version}`}
        onClick={() => setAsks("delete")}
      />
      <Modal
        open={asks() === "delete"}
        onClose={() => setAsks("")}
        title={`Delete v${props.version.version} of ${props.model.name}?`}
        actions={
          <>
            <Button onClick={() => setAsks("")}>Keep it</Button>
            <Button
              variant="danger"
              busy={busy() === "delete"}
              onClick={() =>
                void act("delete", () => deleteVersion(props.model.id, props.version.version))
              }
            >
              Delete it for good
            </Button>
          </>
        }
      >
        <p>
          Its file goes with it, and the number {props.version.version} is never used again. A
          version that an endpoint serves is not deleted.
        </p>
      </Modal>
      <Modal
        open={asks() === "alias"}
        onClose={() => setAsks("")}
        title={`Point an alias at v${props.version.version}`}
        actions={
          <Button
            variant="primary"
            busy={busy() === "alias"}
            disabled={!/^[A-Za-z][\w-]{0,63}$/.test(alias())}
            onClick={() =>
              void act("alias", () => setAlias(props.model.id, alias(), props.version.version))
            }
          >
            Set
          </Button>
        }
      >
        <Field
          label="Alias"
          hint="A word such as champion or staging. It moves here from wherever it was."
        >
          <TextInput
            value={alias()}
            onInput={(event) => setAliasName(event.currentTarget.value)}
            placeholder="champion"
          />
        </Field>
      </Modal>
    </>
  );
}

function Fact(props: { name: string; wide?: boolean; children: JSX.Element }): JSX.Element {
  return (
    <div class={props.wide ? styles.wideFact : styles.fact}>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

function Tensors(props: { name: string; specs: readonly TensorSpec[] }): JSX.Element {
  return (
    <Show when={props.specs.length > 0}>
      <Fact name={props.name}>
        <For each={props.specs}>
          {(spec) => (
            <div>
              <code>{spec.name}</code> {shapeText(spec.dtype, spec.shape)}
            </div>
          )}
        </For>
      </Fact>
    </Show>
  );
}

async function attempt(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    toast(messageOf(error), { kind: "error" });
  }
}
