import { createSignal, type JSX, Show } from "solid-js";
import { Problem } from "~/api/problem";
import type { Role } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Field, TextInput } from "~/components/Field/Field";
import { Modal } from "~/components/Modal/Modal";
import { RoleField } from "./InviteModal";
import type { OneTimeLink } from "./LinkModal";
import { useCreateUser } from "./queries";
import styles from "./page.module.css";

/** Makes an account at once; its person signs in by a link and chooses the password then. */
export function NewUserModal(props: {
  open: boolean;
  onClose: () => void;
  onLink: (link: OneTimeLink) => void;
}): JSX.Element {
  const create = useCreateUser();
  const [email, setEmail] = createSignal("");
  const [name, setName] = createSignal("");
  const [role, setRole] = createSignal<Role>("member");
  const fieldError = (field: string): string | undefined =>
    create.error instanceof Problem ? create.error.fieldMessage(field) : undefined;
  const close = (): void => {
    create.reset();
    setEmail("");
    setName("");
    props.onClose();
  };
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    create.mutate(
      { email: email().trim(), name: name().trim(), role: role() },
      {
        onSuccess: (made) => {
          close();
          props.onLink({
            title: `The account of ${made.user.name} is there`,
            text: "The link signs in once, within 15 minutes; the password is chosen then.",
            hash: `link=${made.link_token}`,
          });
        },
      },
    );
  };
  return (
    <Modal open={props.open} onClose={close} title="New account">
      <form class={styles.form} onSubmit={submit}>
        <Field label="Name" error={fieldError("name")}>
          <TextInput
            required
            autofocus
            autocomplete="off"
            maxlength="128"
            value={name()}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        </Field>
        <Field label="E-mail" error={fieldError("email")}>
          <TextInput
            type="email"
            required
            autocomplete="off"
            maxlength="254"
            value={email()}
            onInput={(event) => setEmail(event.currentTarget.value)}
          />
        </Field>
        <RoleField value={role()} onChange={setRole} />
        <Show when={create.error && !fieldError("name") && !fieldError("email")}>
          <ErrorNotice error={create.error} />
        </Show>
        <div class={styles.foot}>
          <Button type="submit" variant="primary" busy={create.isPending}>
            Make the account
          </Button>
          <Button variant="ghost" onClick={close}>
            Cancel
          </Button>
        </div>
      </form>
    </Modal>
  );
}
