import Monitor from "lucide-solid/icons/monitor";
import Moon from "lucide-solid/icons/moon";
import Sun from "lucide-solid/icons/sun";
import { type JSX, Match, Switch } from "solid-js";
import { Menu, MenuItem } from "~/components/Menu/Menu";
import { t } from "~/i18n/i18n";
import { chooseTheme, themeChoice } from "~/theme/theme";

/** Light, dark, or as the system has it. */
export function ThemeMenu(): JSX.Element {
  return (
    <Menu
      label={`${t("shell.theme")}: ${t(`shell.${themeChoice()}`)}`}
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
        {t("shell.light")}
      </MenuItem>
      <MenuItem icon={<Moon size={16} />} onSelect={() => chooseTheme("dark")}>
        {t("shell.dark")}
      </MenuItem>
      <MenuItem icon={<Monitor size={16} />} onSelect={() => chooseTheme("system")}>
        {t("shell.system")}
      </MenuItem>
    </Menu>
  );
}
