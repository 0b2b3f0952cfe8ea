import { newAlarms } from "../features/channels/alarms";
import { PreferencesForm } from "../features/settings/preferences-form";
import { t } from "../i18n";
import { Avatar } from "../ui/avatar";
import { Button } from "../ui/button";
import { Icon } from "../ui/icons";
import { leave } from "./account-menu";
import { Link } from "./router";
import { currentSession } from "./session";

/** On a phone: what the rail and its menu hold on a desk. */
export function MorePage() {
  const { agent } = currentSession();
  return (
    <main class="page scroller">
      <div class="page-column">
        <div class="more-agent">
          <Avatar name={agent.name} />
          <div>
            <h1>{agent.name}</h1>
            <p class="muted">{agent.email}</p>
          </div>
        </div>
        <Link to="/settings/channels" class="more-link">
          <Icon name="settings" />
          {t("settings.channels")}
          {newAlarms.value > 0 && <span class="alarm-count">{t("nav.alarms", { n: newAlarms.value })}</span>}
          <Icon name="next" size={16} />
        </Link>
        <section class="card">
          <PreferencesForm />
        </section>
        <Button icon="leave" onClick={() => void leave()}>
          {t("nav.sign-out")}
        </Button>
      </div>
    </main>
  );
}
