import { A, useLocation } from "@solidjs/router";
import { For, type JSX, Show } from "solid-js";
import { t } from "~/i18n/i18n";
import styles from "./Navigation.module.css";
import { type Place, PLACES } from "./places";

/** The main places: at the side, or along the bottom of a narrow screen. */
export function Navigation(): JSX.Element {
  const isIn = useIsIn();
  return (
    <nav class={styles.nav} aria-label="Main">
      <ul class={styles.places}>
        <For each={PLACES}>
          {(place) => (
            <li>
              <A
                href={place.href}
                class={`${styles.place} ${isIn(place) ? styles.active : ""}`}
                activeClass=""
                inactiveClass=""
              >
                <place.icon size={18} aria-hidden="true" />
                <span>{t(place.name)}</span>
              </A>
              <Show when={place.under && isIn(place)}>
                <div class={styles.under}>
                  <UnderList place={place} />
                </div>
              </Show>
            </li>
          )}
        </For>
      </ul>
    </nav>
  );
}

/** The pages under the current place, above the content of a narrow screen. */
export function SubNavigation(): JSX.Element {
  const isIn = useIsIn();
  return (
    <For each={PLACES.filter((place) => place.under)}>
      {(place) => (
        <Show when={isIn(place)}>
          <nav class={styles.row} aria-label={t(place.name)}>
            <UnderList place={place} />
          </nav>
        </Show>
      )}
    </For>
  );
}

function UnderList(props: { place: Place }): JSX.Element {
  return (
    <Show when={props.place.under}>
      {(under) => (
        <ul class={styles.subs}>
          <For each={under()}>
            {(one) => (
              <li>
                <A href={one.href} class={styles.sub} activeClass={styles.subActive} end>
                  {t(one.name)}
                </A>
              </li>
            )}
          </For>
        </ul>
      )}
    </Show>
  );
}

function useIsIn(): (place: Place) => boolean {
  const location = useLocation();
  return (place) =>
    location.pathname === place.root || location.pathname.startsWith(`${place.root}/`);
}
