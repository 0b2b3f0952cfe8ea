import { useId } from "preact/hooks";
import type { JSX, TargetedInputEvent } from "preact";

import type { ChannelKind, SettingField } from "../../api/types";
import { t } from "../../i18n";
import { fieldHint, fieldLabel, optionLabel } from "./words";

interface SettingFieldProps {
  spec: ChannelKind;
  field: SettingField;
  value: string;
  error: string | undefined;
  /** Of a channel that is there: empty keeps what is stored. */
  editing: boolean;
  onChange: (value: string) => void;
}

/** One setting, with its name, its hint and what is wrong with it. */
export function SettingInput({ spec, field, value, error, editing, onChange }: SettingFieldProps) {
  const hint = fieldHint(spec, field.key) ?? (field.type === "list" ? t("channels.one-per-line") : null);
  return (
    <LabelledField
      name={field.key}
      label={fieldLabel(spec, field)}
      optional={!field.required && !editing && field.type !== "choice" && field.type !== "switch"}
      hint={hint}
      error={error}
    >
      {(shared) => control({ spec, field, value, editing, onChange, shared })}
    </LabelledField>
  );
}

interface Shared {
  id: string;
  name: string;
  "aria-invalid": boolean;
  "aria-describedby": string;
}

interface LabelledFieldProps {
  name: string;
  label: string;
  optional?: boolean;
  hint: string | null;
  error: string | undefined;
  children: (shared: Shared) => JSX.Element;
}

export function LabelledField({ name, label, optional, hint, error, children }: LabelledFieldProps) {
  const id = useId();
  return (
    <div class="field setting">
      <label for={id}>
        {label}
        {optional && <span class="muted setting-optional"> {t("channels.optional")}</span>}
      </label>
      {children({ id, name, "aria-invalid": error !== undefined, "aria-describedby": `${id}-about` })}
      <div id={`${id}-about`} class="setting-about">
        {error !== undefined && <p class="setting-error">{error}</p>}
        {hint !== null && <p class="muted">{hint}</p>}
      </div>
    </div>
  );
}

type ControlProps = Omit<SettingFieldProps, "error"> & { shared: Shared };

function control({ spec, field, value, editing, onChange, shared }: ControlProps): JSX.Element {
  const keep = editing ? t("channels.keep") : undefined;
  if (field.type === "choice" || field.type === "switch") {
    const options =
      field.type === "switch"
        ? { true: t("channels.on"), false: t("channels.off") }
        : Object.fromEntries(field.options.map((each) => [each, optionLabel(spec, field.key, each)]));
    return (
      <select
        {...shared}
        class="input"
        value={value}
        onChange={(event) => onChange(event.currentTarget.value)}
      >
        {editing && <option value="">{t("channels.keep-choice")}</option>}
        {Object.entries(options).map(([option, label]) => (
          <option key={option} value={option}>
            {label}
          </option>
        ))}
      </select>
    );
  }
  if (field.type === "list" || field.type === "lines") {
    return (
      <textarea
        {...shared}
        class="input setting-list"
        spellcheck={false}
        rows={3}
        value={value}
        placeholder={keep}
        onInput={(event) => onChange(event.currentTarget.value)}
      />
    );
  }
  const text = {
    ...shared,
    class: "input",
    spellcheck: false,
    "aria-required": field.required && !editing,
    value,
    placeholder: keep,
    onInput: (event: TargetedInputEvent<HTMLInputElement>) => onChange(event.currentTarget.value),
  };
  if (field.type === "number") return <input {...text} type="number" />;
  // Browsers must not offer the agent's own password here.
  if (field.type === "secret") return <input {...text} type="password" autocomplete="new-password" />;
  return <input {...text} type="text" autocomplete="off" />;
}
