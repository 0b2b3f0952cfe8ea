import type { SettingField } from "../../api/types";

/** What stands in the fields, as text; "" is nothing. */
export type Values = Readonly<Record<string, string>>;
export type Settings = Record<string, string | number | boolean | string[]>;

function asText(value: SettingField["default"]): string {
  if (value === null) return "";
  return Array.isArray(value) ? value.join("\n") : String(value);
}

/** What a new channel's form shows: defaults, and nothing for secrets.  When editing, empty keeps what is stored. */
export function firstValues(fields: readonly SettingField[], editing: boolean): Values {
  if (editing) return {};
  return Object.fromEntries(fields.map((field) => [field.key, asText(field.default)]));
}

function typed(field: SettingField, text: string): Settings[string] {
  switch (field.type) {
    case "switch":
      return text === "true";
    case "number":
      return Number(text);
    case "list":
      return text
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line !== "");
    default:
      return text;
  }
}

/** The settings to send.  What is empty, or is a new channel's default anyway, is left out. */
export function settingsFrom(fields: readonly SettingField[], values: Values, editing: boolean): Settings {
  const settings: Settings = {};
  for (const field of fields) {
    const text = (values[field.key] ?? "").trim();
    const isDefault = !editing && text === asText(field.default);
    if (text !== "" && !isDefault) settings[field.key] = typed(field, text);
  }
  return settings;
}

/** The required fields that a new channel still lacks. */
export function missingKeys(fields: readonly SettingField[], values: Values): string[] {
  return fields
    .filter((field) => field.required && (values[field.key] ?? "").trim() === "")
    .map((field) => field.key);
}
