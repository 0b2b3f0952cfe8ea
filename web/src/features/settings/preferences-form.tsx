import { compactRows, singleKeys, theme, type Theme } from "../../app/preferences";
import { isTouch } from "../../app/viewport";
import { t } from "../../i18n";
import type { Key } from "../../i18n/en";
import { Switch } from "../../ui/switch";
import { LanguagePicker } from "./language-picker";

const THEMES: Record<Theme, Key> = {
  system: "settings.theme-system",
  light: "settings.theme-light",
  dark: "settings.theme-dark",
};

/** What everybody chooses for this browser. */
export function PreferencesForm() {
  return (
    <div class="preferences">
      <LanguagePicker />
      <label class="field field-inline">
        <span class="muted">{t("settings.theme")}</span>
        <select
          class="input"
          value={theme.value}
          onChange={(event) => {
            theme.value = event.currentTarget.value as Theme;
          }}
        >
          {Object.entries(THEMES).map(([name, key]) => (
            <option key={name} value={name}>
              {t(key)}
            </option>
          ))}
        </select>
      </label>
      <Switch choice={compactRows} label={t("settings.compact-rows")} />
      {!isTouch.value && <Switch choice={singleKeys} label={t("settings.single-keys")} />}
    </div>
  );
}
