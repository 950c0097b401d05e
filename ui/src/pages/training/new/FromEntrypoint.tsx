import { useNavigate, useSearchParams } from "@solidjs/router";
import Play from "lucide-solid/icons/play";
import { createSignal, For, type JSX, Show } from "solid-js";
import { createStore } from "solid-js/store";
import { Problem } from "~/api/problem";
import { Button } from "~/components/Button/Button";
import { Card } from "~/components/Card/Card";
import { CodeBlock } from "~/components/CopyField/CopyField";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Field, Select, TextArea } from "~/components/Field/Field";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { argumentsOf, configurationOf, entrypointRun, oddLineOf, type Naming } from "./launch";
import styles from "./launch.module.css";
import { NamingFields } from "./NamingFields";
import { useEntrypoints, useLaunch } from "./queries";

const EXAMPLE = `[launch.entrypoints]
finetune = ["python", "/srv/training/finetune.py"]`;

/** A script that the server's configuration names; the page adds its arguments, never a command. */
export function FromEntrypoint(): JSX.Element {
  const entrypoints = useEntrypoints();
  return (
    <Show
      when={entrypoints.data}
      fallback={
        <Show when={entrypoints.error} fallback={<Skeleton height="12rem" />}>
          {(error) => <ErrorNotice error={error()} onRetry={() => void entrypoints.refetch()} />}
        </Show>
      }
    >
      {(names) => (
        <Show when={names().length > 0} fallback={<NoEntrypoints />}>
          <EntrypointForm names={names()} />
        </Show>
      )}
    </Show>
  );
}

function NoEntrypoints(): JSX.Element {
  return (
    <Card title="No script may be started from here yet">
      <div class={styles.empty}>
        <p>Scripts that this page may start stand in the server’s config.toml:</p>
        <CodeBlock text={EXAMPLE} label="config.toml" />
      </div>
    </Card>
  );
}

function EntrypointForm(props: { names: readonly string[] }): JSX.Element {
  const [query, setQuery] = useSearchParams<{
    entrypoint?: string;
    arg?: string | string[];
    set?: string | string[];
  }>();
  const navigate = useNavigate();
  const launch = useLaunch();
  const [naming, setNaming] = createStore<Naming>({ name: "", project: "default", tags: "" });
  const [args, setArgs] = createSignal([query.arg ?? []].flat().join("\n"));
  const [config, setConfig] = createSignal([query.set ?? []].flat().join("\n"));
  const complaint = (): string | undefined => {
    const odd = oddLineOf(config());
    return odd === undefined ? undefined : `This line is no key=value: ${odd}`;
  };
  const chosen = (): string =>
    props.names.find((name) => name === query.entrypoint) ?? props.names[0] ?? "";
  const problem = (): Problem | undefined =>
    launch.error instanceof Problem ? launch.error : undefined;
  const start = (): void => {
    if (complaint() !== undefined) return;
    const run = entrypointRun(naming, chosen(), argumentsOf(args()), configurationOf(config()));
    launch.mutate(run, { onSuccess: (made) => navigate(`/training/${made.id}`) });
  };
  return (
    <form
      class={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        start();
      }}
    >
      <Card title="Script">
        <div class={styles.naming}>
          <Field label="Script" error={problem()?.fieldMessage("launch.entrypoint")}>
            <Select
              onChange={(event) =>
                setQuery({ entrypoint: event.currentTarget.value }, { replace: true })
              }
            >
              <For each={props.names}>
                {(name) => (
                  <option value={name} selected={name === chosen()}>
                    {name}
                  </option>
                )}
              </For>
            </Select>
          </Field>
          <NamingFields
            value={naming}
            fallback={chosen()}
            problem={problem()}
            onChange={(key, text) => setNaming(key, text)}
          />
        </div>
      </Card>
      <Card title="Arguments">
        <Field
          label="One argument a line"
          hint="Each line reaches the script as one argument, as it stands: no shell reads it"
          error={problem()?.fieldMessage("launch.args")}
        >
          <TextArea
            rows="6"
            spellcheck={false}
            value={args()}
            placeholder={"--epochs\n3"}
            onInput={(event) => setArgs(event.currentTarget.value)}
          />
        </Field>
      </Card>
      <Card title="Configuration">
        <Field
          label="One key=value a line"
          hint="Stronger than what the script says to axonml.init; shown with the run"
          error={complaint() ?? problem()?.fieldMessage("launch.config")}
        >
          <TextArea
            rows="3"
            spellcheck={false}
            value={config()}
            placeholder="lr=0.001"
            onInput={(event) => setConfig(event.currentTarget.value)}
          />
        </Field>
      </Card>
      <Show when={launch.error}>{(error) => <ErrorNotice error={error()} />}</Show>
      <div class={styles.launch}>
        <Button
          type="submit"
          variant="primary"
          size="large"
          icon={<Play size={17} />}
          busy={launch.isPending}
        >
          Launch
        </Button>
      </div>
    </form>
  );
}
