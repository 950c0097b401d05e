import Download from "lucide-solid/icons/download";
import { For, type JSX, Show } from "solid-js";
import type { Artifact, MediaItem } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { Bytes } from "~/components/Bytes/Bytes";
import { Card } from "~/components/Card/Card";
import { CopyButton } from "~/components/CopyField/CopyField";
import { Table } from "~/components/Table/Table";
import { Time } from "~/components/Time/Time";
import styles from "./artifacts.module.css";
import { saveArtifact, saveFile } from "./content";

/** Files with their sizes and checksums, to be downloaded one by one. */
export function FileTable(props: { caption: string; files: readonly MediaItem[] }): JSX.Element {
  return (
    <Table
      caption={props.caption}
      maxHeight="28rem"
      head={
        <>
          <th scope="col">Path</th>
          <th scope="col" data-numeric>
            Size
          </th>
          <th scope="col">SHA-256</th>
          <th scope="col">
            <span class="visually-hidden">Download</span>
          </th>
        </>
      }
    >
      <For each={props.files}>
        {(file) => (
          <tr>
            <th scope="row">
              <code class={styles.path}>{file.key}</code>
            </th>
            <td data-numeric>
              <Bytes value={file.size_bytes} />
            </td>
            <td>
              <span class={styles.sha}>
                <code title={file.sha256}>{file.sha256.slice(0, 12)}</code>
                <CopyButton text={file.sha256} label={`Copy the SHA-256 of ${file.key}`} />
              </span>
            </td>
            <td>
              <Button
                variant="ghost"
                icon={<Download size={15} />}
                aria-label={`Download ${file.key}`}
                onClick={() => void saveFile(file)}
              />
            </td>
          </tr>
        )}
      </For>
    </Table>
  );
}

/** One version of an artifact with its files. */
export function ArtifactCard(props: { runId: string; artifact: Artifact }): JSX.Element {
  const name = (): string => `${props.artifact.name} v${props.artifact.version}`;
  return (
    <Card
      flush
      title={
        <>
          {name()} <Show when={props.artifact.type}>({props.artifact.type})</Show>
        </>
      }
      actions={
        <Button
          icon={<Download size={15} />}
          disabled={!props.artifact.is_complete}
          onClick={() =>
            void saveArtifact(props.runId, props.artifact.name, props.artifact.version)
          }
        >
          Zip
        </Button>
      }
    >
      <p class={styles.facts}>
        <Show
          when={props.artifact.is_complete}
          fallback={
            <>
              {props.artifact.files.length} of {props.artifact.n_files} files have arrived
            </>
          }
        >
          {props.artifact.n_files} {props.artifact.n_files === 1 ? "file" : "files"}
        </Show>
        , <Bytes value={props.artifact.size_bytes} />, <Time value={props.artifact.created_at} />
      </p>
      <FileTable caption={`Files of ${name()}`} files={props.artifact.files} />
    </Card>
  );
}
