import type { LogFacets } from "../../api/types";
import { t } from "../../i18n";
import type { Key } from "../../i18n/en";
import { channels } from "../../realtime/store";
import { Button } from "../../ui/button";
import { ChannelMark } from "../../ui/channel-mark";
import { SearchField } from "../../ui/search-field";
import { DEFAULT_FILTERS, isNarrowed, type LogFilters, type LogStatus } from "./filters";
import { FilterMenu } from "./filter-menu";
import { PeriodMenu } from "./period-menu";

const STATUSES: readonly (readonly [LogStatus, Key])[] = [
  ["closed", "status.closed"],
  ["open", "status.open"],
  ["all", "log.status-all"],
];

interface LogFiltersProps {
  filters: LogFilters;
  facets: LogFacets;
  timeZone: string;
  onChange: (filters: LogFilters) => void;
}

export function LogFilterBar({ filters, facets, timeZone, onChange }: LogFiltersProps) {
  const set = (changes: Partial<LogFilters>): void => onChange({ ...filters, ...changes });
  const any = { value: null, label: t("log.any") };
  const agents = facets.agents.map((agent) => ({
    value: agent.id,
    label: agent.active ? agent.name : t("log.inactive-agent", { name: agent.name }),
  }));
  const channelRefs = facets.channels.length > 0 ? facets.channels : channels.value;
  return (
    <div class="log-filters" role="search" aria-label={t("log.filters")}>
      <SearchField
        label={t("log.search")}
        search={filters.search}
        onSearch={(search) => set({ search })}
        class="log-search"
      />
      <div class="log-chips">
        <FilterMenu
          name={t("log.status")}
          value={filters.status}
          options={STATUSES.map(([value, key]) => ({ value, label: t(key) }))}
          onChoose={(value) => set({ status: (value ?? DEFAULT_FILTERS.status) as LogStatus })}
          active={filters.status !== DEFAULT_FILTERS.status}
        />
        <FilterMenu
          name={t("log.agent")}
          value={filters.agent}
          options={[any, { value: "nobody", label: t("thread.nobody") }, ...agents]}
          onChoose={(agent) => set({ agent })}
          active={filters.agent !== null}
        />
        <PeriodMenu from={filters.from} to={filters.to} timeZone={timeZone} onChange={set} />
        <FilterMenu
          name={t("log.channel")}
          value={filters.channel}
          options={[
            any,
            ...channelRefs.map(({ id, name, kind }) => ({
              value: id,
              label: name,
              mark: <ChannelMark kind={kind} label />,
            })),
          ]}
          onChoose={(channel) => set({ channel })}
          active={filters.channel !== null}
        />
        <FilterMenu
          name={t("log.source")}
          value={filters.source}
          options={[any, ...facets.sources.map((source) => ({ value: source, label: source }))]}
          onChoose={(source) => set({ source })}
          active={filters.source !== null}
        />
        {isNarrowed(filters) && (
          <Button
            kind="quiet"
            icon="close"
            onClick={() => onChange({ ...DEFAULT_FILTERS, order: filters.order })}
          >
            {t("log.clear")}
          </Button>
        )}
      </div>
    </div>
  );
}
