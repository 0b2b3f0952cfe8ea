import type { DeliveryState } from "../api/types";
import { t } from "../i18n";
import type { Key } from "../i18n/en";

const LABELS: Record<DeliveryState, Key> = {
  queued: "state.queued",
  sending: "state.sending",
  unknown: "state.unknown",
  sent: "state.sent",
  failed: "state.failed",
  delivered: "state.delivered",
  read: "state.read",
};

const ONE = "M2 8.5l3 3L11.5 5";
const TWO = "M1 8.5l3 3L10.5 5M7.5 11.5L14.5 5";

/** How far a message of ours got; says the same in words. */
export function Ticks({ state }: { state: DeliveryState }) {
  return (
    <span
      class={`ticks ticks-${state}`}
      role="img"
      aria-label={t(LABELS[state])}
      data-tooltip={t(LABELS[state])}
    >
      <svg width="16" height="16" viewBox="0 0 16 16" aria-hidden="true">
        <Shape state={state} />
      </svg>
    </span>
  );
}

function Shape({ state }: { state: DeliveryState }) {
  switch (state) {
    case "queued":
    case "sending":
      return (
        <g class="stroked">
          <circle cx="8" cy="8" r="5.2" />
          <path d="M8 5v3l2 1.2" />
        </g>
      );
    case "sent":
      return <path class="stroked" d={ONE} />;
    case "delivered":
      return <path class="stroked" d={TWO} />;
    case "read":
      return <path class="stroked ticks-bold" d={TWO} />;
    case "failed":
      return (
        <g class="stroked">
          <circle cx="8" cy="8" r="5.8" />
          <path d="M8 5v3.5M8 10.9h.01" />
        </g>
      );
    case "unknown":
      return (
        <g class="stroked">
          <circle cx="8" cy="8" r="5.8" />
          <path d="M6.4 6.6A1.7 1.7 0 1 1 8.6 8.2c-.4.2-.6.4-.6.9M8 11.2h.01" />
        </g>
      );
  }
}
