import { A, useNavigate } from "@solidjs/router";
import LogOut from "lucide-solid/icons/log-out";
import Monitor from "lucide-solid/icons/monitor";
import Moon from "lucide-solid/icons/moon";
import Sun from "lucide-solid/icons/sun";
import UserRound from "lucide-solid/icons/user-round";
import { type JSX, Match, Switch } from "solid-js";
import { Menu, MenuItem } from "~/components/Menu/Menu";
import { useSession } from "~/session/session";
import { chooseTheme, themeChoice } from "~/theme/theme";
import styles from "./TopBar.module.css";

/** The bar at the top: home, search, theme, who is signed in. */
export function TopBar(): JSX.Element {
  return (
    <header class={styles.bar}>
      <A href="/dashboard" class={styles.brand}>
        <img src="/logo.svg" alt="" width="28" height="28" />
        <span>AxonML</span>
      </A>
      <div class={styles.right}>
        <ThemeMenu />
        <UserMenu />
      </div>
    </header>
  );
}

/** Light, dark, or as the system has it. */
export function ThemeMenu(): JSX.Element {
  return (
    <Menu
      label={`Theme: ${themeChoice()}`}
      trigger={
        <Switch fallback={<Monitor size={18} />}>
          <Match when={themeChoice() === "light"}>
            <Sun size={18} />
          </Match>
          <Match when={themeChoice() === "dark"}>
            <Moon size={18} />
          </Match>
        </Switch>
      }
    >
      <MenuItem icon={<Sun size={16} />} onSelect={() => chooseTheme("light")}>
        Light
      </MenuItem>
      <MenuItem icon={<Moon size={16} />} onSelect={() => chooseTheme("dark")}>
        Dark
      </MenuItem>
      <MenuItem icon={<Monitor size={16} />} onSelect={() => chooseTheme("system")}>
        As the system
      </MenuItem>
    </Menu>
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
      label={`Account of ${session.user()?.name ?? "…"}`}
      trigger={<span class={styles.avatar}>{initial()}</span>}
    >
      <div class={styles.who}>
        <strong>{session.user()?.name}</strong>
        <span>{session.user()?.email}</span>
      </div>
      <MenuItem icon={<UserRound size={16} />} onSelect={() => navigate("/settings/profile")}>
        Profile
      </MenuItem>
      <MenuItem icon={<LogOut size={16} />} onSelect={() => void leave()}>
        Sign out
      </MenuItem>
    </Menu>
  );
}
