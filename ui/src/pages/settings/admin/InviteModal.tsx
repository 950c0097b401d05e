import { createSignal, For, type JSX, Show } from "solid-js";
import type { Role } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Field, Select, TextInput } from "~/components/Field/Field";
import { Modal } from "~/components/Modal/Modal";
import type { OneTimeLink } from "./LinkModal";
import { useCreateInvite } from "./queries";
import styles from "./page.module.css";

const ROLE_WORDS: readonly (readonly [Role, string])[] = [
  ["member", "Member: records runs, uploads and serves models"],
  ["viewer", "Viewer: sees what the team shares, changes nothing"],
  ["admin", "Administrator: manages people and everything they made"],
];
const DAYS: readonly number[] = [1, 7, 30];
const DEFAULT_DAYS = 7;

/** Makes a link by which one person makes an account. */
export function InviteModal(props: {
  open: boolean;
  onClose: () => void;
  onLink: (link: OneTimeLink) => void;
}): JSX.Element {
  const create = useCreateInvite();
  const [email, setEmail] = createSignal("");
  const [role, setRole] = createSignal<Role>("member");
  const [days, setDays] = createSignal(DEFAULT_DAYS);
  const close = (): void => {
    create.reset();
    setEmail("");
    props.onClose();
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    const to = email().trim();
    create.mutate(
      { email: to || null, role: role(), expires_in_days: days() },
      {
        onSuccess: (made) => {
          close();
          props.onLink({
            title: to ? `Invitation for ${to}` : "Invitation",
            text: `It makes one account with the role ${made.invite.role}.`,
            hash: `invite=${made.token}`,
          });
        },
      },
    );
  };
  return (
    <Modal open={props.open} onClose={close} title="Invite somebody">
      <form class={styles.form} onSubmit={submit}>
        <Field label="E-mail" hint="Left out, whoever has the link can use it, once.">
          <TextInput
            type="email"
            autofocus
            autocomplete="off"
            maxlength="254"
            value={email()}
            onInput={(event) => setEmail(event.currentTarget.value)}
          />
        </Field>
        <RoleField value={role()} onChange={setRole} />
        <Field label="Ends">
          <Select onChange={(event) => setDays(Number(event.currentTarget.value))}>
            <For each={DAYS}>
              {(count) => (
                <option value={count} selected={count === days()}>
                  {count === 1 ? "in a day" : `in ${count} days`}
                </option>
              )}
            </For>
          </Select>
        </Field>
        <Show when={create.error}>
          <ErrorNotice error={create.error} />
        </Show>
        <div class={styles.foot}>
          <Button type="submit" variant="primary" busy={create.isPending}>
            Make the link
          </Button>
          <Button variant="ghost" onClick={close}>
            Cancel
          </Button>
        </div>
      </form>
    </Modal>
  );
}

/** What somebody will be allowed to do. */
export function RoleField(props: { value: Role; onChange: (role: Role) => void }): JSX.Element {
  return (
    <Field label="Role">
      <Select onChange={(event) => props.onChange(event.currentTarget.value as Role)}>
        <For each={ROLE_WORDS}>
          {([role, words]) => (
            <option value={role} selected={role === props.value}>
              {words}
            </option>
          )}
        </For>
      </Select>
    </Field>
  );
}
