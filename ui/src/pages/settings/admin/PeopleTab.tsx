import Ellipsis from "lucide-solid/icons/ellipsis";
import Plus from "lucide-solid/icons/plus";
import { createSignal, For, type JSX, Show } from "solid-js";
import type { Role, UserDetail } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { Card } from "~/components/Card/Card";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { messageOf } from "~/components/ErrorNotice/ErrorNotice";
import { Field, Select, TextInput } from "~/components/Field/Field";
import { Menu, MenuItem } from "~/components/Menu/Menu";
import { Table } from "~/components/Table/Table";
import { Time } from "~/components/Time/Time";
import { toast } from "~/components/toast/toast";
import { useSession } from "~/session/session";
import { InvitesCard } from "./InvitesCard";
import { InviteModal } from "./InviteModal";
import { LinkModal, type OneTimeLink } from "./LinkModal";
import { Listed } from "../Listed";
import { NewUserModal } from "./NewUserModal";
import { DeleteUserModal, ResetMfaModal } from "./UserModals";
import { useSignOutUser, useUpdateUser, useUserLink, useUsers } from "./queries";
import styles from "./page.module.css";

const ROLES: readonly Role[] = ["admin", "member", "viewer"];

type Asking = { what: "delete" | "reset-mfa"; user: UserDetail } | null;

/** Who has an account here, with which role, and who is invited. */
export function PeopleTab(): JSX.Element {
  const [words, setWords] = createSignal("");
  const [isInviting, setIsInviting] = createSignal(false);
  const [isMaking, setIsMaking] = createSignal(false);
  const [link, setLink] = createSignal<OneTimeLink | null>(null);
  const [asking, setAsking] = createSignal<Asking>(null);
  const users = useUsers(words);
  const shown = (): UserDetail[] => users.data?.pages.flatMap((page) => page.items) ?? [];
  const asked = (what: "delete" | "reset-mfa"): UserDetail | null => {
    const now = asking();
    return now?.what === what ? now.user : null;
  };
  return (
    <div class={styles.stack}>
      <Card
        title="People"
        flush
        actions={
          <>
            <Button size="small" variant="ghost" onClick={() => setIsMaking(true)}>
              New account
            </Button>
            <Button size="small" icon={<Plus size={14} />} onClick={() => setIsInviting(true)}>
              Invite
            </Button>
          </>
        }
      >
        <div class={styles.filters}>
          <Field label="Find people" hideLabel>
            <TextInput
              type="search"
              placeholder="Name or e-mail"
              maxlength="254"
              value={words()}
              onInput={(event) => setWords(event.currentTarget.value)}
            />
          </Field>
        </div>
        <Listed pages={users}>
          <Show
            when={shown().length > 0}
            fallback={<EmptyState title="Nobody of that name">Try fewer letters.</EmptyState>}
          >
            <UserTable users={shown()} onAsk={setAsking} onLink={setLink} />
          </Show>
        </Listed>
      </Card>
      <InvitesCard />
      <InviteModal open={isInviting()} onClose={() => setIsInviting(false)} onLink={setLink} />
      <NewUserModal open={isMaking()} onClose={() => setIsMaking(false)} onLink={setLink} />
      <LinkModal link={link()} onClose={() => setLink(null)} />
      <DeleteUserModal user={asked("delete")} onClose={() => setAsking(null)} />
      <ResetMfaModal user={asked("reset-mfa")} onClose={() => setAsking(null)} />
    </div>
  );
}

function UserTable(props: {
  users: UserDetail[];
  onAsk: (asking: Asking) => void;
  onLink: (link: OneTimeLink) => void;
}): JSX.Element {
  return (
    <Table
      caption="People"
      head={
        <>
          <th scope="col">Name</th>
          <th scope="col">Role</th>
          <th scope="col">Second factor</th>
          <th scope="col">Last seen</th>
          <th scope="col">Since</th>
          <th scope="col">
            <span class="visually-hidden">Actions</span>
          </th>
        </>
      }
    >
      <For each={props.users}>
        {(user) => <UserRow user={user} onAsk={props.onAsk} onLink={props.onLink} />}
      </For>
    </Table>
  );
}

function UserRow(props: {
  user: UserDetail;
  onAsk: (asking: Asking) => void;
  onLink: (link: OneTimeLink) => void;
}): JSX.Element {
  const session = useSession();
  const update = useUpdateUser();
  const signOut = useSignOutUser();
  const makeLink = useUserLink();
  const isMe = (): boolean => session.user()?.id === props.user.id;
  // Awaited, not told by `mutate`: a changed row is made anew, and would not hear of it.
  const tell = async (work: Promise<unknown>, message: string): Promise<boolean> => {
    try {
      await work;
      toast(message, { kind: "success" });
      return true;
    } catch (error) {
      toast(messageOf(error), { kind: "error" });
      return false;
    }
  };
  const setRole = async (select: HTMLSelectElement): Promise<void> => {
    const { id, name, role: before } = props.user;
    const role = select.value as Role;
    if (!(await tell(update.mutateAsync({ id, role }), `${name} is ${role} now.`))) {
      select.value = before;
    }
  };
  const showLink = async (): Promise<void> => {
    const { id, name } = props.user;
    try {
      const made = await makeLink.mutateAsync(id);
      props.onLink({
        title: `Sign-in link for ${name}`,
        text: "It signs in once, within 15 minutes, for who has lost the password.",
        hash: `link=${made.link_token}`,
      });
    } catch (error) {
      toast(messageOf(error), { kind: "error" });
    }
  };
  const setDisabled = (): Promise<boolean> => {
    const { id, name, disabled } = props.user;
    const message = `${name} is ${disabled ? "enabled" : "disabled"}.`;
    return tell(update.mutateAsync({ id, disabled: !disabled }), message);
  };
  const signOutAll = (): Promise<boolean> => {
    const { id, name } = props.user;
    return tell(signOut.mutateAsync(id), `${name} is signed out everywhere.`);
  };
  return (
    <tr class={props.user.disabled ? styles.disabled : undefined}>
      <th scope="row">
        {props.user.name}
        <Show when={props.user.disabled}>
          <span class={styles.badge}>disabled</span>
        </Show>
        <div class={styles.faint}>{props.user.email}</div>
      </th>
      <td class={styles.role}>
        <Field label={`Role of ${props.user.name}`} hideLabel>
          <Select
            disabled={update.isPending}
            onChange={(event) => void setRole(event.currentTarget)}
          >
            <For each={ROLES}>
              {(role) => (
                <option value={role} selected={role === props.user.role}>
                  {role}
                </option>
              )}
            </For>
          </Select>
        </Field>
      </td>
      <td>{props.user.mfa_enabled ? "yes" : "no"}</td>
      <td>
        <Show when={props.user.last_seen_at} fallback="signed out">
          {(at) => <Time value={at()} />}
        </Show>
      </td>
      <td>
        <Time value={props.user.created_at} />
      </td>
      <td data-numeric>
        <Menu label={`Actions for ${props.user.name}`} trigger={<Ellipsis size={18} />}>
          <MenuItem onSelect={() => void showLink()}>Make a sign-in link</MenuItem>
          <MenuItem onSelect={() => void signOutAll()}>Sign out everywhere</MenuItem>
          <Show when={props.user.mfa_enabled}>
            <MenuItem onSelect={() => props.onAsk({ what: "reset-mfa", user: props.user })}>
              Reset second factors
            </MenuItem>
          </Show>
          <Show when={!isMe()}>
            <MenuItem onSelect={() => void setDisabled()}>
              {props.user.disabled ? "Enable" : "Disable"}
            </MenuItem>
            <MenuItem onSelect={() => props.onAsk({ what: "delete", user: props.user })}>
              Delete
            </MenuItem>
          </Show>
        </Menu>
      </td>
    </tr>
  );
}
