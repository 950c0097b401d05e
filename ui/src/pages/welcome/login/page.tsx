import { A, useNavigate, useSearchParams } from "@solidjs/router";
import { createEffect, createSignal, type JSX, Match, onMount, Show, Switch } from "solid-js";
import { api, unwrap } from "~/api/client";
import { messageOf } from "~/components/ErrorNotice/ErrorNotice";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { t } from "~/i18n/i18n";
import { useSession } from "~/session/session";
import { Gate } from "../Gate";
import { useAuthState } from "~/session/auth-state";
import { type Invitation, RegisterForm } from "./RegisterForm";
import { SignInForm } from "./SignInForm";
import styles from "./page.module.css";

/** Sign in by password or one-time link; on a fresh server, make the first account. */
export default function LoginPage(): JSX.Element {
  const session = useSession();
  const navigate = useNavigate();
  const [search, setSearch] = useSearchParams();
  const auth = useAuthState();
  const [linkError, setLinkError] = createSignal<string>();
  const [isLinking, setIsLinking] = createSignal(location.hash.startsWith("#link="));

  const [invitation, setInvitation] = createSignal<Invitation>();
  const [isInvited, setIsInvited] = createSignal(location.hash.startsWith("#invite="));

  onMount(async () => {
    const token = /^#invite=(.+)$/.exec(location.hash)?.[1];
    if (!token) return;
    history.replaceState(history.state, "", location.pathname + location.search);
    try {
      const body = { token: decodeURIComponent(token) };
      const told = await unwrap(api.POST("/api/auth/invite", { body }));
      setInvitation({ ...told, token: body.token });
    } catch (error) {
      setLinkError(messageOf(error));
    } finally {
      setIsInvited(false);
    }
  });

  onMount(async () => {
    const link = /^#link=(.+)$/.exec(location.hash)?.[1];
    if (!link) return;
    // A token in the address bar would be read over a shoulder and kept in the history.
    history.replaceState(history.state, "", location.pathname + location.search);
    try {
      await session.signInByLink(decodeURIComponent(link));
    } catch (error) {
      setLinkError(messageOf(error));
    } finally {
      setIsLinking(false);
    }
  });

  createEffect(() => {
    if (!session.pending() || isLinking()) return;
    navigate(`/mfa?to=${encodeURIComponent(safePath(search["to"]))}`);
  });
  createEffect(() => {
    if (session.state() !== "signed-in" || isLinking()) return;
    navigate(safePath(search["to"]), { replace: true });
  });

  const isRegistering = (): boolean =>
    auth.data?.has_users === false || (search["new"] === "1" && auth.data?.registration === "open");

  return (
    <Gate title={t("login.title")}>
      <Switch fallback={<Skeleton height="22rem" />}>
        <Match when={isInvited()}>
          <Skeleton height="22rem" />
        </Match>
        <Match when={invitation()}>
          {(guest) => (
            <>
              <h1>{t("login.register")}</h1>
              <p class={styles.sub}>{t("login.invited", { role: guest().role })}</p>
              <RegisterForm needsSetupToken={false} invitation={guest()} />
            </>
          )}
        </Match>
        <Match when={isLinking()}>
          <p role="status">{t("login.linking")}</p>
        </Match>
        <Match when={auth.isError && !auth.data}>
          <p class={styles.notice} role="alert">
            {t("login.unreachable")} <code>axon start</code>
          </p>
        </Match>
        <Match when={auth.data && isRegistering() && auth.data}>
          {(state) => (
            <>
              <h1>{t(state().has_users ? "login.register" : "login.first")}</h1>
              <Show when={!state().has_users}>
                <p class={styles.sub}>{t("login.firstSub")}</p>
              </Show>
              <RegisterForm needsSetupToken={state().needs_setup_token} />
              <Show when={state().has_users}>
                <p class={styles.foot}>
                  <A href="/login" onClick={() => setSearch({ new: null })}>
                    {t("login.haveAccount")}
                  </A>
                </p>
              </Show>
            </>
          )}
        </Match>
        <Match when={auth.data}>
          {(state) => (
            <>
              <h1>{t("login.title")}</h1>
              <Show when={linkError()}>
                {(message) => (
                  <p class={styles.notice} role="alert">
                    {message()}
                  </p>
                )}
              </Show>
              <SignInForm />
              <p class={styles.foot}>
                <Show when={state().registration === "open"} fallback={t("login.byInvite")}>
                  <A href="/login?new=1">{t("login.newHere")}</A>
                </Show>
              </p>
            </>
          )}
        </Match>
      </Switch>
    </Gate>
  );
}

/** Where to go after signing in: only ever a path of this page. */
export function safePath(wanted: string | string[] | undefined): string {
  return typeof wanted === "string" && /^\/(?![/\\])/.test(wanted) ? wanted : "/dashboard";
}
