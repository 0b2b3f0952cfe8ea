import { chosenLocale } from "../../app/preferences";
import { isLocale, locale, LOCALES, t } from "../../i18n";

export function LanguagePicker() {
  return (
    <label class="field field-inline">
      <span class="muted">{t("settings.language")}</span>
      <select
        class="input"
        value={locale.value}
        onChange={(event) => {
          chosenLocale.value = event.currentTarget.value;
        }}
      >
        {Object.entries(LOCALES).map(([code, name]) => (
          <option key={code} value={code} lang={isLocale(code) ? code : undefined}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}
