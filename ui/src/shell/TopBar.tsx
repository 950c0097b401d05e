import { A, useNavigate } from "@solidjs/router";
import LogOut from "lucide-solid/icons/log-out";
import Search from "lucide-solid/icons/search";
import UserRound from "lucide-solid/icons/user-round";
import type { JSX } from "solid-js";
import { Menu, MenuItem } from "~/components/Menu/Menu";
import { isMac } from "~/hotkeys/hotkeys";
import { useSession } from "~/session/session";
import { t } from "~/i18n/i18n";
import { openPalette } from "./Overlays";
import { ThemeMenu } from "./ThemeMenu";
import styles from "./TopBar.module.css";

const KEYS = isMac ? "⌘ K" : "Ctrl K";

/** The bar at the top: home, search, theme, who is signed in. */
export function TopBar(): JSX.Element {
  return (
    <header class={styles.bar}>
      <A href="/dashboard" class={styles.brand}>
        <img src="/logo.svg" alt="" width="28" height="28" />
        <span>AxonML</span>
      </A>
      <div class={styles.right}>
        <button
          type="button"
          class={styles.search}
          aria-label={`${t("shell.search")} ${KEYS}`}
          aria-keyshortcuts={isMac ? "Meta+K" : "Control+K"}
          onClick={openPalette}
        >
          <Search size={16} aria-hidden="true" />
          <span>{t("shell.search")}</span> <kbd>{KEYS}</kbd>
        </button>
        <ThemeMenu />
        <UserMenu />
      </div>
    </header>
  );
}

function UserMenu(): JSX.Element {
  const session = useSession();
  const navigate = useNavigate();
  const initial = (): string => (session.user()?.name ?? "?").slice(0, 1).toUpperCase();
  const leave = async (): Promise<void> => {
    await session.signOut();
    navigate("/login");
  };
  return (
    <Menu
      label={t("shell.account", { name: session.user()?.name ?? "…" })}
      trigger={<span class={styles.avatar}>{initial()}</span>}
    >
      <div class={styles.who}>
        <strong>{session.user()?.name}</strong>
        <span>{session.user()?.email}</span>
      </div>
      <MenuItem icon={<UserRound size={16} />} onSelect={() => navigate("/settings/profile")}>
        {t("nav.profile")}
      </MenuItem>
      <MenuItem icon={<LogOut size={16} />} onSelect={() => void leave()}>
        {t("shell.signOut")}
      </MenuItem>
    </Menu>
  );
}
