import { A, Navigate, useNavigate, useSearchParams } from "@solidjs/router";
import Play from "lucide-solid/icons/play";
import { createEffect, createMemo, For, type JSX, on, Show } from "solid-js";
import { createStore } from "solid-js/store";
import { Problem } from "~/api/problem";
import type { DatasetInfo, TrainerInfo } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { Card } from "~/components/Card/Card";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Field, Select } from "~/components/Field/Field";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import {
  complaintOf,
  entrypointAddress,
  type Naming,
  type Source,
  sourceOf,
  trainerRun,
} from "./launch";
import styles from "./launch.module.css";
import { NamingFields } from "./NamingFields";
import { ParamsForm } from "./ParamsForm";
import { useLaunch, useSourceRun, useTrainers } from "./queries";
import { type Entries, entriesOf, fieldsOf, readAll } from "./schema-form";
import { TrainerCards } from "./TrainerCards";

/** A trainer, its data and its parameters; Launch starts it and goes to its page. */
export function FromDashboard(): JSX.Element {
  const [query] = useSearchParams<{ from?: string }>();
  const trainers = useTrainers();
  const run = useSourceRun(() => query.from);
  const isReady = (): boolean => Boolean(trainers.data) && (!query.from || !run.isPending);
  return (
    <Show
      when={isReady() && trainers.data}
      fallback={
        <Show when={trainers.error} fallback={<Skeleton height="24rem" />}>
          {(error) => <ErrorNotice error={error()} onRetry={() => void trainers.refetch()} />}
        </Show>
      }
    >
      {(list) => (
        <>
          <Show when={run.data && entrypointAddress(run.data)}>
            {(address) => <Navigate href={address()} />}
          </Show>
          <Show when={run.error}>{(error) => <ErrorNotice error={error()} />}</Show>
          <LaunchForm
            trainers={list()}
            source={run.data && sourceOf(run.data, list())}
            from={run.data && { id: run.data.id, name: run.data.name }}
            naming={{
              name: run.data?.name ?? "",
              project: run.data?.project ?? "default",
              tags: run.data?.tags?.join(", ") ?? "",
            }}
          />
        </>
      )}
    </Show>
  );
}

interface LaunchFormProps {
  trainers: readonly TrainerInfo[];
  source: Source | undefined;
  from: { id: string; name: string } | undefined;
  naming: Naming;
}

function LaunchForm(props: LaunchFormProps): JSX.Element {
  const [query, setQuery] = useSearchParams<{ trainer?: string; dataset?: string }>();
  const navigate = useNavigate();
  const launch = useLaunch();
  const [naming, setNaming] = createStore<Naming>({ ...props.naming });
  const [entries, setEntries] = createStore<Entries>({});

  const trainer = createMemo(() => {
    const named = query.trainer ?? props.source?.trainer;
    const runnable = props.trainers.filter((each) => each.available);
    return runnable.find((each) => each.name === named) ?? runnable[0];
  });
  const dataset = (): DatasetInfo | undefined => {
    const named = query.dataset ?? props.source?.dataset;
    const sets = trainer()?.datasets.filter((each) => each.available) ?? [];
    return sets.find((each) => each.name === named) ?? sets[0];
  };
  const fields = createMemo(() => fieldsOf(trainer()?.schema));
  const isAgain = (): boolean => props.source?.trainer === trainer()?.name;
  const before = createMemo(() =>
    entriesOf(fields(), isAgain() ? (props.source?.params ?? {}) : {}),
  );
  createEffect(on(before, (first) => setEntries({ ...first })));
  const read = (): ReturnType<typeof readAll> => readAll(fields(), entries);
  const problem = (): Problem | undefined =>
    launch.error instanceof Problem ? launch.error : undefined;
  const wrong = (name: string): string | undefined =>
    read().wrong[name] ?? complaintOf(problem(), name);
  const isWrong = (): boolean => Object.keys(read().wrong).length > 0;

  const start = (): void => {
    const chosen = trainer();
    const data = dataset();
    if (!chosen || !data || isWrong()) return;
    launch.mutate(trainerRun(naming, chosen.name, data.name, read().values), {
      onSuccess: (run) => navigate(`/training/${run.id}`),
    });
  };

  return (
    <form
      class={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        start();
      }}
    >
      <Show when={props.from}>
        {(from) => (
          <p class={styles.from}>
            <Show
              when={props.source}
              fallback={
                <>
                  <A href={`/training/${from().id}`}>{from().name}</A> was logged by a script, which
                  the server cannot start again. Choose a trainer instead.
                </>
              }
            >
              As <A href={`/training/${from().id}`}>{from().name}</A> was started; what you change
              is marked.
            </Show>
          </p>
        )}
      </Show>
      <Card title="Trainer">
        <TrainerCards
          trainers={props.trainers}
          value={trainer()?.name ?? ""}
          onChange={(name) => setQuery({ trainer: name }, { replace: true })}
        />
      </Card>
      <Card title="Data and name">
        <div class={styles.naming}>
          <Field label="Data set" hint={<DatasetHint dataset={dataset()} />}>
            <Select
              onChange={(event) =>
                setQuery({ dataset: event.currentTarget.value }, { replace: true })
              }
            >
              <For each={trainer()?.datasets}>
                {(each) => (
                  <option
                    value={each.name}
                    disabled={!each.available}
                    selected={each.name === dataset()?.name}
                  >
                    {each.title}
                    {each.available ? "" : ` (pip install ${each.needs})`}
                  </option>
                )}
              </For>
            </Select>
          </Field>
          <NamingFields
            value={naming}
            fallback={`${trainer()?.name ?? ""} on ${dataset()?.name ?? ""}`}
            problem={problem()}
            onChange={(key, text) => setNaming(key, text)}
          />
        </div>
      </Card>
      <Card title="Parameters">
        <ParamsForm
          fields={fields()}
          entries={entries}
          before={before()}
          isAgain={isAgain()}
          wrong={wrong}
          onChange={(name, entry) => {
            setEntries(name, entry);
            launch.reset();
          }}
        />
      </Card>
      <Show when={launch.error}>{(error) => <ErrorNotice error={error()} />}</Show>
      <div class={styles.launch}>
        <Button
          type="submit"
          variant="primary"
          size="large"
          icon={<Play size={17} />}
          busy={launch.isPending}
          disabled={isWrong() || !dataset()}
        >
          Launch
        </Button>
        <Show when={isWrong()}>
          <span>A parameter above is out of its bounds.</span>
        </Show>
      </div>
    </form>
  );
}

function DatasetHint(props: { dataset: DatasetInfo | undefined }): JSX.Element {
  return (
    <Show when={props.dataset}>
      {(data) => (
        <>
          {data().n_rows.toLocaleString()} rows of {data().n_features.toLocaleString()} numbers;{" "}
          {data().task === "classification"
            ? `${data().n_classes} classes`
            : "a number is asked for"}
        </>
      )}
    </Show>
  );
}
