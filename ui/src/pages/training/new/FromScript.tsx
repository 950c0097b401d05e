import { A, useSearchParams } from "@solidjs/router";
import CircleCheck from "lucide-solid/icons/circle-check";
import KeyRound from "lucide-solid/icons/key-round";
import Radio from "lucide-solid/icons/radio";
import { createSignal, type JSX, Match, Show, Switch } from "solid-js";
import { apiUrl } from "~/api/base";
import { Button, ButtonLink } from "~/components/Button/Button";
import { Card } from "~/components/Card/Card";
import { CodeBlock } from "~/components/CopyField/CopyField";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Field, Select, TextInput } from "~/components/Field/Field";
import { Tabs } from "~/components/Tabs/Tabs";
import styles from "./page.module.css";
import { useLoggingToken, useNextRun } from "./queries";
import {
  curlSnippet,
  pythonSnippet,
  type SnippetValues,
  startSnippet,
  trainSnippet,
} from "./snippets";

const WAYS = ["python", "train", "curl"] as const;
type Way = (typeof WAYS)[number];

const START: Record<Exclude<Way, "curl">, string> = {
  python: "Start it, in an environment that has AxonML:",
  train:
    "Start it under axon train: what it prints is the run’s log, and Stop ends it even if it never asks:",
};

/** How to log a run from one's own script; the page says when it has begun. */
export function FromScript(): JSX.Element {
  const [query, setQuery] = useSearchParams<{ project?: string; lang?: string; on?: string }>();
  const [project, setProject] = createSignal(query.project ?? "default");
  const [name, setName] = createSignal("");
  const place = (): "here" | "elsewhere" => (query.on === "elsewhere" ? query.on : "here");
  const way = (): Way => WAYS.find((each) => each === query.lang) ?? "python";
  const stay = { replace: true };
  const [token, setToken] = createSignal("");
  const making = useLoggingToken();
  const values = (): SnippetValues => ({
    server: apiUrl("/").replace(/\/$/, ""),
    project: project().trim() || "default",
    name: name().trim(),
    token: token(),
  });
  const needsToken = (): boolean => way() === "curl" || place() === "elsewhere";
  const makeToken = (): void => {
    making.mutate(`log runs to ${values().project}`.slice(0, 64), { onSuccess: setToken });
  };
  return (
    <div class={styles.columns}>
      <Card title="What it is">
        <div class={styles.form}>
          <Field label="Project" hint="Runs of one project stand together">
            <TextInput
              value={project()}
              maxLength={256}
              onInput={(event) => setProject(event.currentTarget.value)}
            />
          </Field>
          <Field label="Name" hint="Left empty, the script's own name is taken">
            <TextInput
              value={name()}
              maxLength={256}
              onInput={(event) => setName(event.currentTarget.value)}
            />
          </Field>
          <Field
            label="Where the script runs"
            hint={
              place() === "here"
                ? "As the user who started the server: no token is needed"
                : "Any machine that reaches this address"
            }
          >
            <Select
              value={place()}
              onChange={(event) =>
                setQuery(
                  { on: event.currentTarget.value === "here" ? undefined : "elsewhere" },
                  stay,
                )
              }
            >
              <option value="here">On the server’s machine</option>
              <option value="elsewhere">On another machine</option>
            </Select>
          </Field>
          <Show when={needsToken()}>
            <div class={styles.token}>
              <Button
                icon={<KeyRound size={15} />}
                busy={making.isPending}
                disabled={token() !== ""}
                onClick={makeToken}
              >
                {token() ? "The token is in the snippet" : "Make a token for it"}
              </Button>
              <p class={styles.hint}>
                It may read and log runs, nothing else, and ends after 30 days. It is shown here
                once; <A href="/settings/profile">your profile</A> lists and revokes it.
              </p>
            </div>
          </Show>
          <Show when={making.error}>{(error) => <ErrorNotice error={error()} />}</Show>
        </div>
      </Card>
      <Card flush>
        <div class={styles.code}>
          <Tabs<Way>
            label="Language"
            value={way()}
            onChange={(chosen) =>
              setQuery({ lang: chosen === "python" ? undefined : chosen }, stay)
            }
            items={[
              { value: "python", label: "Python" },
              { value: "train", label: "axon train" },
              { value: "curl", label: "curl" },
            ]}
          >
            <Switch>
              <Match when={way() === "curl"}>
                <CodeBlock text={curlSnippet(values())} language="shell" label="curl commands" />
              </Match>
              <Match when={withScript(way())}>
                {(started) => (
                  <div class={styles.steps}>
                    <p>
                      Save as <code>train.py</code>:
                    </p>
                    <CodeBlock text={pythonSnippet(values())} language="python" label="train.py" />
                    <p>{START[started()]}</p>
                    <CodeBlock
                      text={
                        started() === "train"
                          ? trainSnippet(values(), place() === "elsewhere")
                          : startSnippet(values(), place() === "elsewhere")
                      }
                      language="shell"
                      label="Commands that start it"
                    />
                  </div>
                )}
              </Match>
            </Switch>
          </Tabs>
        </div>
        <Listening />
      </Card>
    </div>
  );
}

function withScript(way: Way): "python" | "train" | undefined {
  return way === "curl" ? undefined : way;
}

function Listening(): JSX.Element {
  const run = useNextRun();
  return (
    <div class={styles.listening} data-found={Boolean(run.data)} role="status">
      <Show
        when={run.data}
        fallback={
          <>
            <Radio size={18} aria-hidden="true" />
            Waiting for the first metric…
          </>
        }
      >
        {(found) => (
          <>
            <CircleCheck size={18} aria-hidden="true" />
            <span>
              <strong>{found().name}</strong> has begun.
            </span>
            <ButtonLink href={`/training/${found().id}`} variant="primary" size="small">
              Watch it
            </ButtonLink>
          </>
        )}
      </Show>
    </div>
  );
}
