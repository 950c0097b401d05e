import { useSearchParams } from "@solidjs/router";
import Box from "lucide-solid/icons/box";
import Plus from "lucide-solid/icons/plus";
import Upload from "lucide-solid/icons/upload";
import { createMemo, createSignal, type JSX, Match, Show, Switch } from "solid-js";
import { settled } from "~/api/settled";
import type { Model } from "~/api/types";
import { Button, ButtonLink } from "~/components/Button/Button";
import { Card } from "~/components/Card/Card";
import { CodeBlock } from "~/components/CopyField/CopyField";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { PageHeader } from "~/components/PageHeader/PageHeader";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { mayMake } from "../parts/rights";
import { useModelPages, useModelWords } from "../queries";
import { hiddenModels } from "./delete";
import { Filters } from "./Filters";
import { ModelTable } from "./ModelTable";
import { NewModel } from "./NewModel";
import styles from "./page.module.css";
import { type Address, addressOf, isNarrowed, type ModelsView, queryOf, viewOf } from "./view";

const PUSH = "axon models push digits model.onnx --metric.accuracy 0.97";
const LOG = `run.log_model("model.onnx", name="digits", metrics={"accuracy": 0.97})`;

/** /models: every model with its newest version. */
export default function ModelsPage(): JSX.Element {
  const [query, setQuery] = useSearchParams<Address>();
  const view = createMemo(() => viewOf(query));
  const change = (part: Partial<ModelsView>): void =>
    setQuery(addressOf(part), { replace: true, scroll: false });
  const list = useModelPages(() => queryOf(view()));
  const words = useModelWords();
  const [isMaking, setMaking] = createSignal(false);
  const models = createMemo((): Model[] =>
    (settled(list)?.pages ?? [])
      .flatMap((page) => page.items)
      .filter((model) => !hiddenModels().has(model.id)),
  );
  const total = (): number => {
    const all = settled(list)?.pages.at(-1)?.total ?? 0;
    const read = settled(list)?.pages.reduce((sum, page) => sum + page.items.length, 0) ?? 0;
    return all - (read - models().length);
  };
  return (
    <>
      <PageHeader
        title="Models"
        subtitle="Every version that was kept, with its file, its figures and the run it came from."
        actions={
          <Show when={mayMake()}>
            <Button icon={<Plus size={16} />} onClick={() => setMaking(true)}>
              New model
            </Button>
            <ButtonLink href="/models/upload" variant="primary" icon={<Upload size={16} />}>
              Upload a version
            </ButtonLink>
          </Show>
        }
      />
      <NewModel open={isMaking()} onClose={() => setMaking(false)} />
      <Switch>
        <Match when={list.isError && !list.data}>
          <ErrorNotice error={list.error} onRetry={() => void list.refetch()} />
        </Match>
        <Match when={list.isPending}>
          <Skeleton height="20rem" />
        </Match>
        <Match when={total() === 0 && !isNarrowed(view())}>
          <EmptyState
            title="No models yet"
            icon={<Box size={28} />}
            command={PUSH}
            actions={
              <Show when={mayMake()}>
                <ButtonLink href="/models/upload">Upload a file</ButtonLink>
              </Show>
            }
          >
            A shell keeps a model with one command, a script with one line at its end:
            <CodeBlock text={LOG} language="python" label="the Python line" />
          </EmptyState>
        </Match>
        <Match when={true}>
          <Filters view={view()} words={settled(words)} total={total()} onChange={change} />
          <Show
            when={total() > 0}
            fallback={
              <EmptyState
                title="No model matches"
                actions={
                  <Button
                    onClick={() => change({ q: "", tag: "", alias: "", format: "", deployed: "" })}
                  >
                    Show all models
                  </Button>
                }
              />
            }
          >
            <Card flush>
              <ModelTable
                models={models()}
                view={view()}
                isStale={list.isPlaceholderData}
                onChange={change}
              />
            </Card>
            <Show when={list.hasNextPage}>
              <div class={styles.more}>
                <Button busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
                  Show more of {total()}
                </Button>
              </div>
            </Show>
          </Show>
        </Match>
      </Switch>
    </>
  );
}
