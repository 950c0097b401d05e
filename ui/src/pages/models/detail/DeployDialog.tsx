import { A } from "@solidjs/router";
import { createEffect, createSignal, type JSX, Match, on, Show, Switch } from "solid-js";
import { apiUrl } from "~/api/base";
import { snippets } from "~/api/predicting";
import { settled } from "~/api/settled";
import type { Endpoint, Model, ModelVersion } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { CodeBlock } from "~/components/CopyField/CopyField";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Field, TextInput } from "~/components/Field/Field";
import { Modal } from "~/components/Modal/Modal";
import { ProgressBar } from "~/components/ProgressBar/ProgressBar";
import { StatusChip } from "~/components/StatusChip/StatusChip";
import { createAct } from "../parts/act";
import parts from "../parts/parts.module.css";
import { deploy, useEndpointsOf } from "../queries";

const MOST_REPLICAS = 64;

export interface DeployDialogProps {
  model: Model;
  version: ModelVersion;
  open: boolean;
  onClose: () => void;
}

/** Serve a version: under which name and how often, then how it comes up, then how to ask it. */
export function DeployDialog(props: DeployDialogProps): JSX.Element {
  return (
    <Modal
      open={props.open}
      onClose={props.onClose}
      title={`Deploy v${props.version.version} of ${props.model.name}`}
    >
      <Deploying {...props} />
    </Modal>
  );
}

function Deploying(props: DeployDialogProps): JSX.Element {
  const [name, setName] = createSignal(props.model.name);
  const [replicas, setReplicas] = createSignal(1);
  const [up, setUp] = createSignal<Endpoint | null>(null);
  const act = createAct();
  const endpoints = useEndpointsOf(() => props.model.id);
  const needsApproval = (): boolean => props.model.requires_approval && !props.version.approval;
  const there = (): Endpoint | undefined => settled(endpoints)?.find((one) => one.name === name());
  createEffect(on(() => there()?.replicas ?? 1, setReplicas));
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const wanted = { name: name(), replicas: replicas() };
    void act.run(async () => setUp(await deploy(props.model.id, props.version.version, wanted)));
  };
  return (
    <Switch>
      <Match when={up()}>{(endpoint) => <Up endpoint={endpoint()} />}</Match>
      <Match when={act.isBusy()}>
        <div class={parts.form} role="status">
          <p>
            {name()} starts v{props.version.version}{" "}
            <Show when={there()}>
              {(now) => (
                <>
                  <StatusChip status={now().status} />
                  <Show when={now().version !== props.version.version}>
                    {" "}
                    and answers with v{now().version} until then
                  </Show>
                </>
              )}
            </Show>
          </p>
          <ProgressBar label={`Starting v${props.version.version}`} />
          <p>This goes on when the dialog is closed.</p>
        </div>
      </Match>
      <Match when={true}>
        <form class={parts.form} onSubmit={submit}>
          <Field
            label="Endpoint"
            hint={
              there()
                ? `${name()} serves v${there()?.version} now, and moves to v${props.version.version} without a gap.`
                : "The name under which predictions are asked for."
            }
          >
            <TextInput
              required
              autofocus
              maxlength="128"
              value={name()}
              onInput={(event) => setName(event.currentTarget.value)}
            />
          </Field>
          <Field label="Replicas" hint="Processes that answer side by side.">
            <TextInput
              type="number"
              min="1"
              max={MOST_REPLICAS}
              required
              value={replicas()}
              onInput={(event) => setReplicas(Number(event.currentTarget.value))}
            />
          </Field>
          <Show when={needsApproval()}>
            <p>
              An administrator has to approve v{props.version.version} first: versions of this model
              need it.
            </p>
          </Show>
          <Show when={act.problem()}>{(problem) => <ErrorNotice error={problem()} />}</Show>
          <div class={parts.buttons}>
            <Button onClick={props.onClose}>Cancel</Button>
            <Button type="submit" variant="primary" disabled={name() === "" || needsApproval()}>
              {there() ? `Move ${name()} to v${props.version.version}` : "Deploy"}
            </Button>
          </div>
        </form>
      </Match>
    </Switch>
  );
}

/** The endpoint answers: where it is, and how to ask it. */
function Up(props: { endpoint: Endpoint }): JSX.Element {
  const base = apiUrl("").replace(/\/$/, "");
  return (
    <div class={parts.form} role="status">
      <p>
        <A href={`/inference/endpoints?endpoint=${props.endpoint.id}`}>{props.endpoint.name}</A>{" "}
        answers with v{props.endpoint.version} <StatusChip status={props.endpoint.status} />
      </p>
      <CodeBlock
        text={snippets(props.endpoint, base).curl}
        language="shell"
        label="the curl command"
      />
      <p>
        An API token with the scope <code>predict</code> comes from Settings, Profile.
      </p>
    </div>
  );
}
