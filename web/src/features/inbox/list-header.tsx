import { address, Link, navigate, withQuery } from "../../app/router";
import { t } from "../../i18n";
import type { Key } from "../../i18n/en";
import { COUNT_CAP, openCounts } from "../../realtime/open-counts";
import { channels } from "../../realtime/store";
import { ChannelMark } from "../../ui/channel-mark";
import { Icon } from "../../ui/icons";
import { Menu, MenuItem } from "../../ui/menu";
import { SearchField } from "../../ui/search-field";
import { StartButton } from "../start/start-button";
import { VIEWS, type ListQuery, type View } from "./list";

const VIEW_NAMES: Record<View, Key> = {
  mine: "inbox.mine",
  unassigned: "inbox.unassigned",
  all: "inbox.all",
};

export function ListHeader({ query }: { query: ListQuery }) {
  return (
    <header class="list-header">
      <div class="list-title">
        <h1>{t("nav.inbox")}</h1>
        <StartButton />
        {channels.value.length > 1 && <ChannelFilter chosen={query.channel} />}
      </div>
      <SearchField label={t("inbox.search")} search={query.search} onSearch={searchFor} />
      <nav class="tabs" aria-label={t("inbox.views")}>
        {VIEWS.map((view) => (
          <Link
            key={view}
            to={withQuery("/inbox", { view: view === "mine" ? null : view, details: null })}
            class="tab"
            aria-current={query.view === view ? "page" : undefined}
          >
            {t(VIEW_NAMES[view])} <Count view={view} />
          </Link>
        ))}
      </nav>
    </header>
  );
}

function Count({ view }: { view: View }) {
  const counts = openCounts.value;
  if (counts === null) return null;
  const count = Math.max(0, counts[view]);
  return <span class="tab-count number">{count >= COUNT_CAP ? t("thousand-or-more") : count}</span>;
}

function ChannelFilter({ chosen }: { chosen: string | null }) {
  const channel = channels.value.find((one) => one.id === chosen);
  return (
    <Menu
      label={t("inbox.channel-filter")}
      button={(props) => (
        <button type="button" {...props} class={`chip ${channel === undefined ? "" : "chip-on"}`}>
          {channel !== undefined && <ChannelMark kind={channel.kind} />}
          <span class="one-line">{channel?.name ?? t("inbox.all-channels")}</span>
          <Icon name="down" size={14} />
        </button>
      )}
    >
      {(close) =>
        [null, ...channels.value].map((one) => (
          <MenuItem
            key={one?.id ?? "all"}
            checked={(one?.id ?? null) === chosen}
            onSelect={() => {
              showChannel(one?.id ?? null);
              close();
            }}
          >
            {one !== null && <ChannelMark kind={one.kind} label />}
            <span class="one-line">{one?.name ?? t("inbox.all-channels")}</span>
          </MenuItem>
        ))
      }
    </Menu>
  );
}

function showChannel(channel: string | null): void {
  navigate(withQuery("/inbox", { channel }), { replace: true });
}

function searchFor(q: string): void {
  navigate(withQuery(address.peek().path, { q }), { replace: true });
}
