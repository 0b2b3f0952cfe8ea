import type { ComponentChildren } from "preact";

import { currentSession } from "../../app/session";
import { t } from "../../i18n";
import { presences } from "../../realtime/presence";

interface PresenceLineProps {
  dialogId: string;
  /** Shown while nobody else is here. */
  children: ComponentChildren;
}

/** “Ala is typing” or “Ala is looking at this”, while it is so. */
export function PresenceLine({ dialogId, children }: PresenceLineProps) {
  const me = currentSession().agent.id;
  const here = presences.value.filter((one) => one.dialogId === dialogId && one.agent.id !== me);
  const typing = here.find((one) => one.kind === "typing");
  const someone = typing ?? here[0];
  if (someone === undefined) return <>{children}</>;
  const key = typing === undefined ? "presence.viewing" : "presence.typing";
  return <span class="presence">{t(key, { name: someone.agent.name })}</span>;
}
