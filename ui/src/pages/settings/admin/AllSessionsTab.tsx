import { For, type JSX } from "solid-js";
import type { UserSession } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { Card } from "~/components/Card/Card";
import { messageOf } from "~/components/ErrorNotice/ErrorNotice";
import { Table } from "~/components/Table/Table";
import { Time } from "~/components/Time/Time";
import { toast } from "~/components/toast/toast";
import { deviceName } from "../device-name";
import { Listed } from "../Listed";
import { useAllSessions, useEndAnySession } from "./queries";

/** Where everybody is signed in; each place can be signed out from here. */
export function AllSessionsTab(): JSX.Element {
  const sessions = useAllSessions();
  const end = useEndAnySession();
  const shown = (): UserSession[] => sessions.data?.pages.flatMap((page) => page.items) ?? [];
  const signOut = (session: UserSession): void => {
    end.mutate(session.id, {
      onSuccess: () => toast(`${session.email} is signed out there.`, { kind: "success" }),
      onError: (error) => toast(messageOf(error), { kind: "error" }),
    });
  };
  return (
    <Card flush>
      <Listed pages={sessions}>
        <Table
          caption="Sessions"
          head={
            <>
              <th scope="col">Person</th>
              <th scope="col">Device</th>
              <th scope="col">Address</th>
              <th scope="col">Last used</th>
              <th scope="col">Since</th>
              <th scope="col">
                <span class="visually-hidden">Sign out</span>
              </th>
            </>
          }
        >
          <For each={shown()}>
            {(session) => (
              <tr>
                <th scope="row">{session.email || "deleted account"}</th>
                <td title={session.user_agent}>{deviceName(session.user_agent)}</td>
                <td>
                  <code>{session.address}</code>
                </td>
                <td>
                  <Time value={session.last_used_at} />
                </td>
                <td>
                  <Time value={session.created_at} />
                </td>
                <td data-numeric>
                  <Button
                    size="small"
                    variant="ghost"
                    aria-label={`Sign out: ${session.email}, ${deviceName(session.user_agent)}`}
                    onClick={() => signOut(session)}
                  >
                    Sign out
                  </Button>
                </td>
              </tr>
            )}
          </For>
        </Table>
      </Listed>
    </Card>
  );
}
