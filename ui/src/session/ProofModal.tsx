import KeyRound from "lucide-solid/icons/key-round";
import { createSignal, type JSX, Show } from "solid-js";
import { useQuery } from "@tanstack/solid-query";
import { replaceToken } from "~/api/access";
import { api, unwrap } from "~/api/client";
import type { Reauth } from "~/api/types";
import { Button } from "~/components/Button/Button";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { Field, TextInput } from "~/components/Field/Field";
import { Modal } from "~/components/Modal/Modal";
import { t } from "~/i18n/i18n";
import { canUsePasskeys, provePasskey, wasDismissed } from "./passkey";
import { endProof, isAskingForProof } from "./proof";
import { useSession } from "./session";
import styles from "./ProofModal.module.css";

/** Asks who is there before a change that could lock somebody out. */
export default function ProofModal(): JSX.Element {
  return (
    <Modal open={isAskingForProof()} onClose={() => endProof(false)} title={t("proof.title")}>
      <ProofForm />
    </Modal>
  );
}

function ProofForm(): JSX.Element {
  const session = useSession();
  const mfa = useQuery(() => ({
    queryKey: ["auth", "mfa"],
    queryFn: () => unwrap(api.GET("/api/auth/mfa")),
  }));
  const [secret, setSecret] = createSignal("");
  const [error, setError] = createSignal<unknown>();
  const [isBusy, setIsBusy] = createSignal(false);
  // With a second factor a password alone proves too little.
  const asksCode = (): boolean => Boolean(mfa.data?.enabled);
  const hasSecret = (): boolean => asksCode() || Boolean(session.user()?.has_password);
  const hasPasskey = (): boolean =>
    Boolean(mfa.data && mfa.data.passkeys.length > 0 && canUsePasskeys());

  const prove = async (proof: () => Promise<Reauth>): Promise<void> => {
    setIsBusy(true);
    setError(undefined);
    try {
      replaceToken(await unwrap(api.POST("/api/auth/reauth", { body: await proof() })));
      endProof(true);
    } catch (caught) {
      if (!wasDismissed(caught)) setError(() => caught);
    } finally {
      setIsBusy(false);
    }
  };
  const typed = async (): Promise<Reauth> =>
    asksCode() ? { code: secret().trim() } : { password: secret() };

  return (
    <form
      class={styles.form}
      onSubmit={(event) => {
        event.preventDefault();
        void prove(typed);
      }}
    >
      <p>{t("proof.text")}</p>
      <Show when={hasPasskey()}>
        <Button
          icon={<KeyRound size={16} />}
          busy={isBusy()}
          onClick={() => void prove(async () => ({ passkey: await provePasskey() }))}
        >
          {t("mfa.use.webauthn")}
        </Button>
      </Show>
      <Show when={hasSecret()}>
        <Field label={t(asksCode() ? "proof.code" : "login.password")}>
          <TextInput
            type={asksCode() ? "text" : "password"}
            autocomplete={asksCode() ? "one-time-code" : "current-password"}
            required
            autofocus
            value={secret()}
            onInput={(event) => setSecret(event.currentTarget.value)}
          />
        </Field>
      </Show>
      <Show when={mfa.data && !hasSecret() && !hasPasskey()}>
        <p>
          {t("proof.nothing")} <code>axon link</code>
        </p>
      </Show>
      <Show when={error()}>
        <ErrorNotice error={error()} />
      </Show>
      <div class={styles.foot}>
        <Show when={hasSecret()}>
          <Button type="submit" variant="primary" busy={isBusy()} disabled={!secret()}>
            {t("mfa.continue")}
          </Button>
        </Show>
        <Button variant="ghost" onClick={() => endProof(false)}>
          {t("tokens.cancel")}
        </Button>
      </div>
    </form>
  );
}
