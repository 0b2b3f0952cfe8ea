import { useCallback, useEffect, useRef, useState } from "preact/hooks";

import { api } from "../../api/calls";
import { isAbort } from "../../api/problem";
import type { LogFacets, LogPage } from "../../api/types";
import { currentSession } from "../../app/session";
import { generation, merge } from "../../realtime/store";
import { apiQuery, type LogFilters, queryFor } from "./filters";

export interface LogList {
  ids: readonly string[];
  /** "replacing": the rows are of other filters, until those of the present ones are here. */
  state: "loading" | "replacing" | "ready" | "failed";
  cursor: string | null;
  total: LogPage["total"] | null;
  timeZone: string;
}

/** The dialogs that the filters select, loaded page by page. */
export function useLog(filters: LogFilters) {
  const workspaceZone = currentSession().workspace.timeZone;
  const [list, setList] = useState<LogList>({
    ids: [],
    state: "loading",
    cursor: null,
    total: null,
    timeZone: workspaceZone,
  });
  const running = useRef<AbortController | null>(null);
  const key = queryFor(filters);

  const load = useCallback(
    async (before: LogList | null) => {
      running.current?.abort();
      const abort = new AbortController();
      running.current = abort;
      setList((shown) => {
        if (before !== null) return { ...before, state: "loading" };
        return { ...shown, state: shown.ids.length > 0 ? "replacing" : "loading" };
      });
      try {
        const page = await api.log(
          { ...apiQuery(filters, workspaceZone), cursor: before?.cursor },
          abort.signal,
        );
        merge({ seq: page.seq, dialogs: page.items });
        const ids = [...(before?.ids ?? []), ...page.items.map((dialog) => dialog.id)];
        // A dialog that moved between two pages is shown where it came first.
        setList({
          ids: [...new Set(ids)],
          state: "ready",
          cursor: page.cursor,
          total: page.total ?? before?.total ?? null,
          timeZone: page.timeZone,
        });
      } catch (error) {
        if (!isAbort(error)) setList((shown) => ({ ...shown, state: "failed" }));
      }
    },
    [key, workspaceZone],
  );

  useEffect(() => {
    if (generation.value > 0) void load(null);
    return () => running.current?.abort();
  }, [load, generation.value]);

  return {
    list,
    reload: () => void load(null),
    loadMore: () => {
      if (list.state === "ready" && list.cursor !== null) void load(list);
    },
  };
}

/** What there is to choose from in the filters. */
export function useFacets(): LogFacets {
  const [facets, setFacets] = useState<LogFacets>({ agents: [], sources: [], channels: [] });
  useEffect(() => {
    // Without them the other filters still work.
    api.logFacets().then(setFacets, () => {});
  }, []);
  return facets;
}
