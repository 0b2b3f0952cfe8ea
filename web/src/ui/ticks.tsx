import type { DeliveryState, Part } from "../api/types";
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

const REACHED: readonly (readonly [Key, readonly DeliveryState[]])[] = [
  ["state.parts-read", ["read"]],
  ["state.parts-delivered", ["delivered", "read"]],
  ["state.parts-sent", ["sent", "delivered", "read"]],
];

/** Whether some parts are further than others. */
export function areUneven(parts: readonly Part[]): boolean {
  return new Set(parts.map((part) => part.state)).size > 1;
}

/** “Sent · 2 of 3 delivered”: how many parts are further than the message as a whole. */
export function stateWords(state: DeliveryState, parts: readonly Part[]): string {
  const whole = t(LABELS[state]);
  if (!areUneven(parts)) return whole;
  const further = REACHED.find(([, states]) => parts.some((part) => states.includes(part.state)));
  if (further === undefined) return whole;
  const [key, states] = further;
  const count = parts.filter((part) => states.includes(part.state)).length;
  return `${whole} · ${t(key, { count: String(count), of: String(parts.length) })}`;
}

const ONE = "M2 8.5l3 3L11.5 5";
const TWO = "M1 8.5l3 3L10.5 5M7.5 11.5L14.5 5";

interface TicksProps {
  state: DeliveryState;
  /** Of a message that goes out as several. */
  parts: readonly Part[];
}

/** How far a message of ours got; says the same in words, and of its parts where they differ. */
export function Ticks({ state, parts }: TicksProps) {
  const words = stateWords(state, parts);
  return (
    <span class={`ticks ticks-${state}`} role="img" aria-label={words} data-tooltip={words}>
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
