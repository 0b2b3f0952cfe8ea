import type { Activity } from "../../api/types";
import { t } from "../../i18n";
import { fullTime, timeOfDay } from "../../i18n/dates";
import { authorName } from "../inbox/names";
import { useThreadZone } from "./zone";

/** “Ala took the dialog · 10:03”. */
export function ActivityLine({ activity }: { activity: Activity }) {
  const zone = useThreadZone();
  return (
    <p class="activity">
      <span>{activityText(activity)}</span>
      <time class="number" dateTime={activity.at} title={fullTime(activity.at, zone)}>
        {timeOfDay(activity.at, zone)}
      </time>
    </p>
  );
}

function activityText({ type, actor, subject, previous }: Activity): string {
  const who = authorName(actor);
  const isSelf = actor.type === "agent" && actor.id === (subject ?? previous)?.id;
  switch (type) {
    case "created":
      return actor.type === "agent" ? t("activity.began", { who }) : t("activity.created");
    case "assigned":
      return isSelf ? t("activity.took", { who }) : t("activity.assigned", { who, to: subject?.name ?? "" });
    case "unassigned":
      return isSelf
        ? t("activity.gave-back", { who })
        : t("activity.unassigned", { who, from: previous?.name ?? "" });
    case "closed":
      return t("activity.closed", { who });
    case "opted_out":
      return t("activity.opted-out");
    case "opted_in":
      return t("activity.opted-in");
    case "blocked":
      return t("activity.blocked");
    case "unblocked":
      return t("activity.unblocked");
    case "moved":
      return t("activity.moved");
    case "reopened":
      return actor.type === "agent" ? t("activity.reopened", { who }) : t("activity.reopened-by-message");
  }
}
