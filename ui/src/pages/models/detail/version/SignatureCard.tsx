import { For, type JSX } from "solid-js";
import type { Signature, TensorSpec } from "~/api/types";
import { Card } from "~/components/Card/Card";
import { Table } from "~/components/Table/Table";
import { shapeText } from "../../parts/metrics";

/** What a model takes and gives, as a table. */
export function SignatureCard(props: { signature: Signature }): JSX.Element {
  const rows = (): [string, TensorSpec][] => [
    ...props.signature.inputs.map((spec): [string, TensorSpec] => ["takes", spec]),
    ...props.signature.outputs.map((spec): [string, TensorSpec] => ["gives", spec]),
  ];
  return (
    <Card title="Signature" flush>
      <Table
        caption="What the model takes and gives"
        head={
          <>
            <th scope="col">Name</th>
            <th scope="col">Role</th>
            <th scope="col">Type and shape</th>
          </>
        }
      >
        <For each={rows()}>
          {([role, spec]) => (
            <tr>
              <th scope="row">
                <code>{spec.name}</code>
              </th>
              <td>{role}</td>
              <td>
                <code>{shapeText(spec.dtype, spec.shape)}</code>
              </td>
            </tr>
          )}
        </For>
      </Table>
    </Card>
  );
}
