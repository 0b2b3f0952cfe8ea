/** Where the visitor came from, as the server takes it. */
export interface Entry {
  page: string;
  referrer: string;
  utmSource: string;
  utmMedium: string;
  utmCampaign: string;
  clickIds: Record<string, string>;
}

/** What the browser tells of this tab. */
export interface Tab {
  href: string;
  referrer: string;
  /** Addresses of this site in the tab's history, oldest first; empty where the browser does not tell. */
  history: readonly string[];
}

const CLICK_IDS = [
  "gclid",
  "gbraid",
  "wbraid",
  "dclid",
  "fbclid",
  "msclkid",
  "ttclid",
  "li_fat_id",
  "twclid",
  "yclid",
];
const KEY = "centrala-entry";
const ADDRESS = 2000;
const WORD = 200;
const CLICK_ID = 300;

/**
 * The entry of this visit.  Only called once the visitor uses the widget: from then on the tab remembers it.  A visit
 * that began on an earlier page is found in the tab's own history, so nothing has to be stored before.
 */
export function entryOfVisit(tab: Tab, storage: () => Storage): Entry {
  try {
    const kept = storage().getItem(KEY);
    if (kept !== null) return JSON.parse(kept) as Entry;
  } catch {
    // No storage here, or not ours: read it anew each time.
  }
  const entry = readEntry(tab);
  try {
    storage().setItem(KEY, JSON.stringify(entry));
  } catch {
    // The same.
  }
  return entry;
}

export function readEntry(tab: Tab): Entry {
  const visited = [...tab.history, tab.href].flatMap((address) => parsed(address) ?? []);
  const landing = visited.find(hasCampaign) ?? visited[0] ?? new URL(tab.href);
  const query = landing.searchParams;
  return {
    page: place(landing),
    referrer: landing.href === tab.href ? foreign(tab) : "",
    utmSource: word(query.get("utm_source")),
    utmMedium: word(query.get("utm_medium")),
    utmCampaign: word(query.get("utm_campaign")),
    clickIds: Object.fromEntries(
      CLICK_IDS.flatMap((name) => {
        const value = query.get(name)?.slice(0, CLICK_ID);
        return value ? [[name, value]] : [];
      }),
    ),
  };
}

function hasCampaign(url: URL): boolean {
  return ["utm_source", "utm_medium", "utm_campaign", ...CLICK_IDS].some((name) =>
    url.searchParams.get(name),
  );
}

/** The page that led here, unless it is one of the site's own. */
function foreign(tab: Tab): string {
  const referrer = parsed(tab.referrer);
  return referrer === null || referrer.origin === new URL(tab.href).origin ? "" : place(referrer);
}

/** Without query and fragment: they may hold what somebody typed. */
function place(url: URL): string {
  return (url.origin + url.pathname).slice(0, ADDRESS);
}

function word(value: string | null): string {
  return (value ?? "").trim().slice(0, WORD);
}

function parsed(address: string): URL | null {
  try {
    const url = new URL(address);
    return url.protocol === "http:" || url.protocol === "https:" ? url : null;
  } catch {
    return null;
  }
}
