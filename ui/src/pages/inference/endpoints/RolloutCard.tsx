import { createSignal, For, type JSX, Show } from "solid-js";
import type { Endpoint, NewRollout, Rollout, SideFigures } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { Card } from "~/components/Card/Card";
import { messageOf } from "~/components/ErrorNotice/ErrorNotice";
import { Field, Select, TextInput } from "~/components/Field/Field";
import { Table } from "~/components/Table/Table";
import { toast } from "~/components/toast/toast";
import { latencyText } from "../figures";
import {
  endRollout,
  promoteRollout,
  setRollout,
  useRollout,
  useServableVersions,
} from "../queries";
import { agreement } from "../verdict";
import styles from "./page.module.css";

type Kind = "canary" | "shadow";

/** Try another version of the model beside the one that answers. */
export function RolloutCard(props: { endpoint: Endpoint }): JSX.Element {
  const state = useRollout(() => props.endpoint.id);
  const versions = useServableVersions(() => props.endpoint.model_id);
  const others = () =>
    (versions.data ?? []).filter(
      (version) => version.servable && version.version !== props.endpoint.version,
    );
  const [busy, setBusy] = createSignal("");
  const act = async (name: string, work: () => Promise<void>): Promise<void> => {
    setBusy(name);
    try {
      await work();
    } catch (error) {
      toast(messageOf(error), { kind: "error" });
    } finally {
      setBusy("");
    }
  };
  return (
    <Show when={others().length > 0 || state.data?.rollout}>
      <Card
        title="Rollout"
        actions={
          <Show when={state.data?.rollout}>
            <Button
              size="small"
              variant="primary"
              busy={busy() === "promote"}
              onClick={() => void act("promote", () => promoteRollout(props.endpoint.id))}
            >
              Promote v
              {state.data?.rollout?.canary?.version ?? state.data?.rollout?.shadow?.version}
            </Button>
            <Button
              size="small"
              busy={busy() === "end"}
              onClick={() => void act("end", () => endRollout(props.endpoint.id))}
            >
              End
            </Button>
          </Show>
        }
      >
        <Show
          when={state.data?.rollout}
          fallback={
            <p class={styles.meta}>
              Try another version first. A canary answers a share of the requests; a shadow gets
              copies, and only its figures are shown.
            </p>
          }
        >
          <Sides
            sides={[
              ["Main", state.data?.main],
              ["Canary", state.data?.canary],
              ["Shadow", state.data?.shadow],
            ]}
          />
          <Show when={state.data?.answers}>
            {(answers) => <p class={styles.meta}>{agreement(answers())}</p>}
          </Show>
        </Show>
        <NewRolloutForm
          versions={others().map((version) => version.version)}
          busy={busy() === "set"}
          onSet={(kind, version, percent) =>
            void act("set", () =>
              setRollout(
                props.endpoint.id,
                withShare(state.data?.rollout, kind, { version, percent }),
              ),
            )
          }
        />
      </Card>
    </Show>
  );
}

/** The rollout with one share set; the other kind goes on. */
function withShare(
  now: Rollout | null | undefined,
  kind: Kind,
  share: { version: number; percent: number },
): NewRollout {
  const of = (one: Rollout["canary"]) => one && { version: one.version, percent: one.percent };
  return { canary: of(now?.canary ?? null), shadow: of(now?.shadow ?? null), [kind]: share };
}

function Sides(props: { sides: [string, SideFigures | null | undefined][] }): JSX.Element {
  const there = () =>
    props.sides.filter((side): side is [string, SideFigures] => side[1] !== null && !!side[1]);
  return (
    <Table
      caption="Versions of the rollout"
      head={
        <>
          <th scope="col">Version</th>
          <th scope="col">Share</th>
          <th scope="col">Requests</th>
          <th scope="col">Errors</th>
          <th scope="col">p50 / p95 / p99</th>
        </>
      }
    >
      <For each={there()}>
        {([role, side]) => (
          <tr>
            <td>
              {role} v{side.version}
            </td>
            <td class="figures">{role === "Main" ? "the rest" : `${side.percent} %`}</td>
            <td class="figures">{side.requests_total}</td>
            <td class="figures">{side.requests_error}</td>
            <td class="figures">
              {latencyText(side.latency_p50)} / {latencyText(side.latency_p95)} /{" "}
              {latencyText(side.latency_p99)}
            </td>
          </tr>
        )}
      </For>
    </Table>
  );
}

function NewRolloutForm(props: {
  versions: number[];
  busy: boolean;
  onSet: (kind: Kind, version: number, percent: number) => void;
}): JSX.Element {
  const [kind, setKind] = createSignal<Kind>("canary");
  const [chosen, setChosen] = createSignal<number | null>(null);
  const [percent, setPercent] = createSignal(10);
  const version = (): number | undefined =>
    props.versions.find((one) => one === chosen()) ?? props.versions[0];
  const isRight = (): boolean => percent() >= 0 && percent() <= 100;
  return (
    <form
      class={styles.rolloutForm}
      onSubmit={(event) => {
        event.preventDefault();
        const wanted = version();
        if (wanted !== undefined && isRight()) props.onSet(kind(), wanted, percent());
      }}
    >
      <Field label="Version">
        <Select onChange={(event) => setChosen(Number(event.currentTarget.value))}>
          <For each={props.versions}>
            {(one) => (
              <option value={one} selected={one === version()}>
                v{one}
              </option>
            )}
          </For>
        </Select>
      </Field>
      <Field label="As">
        <Select onChange={(event) => setKind(event.currentTarget.value as Kind)}>
          <option value="canary">canary: answers</option>
          <option value="shadow">shadow: gets copies</option>
        </Select>
      </Field>
      <Field label="Percent of requests">
        <TextInput
          type="number"
          min="0"
          max="100"
          step="any"
          value={percent()}
          onInput={(event) => setPercent(event.currentTarget.valueAsNumber)}
        />
      </Field>
      <Button type="submit" busy={props.busy} disabled={!isRight() || version() === undefined}>
        Roll out
      </Button>
    </form>
  );
}
