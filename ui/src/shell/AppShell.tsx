import { Navigate, useLocation, useNavigate } from "@solidjs/router";
import { createEffect, type JSX, type ParentProps, Show, Suspense } from "solid-js";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { t } from "~/i18n/i18n";
import { useAuthState } from "~/session/auth-state";
import { useSession } from "~/session/session";
import styles from "./AppShell.module.css";
import { Navigation, SubNavigation } from "./Navigation";
import { Overlays } from "./Overlays";
import { ReconnectBanner } from "./ReconnectBanner";
import { TopBar } from "./TopBar";

const SECURITY = "/settings/security";

/** The frame of every page for people who are signed in; the others go to the sign-in page. */
export function AppShell(props: ParentProps): JSX.Element {
  const session = useSession();
  const location = useLocation();
  const navigate = useNavigate();
  const auth = useAuthState();
  // Everything else is refused to who has no second factor on a server that asks for one.
  createEffect(() => {
    if (!auth.data?.require_mfa || session.user()?.mfa_enabled !== false) return;
    if (location.pathname !== SECURITY) navigate(SECURITY, { replace: true });
  });
  const back = (): string => encodeURIComponent(location.pathname + location.search);
  return (
    <Show
      when={session.state() !== "signed-out"}
      fallback={<Navigate href={`/login?to=${back()}`} />}
    >
      <div class={styles.shell}>
        <a class={styles.skip} href="#content">
          {t("nav.skip")}
        </a>
        <TopBar />
        <Navigation />
        <main id="content" class={styles.main} tabindex="-1">
          <ReconnectBanner />
          <SubNavigation />
          <Show when={session.state() === "signed-in"} fallback={<PageSkeleton />}>
            <Suspense fallback={<PageSkeleton />}>{props.children}</Suspense>
          </Show>
        </main>
        <Overlays />
      </div>
    </Show>
  );
}

function PageSkeleton(): JSX.Element {
  return (
    <div class={styles.skeleton} aria-busy="true" aria-label="Loading">
      <Skeleton height="2rem" width="14rem" />
      <Skeleton height="12rem" />
      <Skeleton height="20rem" />
    </div>
  );
}
