import { Link } from "../../app/router";
import { currentSession } from "../../app/session";
import { t } from "../../i18n";
import { Empty } from "../../ui/empty";
import type { IconName } from "../../ui/icons";

/** Nothing can come in yet: say so, and lead to where that is mended. */
export function NoChannel({ icon }: { icon: IconName }) {
  const isAdministrator = currentSession().agent.role === "administrator";
  return (
    <Empty icon={icon} title={t("inbox.no-channel")}>
      {isAdministrator ? (
        <Link to="/settings/channels/new">{t("inbox.connect-channel")}</Link>
      ) : (
        <p>{t("inbox.ask-administrator")}</p>
      )}
    </Empty>
  );
}
