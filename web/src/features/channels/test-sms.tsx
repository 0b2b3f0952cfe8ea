import { useId, useState } from "preact/hooks";

import { t } from "../../i18n";
import { Button } from "../../ui/button";
import { mayBeNumber } from "../start/number";
import type { ChannelFormState } from "./use-channel-form";

/** One SMS with the settings of the form, for whoever wants to see it arrive. */
export function TestSms({ state }: { state: ChannelFormState }) {
  const id = useId();
  const [number, setNumber] = useState("");
  const canSend = mayBeNumber(number) && state.busy === null;
  const send = (): void => {
    if (canSend) void state.sendTest(number);
  };
  return (
    <details class="channel-more">
      <summary>{t("channels.test")}</summary>
      <div class="field setting">
        <label for={id}>{t("channels.test-number")}</label>
        <input
          id={id}
          class="input"
          type="tel"
          autocomplete="off"
          maxLength={40}
          value={number}
          aria-describedby={`${id}-about`}
          onInput={(event) => setNumber(event.currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key !== "Enter") return;
            // The form is the channel's: Enter here must not save it.
            event.preventDefault();
            send();
          }}
        />
        <p id={`${id}-about`} class="muted setting-about">
          {t("channels.test-explained")}
        </p>
      </div>
      <Button disabled={!canSend} onClick={send}>
        {t("channels.test-send")}
      </Button>
    </details>
  );
}
