import { A, Navigate, useLocation } from "@solidjs/router";
import { For, type JSX, type ParentProps, Show, Suspense } from "solid-js";
import { Skeleton } from "~/components/Skeleton/Skeleton";
import { t } from "~/i18n/i18n";
import { useSession } from "~/session/session";
import styles from "./AppShell.module.css";
import { Overlays } from "./Overlays";
import { PLACES } from "./places";
import { ReconnectBanner } from "./ReconnectBanner";
import { TopBar } from "./TopBar";

/** The frame of every page for people who are signed in; the others go to the sign-in page. */
export function AppShell(props: ParentProps): JSX.Element {
  const session = useSession();
  const location = useLocation();
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
        <nav class={styles.nav} aria-label="Main">
          <ul class={styles.places}>
            <For each={PLACES}>
              {(place) => (
                <li>
                  <A
                    href={place.href}
                    class={styles.place}
                    activeClass={styles.active}
                    end={place.href === "/dashboard"}
                  >
                    <place.icon size={18} aria-hidden="true" />
                    <span>{t(place.name)}</span>
                  </A>
                  <Show when={place.under && location.pathname.startsWith(place.href)}>
                    <ul class={styles.under}>
                      <For each={place.under}>
                        {(under) => (
                          <li>
                            <A
                              href={under.href}
                              class={styles.sub}
                              activeClass={styles.subActive}
                              end
                            >
                              {t(under.name)}
                            </A>
                          </li>
                        )}
                      </For>
                    </ul>
                  </Show>
                </li>
              )}
            </For>
          </ul>
        </nav>
        <main id="content" class={styles.main} tabindex="-1">
          <ReconnectBanner />
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
