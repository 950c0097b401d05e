import { A, useSearchParams } from "@solidjs/router";
import Box from "lucide-solid/icons/box";
import Upload from "lucide-solid/icons/upload";
import { For, type JSX, Match, Show, Switch } from "solid-js";
import type { Model } from "~/api/types";
import { ButtonLink } from "~/components/Button/Button";
import { Card } from "~/components/Card/Card";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Field, TextInput } from "~/components/Field/Field";
import { PageHeader } from "~/components/PageHeader/PageHeader";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { Table } from "~/components/Table/Table";
import { Time } from "~/components/Time/Time";
import { useModels } from "../queries";
import styles from "./page.module.css";

const SNIPPET = `run.log_model("model.onnx", name="digits", metrics={"accuracy": 0.97})`;

/** /models: every model with its newest version. */
export default function ModelsPage(): JSX.Element {
  const [query, setQuery] = useSearchParams<{ q?: string }>();
  const text = (): string => query.q ?? "";
  const models = useModels(text);
  return (
    <>
      <PageHeader
        title="Models"
        subtitle="Every version that was kept, with its file, its figures and the run it came from."
        actions={
          <ButtonLink href="/models/upload" variant="primary" icon={<Upload size={16} />}>
            Upload a model
          </ButtonLink>
        }
      />
      <div class={styles.bar}>
        <Field label="Search models" hideLabel>
          <TextInput
            type="search"
            placeholder="Search by name"
            value={text()}
            onInput={(event) =>
              setQuery({ q: event.currentTarget.value || undefined }, { replace: true })
            }
          />
        </Field>
      </div>
      <Switch>
        <Match when={models.isError && !models.data}>
          <ErrorNotice error={models.error} onRetry={() => void models.refetch()} />
        </Match>
        <Match when={models.isPending}>
          <Skeleton height="14rem" />
        </Match>
        <Match when={models.data?.items.length === 0 && text() !== ""}>
          <EmptyState title={`No model's name contains “${text()}”`} />
        </Match>
        <Match when={models.data?.items.length === 0}>
          <EmptyState
            title="No models yet"
            icon={<Box size={28} />}
            command={SNIPPET}
            language="python"
            actions={<ButtonLink href="/models/upload">Upload a file</ButtonLink>}
          >
            A script keeps a model with one line at its end; or upload an ONNX file here.
          </EmptyState>
        </Match>
        <Match when={models.data}>
          {(page) => (
            <Card flush>
              <Table
                caption="Models"
                head={
                  <>
                    <th scope="col">Name</th>
                    <th scope="col">Latest</th>
                    <th scope="col">Versions</th>
                    <th scope="col">Aliases</th>
                    <th scope="col">Changed</th>
                  </>
                }
              >
                <For each={page().items}>{(model) => <ModelRow model={model} />}</For>
              </Table>
            </Card>
          )}
        </Match>
      </Switch>
    </>
  );
}

function ModelRow(props: { model: Model }): JSX.Element {
  const aliases = (): [string, number][] => Object.entries(props.model.aliases ?? {});
  return (
    <tr>
      <th scope="row" class={styles.name}>
        <A href={`/models/${props.model.id}`}>{props.model.name}</A>
        <For each={props.model.tags ?? []}>{(tag) => <span class={styles.tag}>{tag}</span>}</For>
      </th>
      <td>
        <Show when={props.model.latest_version} fallback="–">
          v{props.model.latest_version}
        </Show>
      </td>
      <td class="figures">{props.model.n_versions}</td>
      <Aliases aliases={aliases()} />
      <td>
        <Time value={props.model.updated_at} />
      </td>
    </tr>
  );
}

function Aliases(props: { aliases: [string, number][] }): JSX.Element {
  return (
    <td aria-label={props.aliases.length > 0 ? "Aliases" : "No aliases"}>
      <For each={props.aliases} fallback="–">
        {([alias, version]) => (
          <span class={styles.tag}>
            {alias} → v{version}
          </span>
        )}
      </For>
    </td>
  );
}
