import { isProblem } from "../../api/problem";
import { t } from "../../i18n";
import { refusalText, troubleText } from "../../i18n/refusal";

/** Why a first message was not taken, for whoever wrote it. */
export function refusalOfStart(error: unknown): string {
  if (!isProblem(error)) return troubleText(error);
  switch (error.code) {
    case "dialog_is_anothers":
      return t("start.anothers");
    case "not_reachable":
      return t("composer.not-reachable");
    case "channel_paused":
      return t("start.paused");
    case "invalid":
      return error.errors.some(({ field }) => field === "address")
        ? t("start.odd-number")
        : refusalText(error);
    default:
      return refusalText(error);
  }
}
