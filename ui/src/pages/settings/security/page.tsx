import { createSignal, type JSX, Match, Show, Switch } from "solid-js";
import type { MfaState } from "~/api/types";
import { Card } from "~/components/Card/Card";
import { ErrorNotice } from "~/components/ErrorNotice/ErrorNotice";
import { PageHeader } from "~/components/PageHeader/PageHeader";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { t } from "~/i18n/i18n";
import { ActivityCard } from "./ActivityCard";
import { PasskeysCard } from "./PasskeysCard";
import { PasswordCard } from "./PasswordCard";
import { RecoveryCard, RecoveryCodesModal } from "./RecoveryCard";
import { SessionsCard } from "./SessionsCard";
import { TotpCard } from "./TotpCard";
import { useMfa } from "./queries";
import styles from "./page.module.css";

/** How I prove who I am, and where I am signed in. */
export default function SecurityPage(): JSX.Element {
  const mfa = useMfa();
  return (
    <>
      <PageHeader title={t("nav.security")} />
      <div class={styles.grid}>
        <Switch>
          <Match when={mfa.data}>{(state) => <Factors state={state()} />}</Match>
          <Match when={mfa.isError}>
            <div class={styles.wide}>
              <ErrorNotice error={mfa.error} onRetry={() => void mfa.refetch()} />
            </div>
          </Match>
          <Match when={mfa.isPending}>
            <div class={styles.wide}>
              <Card>
                <Skeleton height="14rem" />
              </Card>
            </div>
          </Match>
        </Switch>
        <div class={styles.wide}>
          <PasswordCard />
        </div>
        <div class={styles.wide}>
          <SessionsCard />
        </div>
        <div class={styles.wide}>
          <ActivityCard />
        </div>
      </div>
    </>
  );
}

function Factors(props: { state: MfaState }): JSX.Element {
  const [codes, setCodes] = createSignal<readonly string[]>([]);
  return (
    <>
      <Show when={props.state.required && !props.state.enabled}>
        <p class={`${styles.wide} ${styles.notice}`} role="status">
          {t("security.required")}
        </p>
      </Show>
      <div class={styles.wide}>
        <PasskeysCard passkeys={props.state.passkeys} onCodes={setCodes} />
      </div>
      <TotpCard isOn={props.state.totp} onCodes={setCodes} />
      <RecoveryCard
        isOn={props.state.enabled}
        left={props.state.recovery_codes_left}
        onCodes={setCodes}
      />
      <RecoveryCodesModal codes={codes()} onClose={() => setCodes([])} />
    </>
  );
}
