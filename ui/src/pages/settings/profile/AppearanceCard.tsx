import { For, type JSX } from "solid-js";
import { Card } from "~/components/Card/Card";
import { Field, Select } from "~/components/Field/Field";
import { chooseLocale, currentLocale, type Locale, LOCALES, t } from "~/i18n/i18n";
import { chooseTheme, type ThemeChoice, themeChoice } from "~/theme/theme";
import styles from "./page.module.css";

const THEMES: readonly ThemeChoice[] = ["system", "light", "dark"];

export function AppearanceCard(): JSX.Element {
  return (
    <Card title={t("profile.appearance")}>
      <div class={styles.form}>
        <Field label={t("shell.theme")}>
          <Select
            value={themeChoice()}
            onChange={(event) => chooseTheme(event.currentTarget.value as ThemeChoice)}
          >
            <For each={THEMES}>
              {(theme) => (
                <option value={theme} selected={theme === themeChoice()}>
                  {t(`shell.${theme}`)}
                </option>
              )}
            </For>
          </Select>
        </Field>
        <Field label={t("profile.language")} hint={t("profile.languageHint")}>
          <Select
            value={currentLocale()}
            onChange={(event) => void chooseLocale(event.currentTarget.value as Locale)}
          >
            <For each={LOCALES}>
              {(locale) => (
                <option
                  value={locale.tag}
                  lang={locale.tag}
                  selected={locale.tag === currentLocale()}
                >
                  {locale.name}
                </option>
              )}
            </For>
          </Select>
        </Field>
      </div>
    </Card>
  );
}
