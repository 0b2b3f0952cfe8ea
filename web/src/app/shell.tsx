import type { ComponentChildren } from "preact";

import { newAlarms } from "../features/channels/alarms";
import { t } from "../i18n";
import type { Key } from "../i18n/en";
import { Icon, type IconName } from "../ui/icons";
import { Logo } from "../ui/logo";
import { AccountMenu } from "./account-menu";
import { ConnectionPill } from "./connection-pill";
import { Link, route, type Route } from "./router";
import { unreadDialogs } from "./title";
import { isPhone } from "./viewport";

interface Place {
  name: Route["name"];
  to: string;
  icon: IconName;
  label: Key;
}

const PLACES: readonly Place[] = [
  { name: "inbox", to: "/inbox", icon: "inbox", label: "nav.inbox" },
  { name: "log", to: "/log", icon: "log", label: "nav.log" },
];

const SETTINGS: Place = {
  name: "settings",
  to: "/settings/channels",
  icon: "settings",
  label: "nav.settings",
};
const MORE: Place = { name: "more", to: "/more", icon: "more", label: "nav.more" };

/** The frame around every page: a rail at the side, or a bar at the bottom of a phone. */
export function Shell({ children }: { children: ComponentChildren }) {
  return isPhone.value ? (
    <div class="shell shell-phone">
      <ConnectionPill />
      <div class="shell-page">{children}</div>
      {showsBar(route.value) && (
        <nav class="bottom-bar" aria-label={t("nav.label")}>
          {[...PLACES, MORE].map((place) => (
            <PlaceLink key={place.name} place={place} withText />
          ))}
        </nav>
      )}
    </div>
  ) : (
    <div class="shell">
      <nav class="rail" aria-label={t("nav.label")}>
        <Logo size={28} />
        {PLACES.map((place) => (
          <PlaceLink key={place.name} place={place} />
        ))}
        <span class="spacer" />
        <PlaceLink place={SETTINGS} />
        <AccountMenu />
        <ConnectionPill />
      </nav>
      <div class="shell-page">{children}</div>
    </div>
  );
}

/** A dialog on a phone takes the whole height: the composer is at the bottom there. */
function showsBar(shown: Route): boolean {
  return shown.name !== "inbox" || shown.dialogId === null;
}

function PlaceLink({ place, withText = false }: { place: Place; withText?: boolean }) {
  // A channel's own page is part of the settings.
  const shown = route.value.name === "channel" ? "settings" : route.value.name;
  const current = shown === place.name || (place.name === "more" && shown === "settings");
  const unread = place.name === "inbox" ? unreadDialogs.value : 0;
  const alarms = place.name === "settings" || place.name === "more" ? newAlarms.value : 0;
  const label = t(place.label);
  const alarmed = alarms > 0 ? t("nav.alarms", { n: alarms }) : undefined;
  return (
    <Link
      to={place.to}
      class="place"
      aria-current={current ? "page" : undefined}
      aria-label={withText ? undefined : label}
      aria-description={alarmed}
      data-tooltip={withText ? undefined : [label, alarmed].filter(Boolean).join(", ")}
      data-tooltip-side="right"
    >
      <span class="place-icon">
        <Icon name={place.icon} />
        {unread > 0 && <span class="place-dot" aria-hidden="true" />}
        {alarms > 0 && <span class="place-dot place-alarm" aria-hidden="true" />}
      </span>
      {withText && <span>{label}</span>}
    </Link>
  );
}
