import { useEffect, useRef } from "preact/hooks";

import { address, navigate, withQuery } from "../../app/router";
import { isPhone } from "../../app/viewport";
import { t } from "../../i18n";
import { channels, inbox } from "../../realtime/store";
import { Button } from "../../ui/button";
import { Empty, Failed, Skeleton } from "../../ui/empty";
import { NoChannel } from "../settings/no-channel";
import { DEFAULT_FILTERS, filtersFrom, isNarrowed, type LogFilters, queryFor } from "./filters";
import { LogFilterBar } from "./log-filters";
import { LogModal } from "./log-modal";
import { LogCards, LogTable } from "./log-table";
import { LogTools } from "./log-tools";
import { type LogList, useFacets, useLog } from "./use-log";

export function LogPage({ dialogId }: { dialogId: string | null }) {
  const filters = filtersFrom(address.value.query);
  const facets = useFacets();
  const { list, reload, loadMore } = useLog(filters);
  const dialogs = list.ids.flatMap((id) => inbox.value.dialogs.get(id) ?? []);
  return (
    <main class="log">
      <header class="log-header">
        <div class="log-title">
          <h1>{t("nav.log")}</h1>
          <Total list={list} />
          <span class="spacer" />
          <LogTools filters={filters} timeZone={list.timeZone} />
        </div>
        <LogFilterBar filters={filters} facets={facets} timeZone={list.timeZone} onChange={show} />
      </header>
      <div
        class={`log-body scroller ${list.state === "replacing" ? "log-stale" : ""}`}
        aria-busy={list.state === "replacing"}
      >
        {dialogs.length > 0 &&
          (isPhone.value ? (
            <LogCards dialogs={dialogs} timeZone={list.timeZone} />
          ) : (
            <LogTable
              dialogs={dialogs}
              timeZone={list.timeZone}
              filters={filters}
              onOrder={(order) => show({ ...filters, order })}
            />
          ))}
        <LogEnd
          list={list}
          filters={filters}
          onMore={loadMore}
          onRetry={reload}
          onClear={() => show(DEFAULT_FILTERS)}
        />
      </div>
      {dialogId !== null && (
        <LogModal
          dialogId={dialogId}
          ids={list.ids}
          timeZone={list.timeZone}
          onShow={(id) => navigate(withQuery(`/log/${id}`), { replace: true })}
          onNearEnd={loadMore}
        />
      )}
    </main>
  );
}

function show(filters: LogFilters): void {
  // A search that was still being typed when a row was opened must not close the row again.
  const { path } = address.peek();
  navigate(`${path.startsWith("/log/") ? path : "/log"}${queryFor(filters)}`, { replace: true });
}

function Total({ list }: { list: LogList }) {
  return (
    <p class="log-total muted number" role="status">
      {list.total !== null && (
        <span data-testid="log-total">
          {list.total.capped
            ? t("log.total-capped", { n: list.total.count })
            : t("log.total", { n: list.total.count })}
        </span>
      )}
      <span>{t("log.zone", { zone: list.timeZone })}</span>
    </p>
  );
}

interface LogEndProps {
  list: LogList;
  filters: LogFilters;
  onMore: () => void;
  onRetry: () => void;
  onClear: () => void;
}

/** What comes after the rows: more of them, or why there are none. */
function LogEnd({ list, filters, onMore, onRetry, onClear }: LogEndProps) {
  const mark = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (mark.current === null) return;
    const observer = new IntersectionObserver((seen) => {
      if (seen.some((one) => one.isIntersecting)) onMore();
    });
    observer.observe(mark.current);
    return () => observer.disconnect();
  }, [list.cursor, list.state]);

  if (list.state === "failed")
    return <Failed text={t("log.load-failed")} retryLabel={t("retry")} onRetry={onRetry} />;
  if (list.state === "loading")
    return <Skeleton rows={list.ids.length === 0 ? 10 : 2} label={t("loading")} />;
  if (list.ids.length === 0 && channels.value.length === 0) return <NoChannel icon="log" />;
  if (list.ids.length === 0) {
    return (
      <Empty icon="log" title={t(isNarrowed(filters) ? "log.nothing-found" : "log.empty")}>
        {isNarrowed(filters) ? (
          <Button onClick={onClear}>{t("log.clear")}</Button>
        ) : (
          <p>{t("log.empty-hint")}</p>
        )}
      </Empty>
    );
  }
  return <div ref={mark} class="log-end" />;
}
