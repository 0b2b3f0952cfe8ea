import type { SameKeys } from "../catalogue";
import type { reactions as model } from "../en/reactions";

export const reactions: SameKeys<typeof model> = {
  "reaction.add": "Zareaguj",
  "reaction.more-deeds": "Z tą wiadomością…",
  "reaction.choose": "Reakcje",
  "reaction.more": "Więcej emoji",
  "reaction.other": "Inne emoji",
  "reaction.put": "Dodaj do wiadomości",
  "reaction.ours": "{name}: reakcja {emoji}",
  "reaction.take-back": "Cofnij {emoji}",
  "reaction.being-sent": "{name}: reakcja {emoji}, w drodze",
  "reaction.being-taken-back": "{emoji}, w trakcie cofania",
  "reaction.waits": "Jeszcze nie wysłano. {reason}",
  "reaction.failed": "Reakcji {emoji} nie wysłano. {reason}",
  "reaction.not-taken-back": "Reakcji {emoji} nie cofnięto. {reason}",
  "reaction.unknown": "Nie wiadomo, czy klient widzi {emoji}: dostawca nie odpowiedział jednoznacznie.",
  "reaction.perhaps-taken-back":
    "Nie wiadomo, czy klient nadal widzi naszą reakcję: dostawca nie odpowiedział jednoznacznie.",
  "reaction.discard": "Odrzuć",
};
