import { A } from "@solidjs/router";
import ShieldCheck from "lucide-solid/icons/shield-check";
import type { JSX } from "solid-js";
import { ButtonLink } from "~/components/Button/Button";
import { EmptyState } from "~/components/EmptyState/EmptyState";
import { t } from "~/i18n/i18n";
import { Gate } from "../Gate";

/** The second step of a sign-in; not there yet, and says so. */
export default function MfaPage(): JSX.Element {
  return (
    <Gate title={t("login.mfa")}>
      <h1>{t("login.mfa")}</h1>
      <EmptyState
        title="No second step yet"
        icon={<ShieldCheck size={22} />}
        actions={
          <ButtonLink href="/login" variant="primary">
            {t("login.title")}
          </ButtonLink>
        }
      >
        Passkeys, one-time codes and recovery codes will be asked for here. Today an account signs
        in by its password, or by the one-time link that <code>axon demo</code> prints. More in{" "}
        <A href="/settings/security">security</A>.
      </EmptyState>
    </Gate>
  );
}
