import { Link } from "../../app/router";
import { currentSession } from "../../app/session";
import { t } from "../../i18n";
import { channels } from "../../realtime/store";
import { ChannelTable } from "./channel-table";
import { PreferencesForm } from "./preferences-form";
import { Quarantine } from "./quarantine";
import { SiteWidget } from "./site-widget";

export function SettingsPage() {
  const isAdministrator = currentSession().agent.role === "administrator";
  return (
    <main class="page scroller">
      <div class="page-column">
        <h1 class="page-title">{t("nav.settings")}</h1>
        <section class="card">
          <div class="card-head">
            <h2>{t("settings.channels")}</h2>
            {isAdministrator && channels.value.length > 0 && (
              <Link to="/settings/channels/new" class="button button-plain">
                {t("channels.add")}
              </Link>
            )}
          </div>
          <ChannelTable />
        </section>
        {isAdministrator && <SiteWidget />}
        {isAdministrator && <Quarantine />}
        <section class="card">
          <h2>{t("settings.this-browser")}</h2>
          <PreferencesForm />
        </section>
      </div>
    </main>
  );
}
