import type { QueryValue } from "../../api/client";

export type LogStatus = "closed" | "open" | "snoozed" | "all";
export type LogOrder = "created_desc" | "created_asc" | "agent_asc" | "agent_desc";

/** Which dialogs the log shows, and in what order.  Null: not narrowed by this. */
export interface LogFilters {
  status: LogStatus;
  /** An agent's id, or "nobody". */
  agent: string | null;
  /** First and last day, as dates in the workspace's time zone. */
  from: string | null;
  to: string | null;
  channel: string | null;
  source: string | null;
  search: string;
  order: LogOrder;
}

const STATUSES: readonly LogStatus[] = ["closed", "open", "snoozed", "all"];
const ORDERS: readonly LogOrder[] = ["created_desc", "created_asc", "agent_asc", "agent_desc"];
const DATE = /^\d{4}-\d{2}-\d{2}$/;

export const DEFAULT_FILTERS: LogFilters = {
  status: "closed",
  agent: null,
  from: null,
  to: null,
  channel: null,
  source: null,
  search: "",
  order: "created_desc",
};

function oneOf<Value extends string>(values: readonly Value[], text: string | null, fallback: Value): Value {
  return values.find((value) => value === text) ?? fallback;
}

function dateOrNull(text: string | null): string | null {
  return text !== null && DATE.test(text) ? text : null;
}

/** Read the filters from an address; what makes no sense is left out. */
export function filtersFrom(query: URLSearchParams): LogFilters {
  return {
    status: oneOf(STATUSES, query.get("status"), DEFAULT_FILTERS.status),
    agent: query.get("agent") || null,
    from: dateOrNull(query.get("from")),
    to: dateOrNull(query.get("to")),
    channel: query.get("channel") || null,
    source: query.get("source") || null,
    search: query.get("q")?.trim() ?? "",
    order: oneOf(ORDERS, query.get("order"), DEFAULT_FILTERS.order),
  };
}

/** The address's query for filters; defaults are left out, so that the plain log has a plain address. */
export function queryFor(filters: LogFilters): string {
  const query = new URLSearchParams();
  const { search, ...rest } = filters;
  for (const [name, value] of Object.entries(rest)) {
    if (value !== null && value !== DEFAULT_FILTERS[name as keyof typeof rest]) query.set(name, value);
  }
  if (search !== "") query.set("q", search);
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

/** The same filters as the server takes them, for the list and for the export. */
export function apiQuery(filters: LogFilters, timeZone: string): Record<string, QueryValue> {
  const { search, from, to, ...rest } = filters;
  const hasDates = from !== null || to !== null;
  return { ...rest, from, to, tz: hasDates ? timeZone : null, q: search };
}

export function isNarrowed(filters: LogFilters): boolean {
  return queryFor({ ...filters, order: DEFAULT_FILTERS.order }) !== "";
}
