import type { ChannelKind, SettingField } from "../../api/types";
import { t } from "../../i18n";
import { Button } from "../../ui/button";
import { LabelledField, SettingInput } from "./setting-field";
import { TestSms } from "./test-sms";
import type { ChannelFormState, Outcome } from "./use-channel-form";
import { kindName } from "./words";

interface ChannelFormProps {
  spec: ChannelKind;
  state: ChannelFormState;
  submitLabel: string;
  onSubmit: () => void;
}

/** The fields of a channel as its connector asks for them; the same for a new one and for one that is there. */
export function ChannelForm({ spec, state, submitLabel, onSubmit }: ChannelFormProps) {
  const { form, name, setName, errors, busy } = state;
  const usual = spec.fields.filter((field) => !field.advanced);
  const advanced = spec.fields.filter((field) => field.advanced);
  const input = (field: SettingField) => (
    <SettingInput
      key={field.key}
      spec={spec}
      field={field}
      value={state.values[field.key] ?? ""}
      error={errors[field.key]}
      editing={state.editing}
      onChange={(value) => state.change(field.key, value)}
    />
  );
  return (
    <form
      ref={form}
      class="card channel-form"
      aria-label={t("channels.settings")}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
    >
      <h2>{t("channels.settings")}</h2>
      <LabelledField
        name="name"
        label={t("channels.name")}
        hint={t("channels.name-hint")}
        error={errors["name"]}
      >
        {(shared) => (
          <input
            {...shared}
            class="input"
            autocomplete="off"
            maxLength={120}
            aria-required
            value={name}
            onInput={(event) => setName(event.currentTarget.value)}
          />
        )}
      </LabelledField>
      {usual.map(input)}
      {advanced.length > 0 && (
        <details class="channel-more">
          <summary>{t("channels.more-settings")}</summary>
          {advanced.map(input)}
        </details>
      )}
      {spec.kind === "sms" && <TestSms state={state} />}
      <Result state={state} checking={t("channels.checking", { kind: kindName(spec) })} />
      <div class="channel-buttons">
        <Button onClick={() => void state.check()} disabled={busy !== null}>
          {t("channels.check")}
        </Button>
        <Button kind="primary" type="submit" disabled={busy !== null}>
          {submitLabel}
        </Button>
      </div>
    </form>
  );
}

const TONES = { good: "notice", plain: "notice notice-plain", bad: "notice notice-danger" };

/** Always there, so that screen readers hear what comes into it. */
function Result({ state, checking }: { state: ChannelFormState; checking: string }) {
  const { outcome, busy } = state;
  return (
    <div role="status" class="channel-result" data-testid="channel-result">
      {busy === "check" && <p class="muted">{checking}</p>}
      {outcome !== null && (
        <div class={TONES[outcome.tone]}>
          {outcome.lines.map((line) => (
            <p key={line}>{line}</p>
          ))}
          <Unchecked outcome={outcome} />
        </div>
      )}
    </div>
  );
}

function Unchecked({ outcome }: { outcome: Outcome }) {
  const { unchecked = [], preview = null } = outcome;
  return (
    <>
      {unchecked.length > 0 && (
        <>
          <p>{t("channels.unchecked")}</p>
          <ul>
            {unchecked.map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </>
      )}
      {preview !== null && (
        <details>
          <summary>{t("channels.preview")}</summary>
          <pre class="scroller">{preview}</pre>
        </details>
      )}
    </>
  );
}
