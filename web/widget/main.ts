/** The script that a website includes; see docs/widget.md. */
import { entryOfVisit, type Tab } from "./entry";
import { Panel } from "./panel";
import { isShown } from "./rules";
import { askForCallBack, openingLink, readConfig, type WidgetChannel, type WidgetConfig } from "./server";
import { chooseLanguage, TEXTS } from "./texts";

/** The tab's history as newer browsers tell it; TypeScript does not know it everywhere. */
interface TabHistory extends EventTarget {
  entries(): { url: string | null }[];
}

interface Site {
  centrala?: { open(): void; close(): void };
  navigation?: TabHistory;
}

const site = globalThis as unknown as Site;
const script = document.currentScript;

if (script instanceof HTMLScriptElement && site.centrala === undefined) {
  const { dataset, src } = script;
  const base = new URL(".", src).href.replace(/\/$/, "");
  let panel: Panel | null = null;
  let isWanted = false;
  site.centrala = {
    open: () => {
      isWanted = true;
      panel?.open();
    },
    close: () => {
      isWanted = false;
      panel?.close();
    },
  };
  void start(base, dataset).then((made) => {
    panel = made;
    if (isWanted) panel?.open();
    return made;
  });
}

async function start(base: string, options: DOMStringMap): Promise<Panel | null> {
  const config = await readConfig(base);
  await bodyIsThere();
  const chosen = options["channels"]?.split(",").map((id) => id.trim());
  const channels = config?.channels.filter(({ id }) => chosen === undefined || chosen.includes(id)) ?? [];
  const takesNumbers = config?.callBack === true && options["callBack"] !== "off";
  if (config === null || (channels.length === 0 && !takesNumbers)) return null;
  const panel = new Panel(
    lookOf(config, options),
    channels,
    () => void entry(),
    (channel, link) => void choose(base, channel, link),
    takesNumbers ? (asked) => askForCallBack(base, asked, entry()) : null,
  );
  const showOrHide = (): void =>
    panel.showButton(isShown(location.pathname, options["showOn"] ?? "", options["hideOn"] ?? ""));
  showOrHide();
  site.navigation?.addEventListener("currententrychange", showOrHide);
  addEventListener("popstate", showOrHide);
  return panel;
}

function lookOf(config: WidgetConfig, options: DOMStringMap) {
  const language = chooseLanguage(options["lang"], document.documentElement.lang);
  const own = TEXTS[language];
  return {
    language,
    texts: { ...own, title: config.title || own.title, greeting: config.greeting || own.greeting },
    color: CSS.supports("color", options["color"] ?? "") ? (options["color"] ?? "") : "",
    side: options["side"] ?? "right",
  };
}

function entry() {
  const tab: Tab = {
    href: location.href,
    referrer: document.referrer,
    history: site.navigation?.entries().flatMap(({ url }) => url ?? []) ?? [],
  };
  return entryOfVisit(tab, () => sessionStorage);
}

/** Open the chat.  The tab is opened within the click, before the answer, or the browser would take it for a pop-up. */
async function choose(base: string, channel: WidgetChannel, link: HTMLAnchorElement): Promise<void> {
  const tab = link.target === "_blank" ? open("", "_blank") : null;
  if (tab !== null) tab.opener = null;
  link.setAttribute("aria-busy", "true");
  const url = await openingLink(base, channel, entry());
  link.removeAttribute("aria-busy");
  if (tab === null) location.assign(url);
  else tab.location.replace(url);
}

function bodyIsThere(): Promise<void> {
  if (document.readyState !== "loading") return Promise.resolve();
  return new Promise((resolve) => {
    document.addEventListener("DOMContentLoaded", () => resolve(), { once: true });
  });
}
