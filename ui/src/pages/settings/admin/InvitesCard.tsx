import { For, type JSX, Show } from "solid-js";
import { Button } from "~/components/Button/Button";
import { Card } from "~/components/Card/Card";
import { messageOf } from "~/components/ErrorNotice/ErrorNotice";
import { Table } from "~/components/Table/Table";
import { Time } from "~/components/Time/Time";
import { toast } from "~/components/toast/toast";
import { useInvites, useWithdrawInvite } from "./queries";

/** The invitations that can still be used; nothing where there is none. */
export function InvitesCard(): JSX.Element {
  const invites = useInvites();
  const withdraw = useWithdrawInvite();
  const commit = (id: string): void => {
    withdraw.mutate(id, {
      onSuccess: () => toast("The invitation is withdrawn.", { kind: "success" }),
      onError: (error) => toast(messageOf(error), { kind: "error" }),
    });
  };
  return (
    <Show when={invites.data?.items.length ? invites.data.items : null}>
      {(items) => (
        <Card title="Open invitations" flush>
          <Table
            caption="Open invitations"
            head={
              <>
                <th scope="col">For</th>
                <th scope="col">Role</th>
                <th scope="col">Made</th>
                <th scope="col">Ends</th>
                <th scope="col">
                  <span class="visually-hidden">Withdraw</span>
                </th>
              </>
            }
          >
            <For each={items()}>
              {(invite) => (
                <tr>
                  <th scope="row">{invite.email ?? "whoever has the link"}</th>
                  <td>{invite.role}</td>
                  <td>
                    <Time value={invite.created_at} />
                  </td>
                  <td>
                    <Time value={invite.expires_at} />
                  </td>
                  <td data-numeric>
                    <Button
                      size="small"
                      variant="ghost"
                      aria-label={`Withdraw: ${invite.email ?? "whoever has the link"}`}
                      onClick={() => commit(invite.id)}
                    >
                      Withdraw
                    </Button>
                  </td>
                </tr>
              )}
            </For>
          </Table>
        </Card>
      )}
    </Show>
  );
}
