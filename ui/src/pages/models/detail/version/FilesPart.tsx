import Download from "lucide-solid/icons/download";
import { For, type JSX, lazy, Match, Show, Suspense, Switch } from "solid-js";
import { settled } from "~/api/settled";
import { Button } from "~/components/Button/Button";
import { Bytes } from "~/components/Bytes/Bytes";
import { Card } from "~/components/Card/Card";
import { CopyButton } from "~/components/CopyField/CopyField";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { Table } from "~/components/Table/Table";
import { attempt } from "../../parts/act";
import { download } from "../../parts/download";
import { useFiles, useTensors } from "../../version-queries";
import styles from "../page.module.css";
import own from "./version.module.css";
import type { VersionProps } from "./VersionView";

const TensorBrowser = lazy(() => import("./TensorBrowser"));

/** The files of a version with their checksums, and the tensors in them. */
export function FilesPart(props: VersionProps): JSX.Element {
  const files = useFiles(
    () => props.model.id,
    () => props.version.version,
  );
  return (
    <div class={styles.stack}>
      <Card title="Files" flush>
        <Switch fallback={<Skeleton height="6rem" />}>
          <Match when={files.isError && !files.data}>
            <ErrorNotice error={files.error} onRetry={() => void files.refetch()} />
          </Match>
          <Match when={settled(files)}>
            {(found) => (
              <Table
                caption="Files of the version"
                head={
                  <>
                    <th scope="col">Name</th>
                    <th scope="col" data-numeric="">
                      Size
                    </th>
                    <th scope="col">SHA-256</th>
                    <th scope="col">
                      <span class="visually-hidden">Download</span>
                    </th>
                  </>
                }
              >
                <For each={found()}>
                  {(file) => (
                    <tr>
                      <th scope="row">
                        <code>{file.name}</code>
                      </th>
                      <td data-numeric="">
                        <Bytes value={file.size_bytes} />
                      </td>
                      <td>
                        <span class={own.sha}>
                          <code title={file.sha256}>{file.sha256}</code>
                          <CopyButton text={file.sha256} label={`the SHA-256 of ${file.name}`} />
                        </span>
                      </td>
                      <td>
                        <Button
                          size="small"
                          variant="ghost"
                          icon={<Download size={15} />}
                          aria-label={`Download ${file.name}`}
                          onClick={() =>
                            void attempt(download(props.model.id, props.version.version))
                          }
                        />
                      </td>
                    </tr>
                  )}
                </For>
              </Table>
            )}
          </Match>
        </Switch>
      </Card>
      <Show when={props.version.format === "safetensors"}>
        <TensorPart {...props} />
      </Show>
    </div>
  );
}

function TensorPart(props: VersionProps): JSX.Element {
  const tensors = useTensors(
    () => props.model.id,
    () => props.version,
  );
  return (
    <Switch fallback={<Skeleton height="12rem" />}>
      <Match when={tensors.isError}>
        <ErrorNotice error={tensors.error} onRetry={() => void tensors.refetch()} />
      </Match>
      <Match when={settled(tensors)}>
        {(found) => (
          <Suspense fallback={<Skeleton height="12rem" />}>
            <TensorBrowser tensors={found()} />
          </Suspense>
        )}
      </Match>
    </Switch>
  );
}
