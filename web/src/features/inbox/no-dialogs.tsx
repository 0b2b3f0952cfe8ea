import { Link, withQuery } from "../../app/router";
import { t } from "../../i18n";
import { openCounts } from "../../realtime/open-counts";
import { inbox } from "../../realtime/store";
import { Empty } from "../../ui/empty";
import { NoChannel } from "../settings/no-channel";
import type { ListQuery } from "./list";

/** An empty list says why it is empty and what to do next. */
export function NoDialogs({ query }: { query: ListQuery }) {
  if (inbox.value.channels.size === 0) return <NoChannel icon="inbox" />;
  if (query.channel !== null) {
    return (
      <Empty icon="inbox" title={t("inbox.none-on-channel")}>
        <Link to={withQuery("/inbox", { channel: null })}>{t("inbox.all-channels")}</Link>
      </Empty>
    );
  }
  const unassigned = openCounts.value?.unassigned ?? 0;
  if (query.view === "mine") {
    return (
      <Empty icon="check" title={t("inbox.mine-empty")}>
        {unassigned > 0 ? (
          <Link to={withQuery("/inbox", { view: "unassigned" })}>
            {t("inbox.some-unassigned", { n: unassigned })}
          </Link>
        ) : (
          <p>{t("inbox.mine-empty-hint")}</p>
        )}
      </Empty>
    );
  }
  const isUnassigned = query.view === "unassigned";
  return (
    <Empty icon="check" title={t(isUnassigned ? "inbox.unassigned-empty" : "inbox.all-empty")}>
      <p>{t(isUnassigned ? "inbox.unassigned-empty-hint" : "inbox.all-empty-hint")}</p>
    </Empty>
  );
}
