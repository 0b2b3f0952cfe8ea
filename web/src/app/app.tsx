import { useEffect } from "preact/hooks";

import { announceAlarms } from "../features/channels/alarms";
import { ChannelPages } from "../features/channels/channel-pages";
import { startOutbox } from "../features/composer/outbox";
import { holdFiles } from "../features/composer/use-file-drop";
import { InboxPage } from "../features/inbox/inbox-page";
import { LogPage } from "../features/log/log-page";
import { SettingsPage } from "../features/settings/settings-page";
import { SignInPage } from "../features/sign-in/sign-in-page";
import { t } from "../i18n";
import { startRealtime } from "../realtime/connection";
import { Announcer } from "../ui/announcer";
import { Failed } from "../ui/empty";
import { Toasts } from "../ui/toast";
import { HelpModal } from "./help";
import { MorePage } from "./more-page";
import { whenEvent } from "./events";
import { keepFocus } from "./keep-focus";
import { address, navigate, route } from "./router";
import { refreshSession, session } from "./session";
import { Shell } from "./shell";
import { listenForShortcuts } from "./shortcuts";
import { keepTitle } from "./title";
import { sessionUnknown, loadSession } from "./start";

export function App() {
  useEffect(() => void loadSession(), []);
  const current = session.value;
  useEffect(keepAddress, [current, route.value]);
  return (
    <>
      {current === undefined ? (
        <Starting />
      ) : current === null ? (
        <SignInPage />
      ) : (
        <SignedIn key={current.agent.id} />
      )}
      <Toasts />
      <Announcer />
    </>
  );
}

/** Signing in has an address of its own, which remembers where its visitor wanted to go. */
function keepAddress(): void {
  const { path, query } = address.peek();
  const shown = route.peek();
  if (session.peek() === null && shown.name !== "sign-in") {
    const wanted = query.size === 0 ? path : `${path}?${query}`;
    navigate(path === "/" ? "/sign-in" : `/sign-in?next=${encodeURIComponent(wanted)}`, { replace: true });
  } else if (session.peek() && (shown.name === "sign-in" || shown.name === "unknown" || path === "/")) {
    navigate("/inbox", { replace: true });
  }
}

function Starting() {
  if (!sessionUnknown.value) return null;
  return (
    <main class="sign-in">
      <Failed text={t("start.unreachable")} retryLabel={t("retry")} onRetry={() => void loadSession()} />
    </main>
  );
}

function SignedIn() {
  useEffect(() => startRealtime(whenEvent), []);
  useEffect(startOutbox, []);
  useEffect(listenForShortcuts, []);
  useEffect(keepFocus, []);
  useEffect(holdFiles, []);
  useEffect(announceAlarms, []);
  useEffect(() => keepTitle(pageName), []);
  useEffect(() => {
    // A session that ended while the page slept is noticed when somebody comes back to it.
    const look = (): void => void (document.visibilityState === "visible" && refreshSession());
    document.addEventListener("visibilitychange", look);
    return () => document.removeEventListener("visibilitychange", look);
  }, []);
  return (
    <Shell>
      <Page />
      <HelpModal />
    </Shell>
  );
}

function Page() {
  const shown = route.value;
  switch (shown.name) {
    case "log":
      return <LogPage dialogId={shown.dialogId} />;
    case "settings":
      return <SettingsPage />;
    case "channel":
      return <ChannelPages channel={shown.channel} kind={shown.kind} provider={shown.provider} />;
    case "more":
      return <MorePage />;
    default:
      return <InboxPage dialogId={shown.name === "inbox" ? shown.dialogId : null} />;
  }
}

function pageName(): string {
  switch (route.value.name) {
    case "log":
      return t("nav.log");
    case "settings":
    case "channel":
      return t("nav.settings");
    case "more":
      return t("nav.more");
    default:
      return t("nav.inbox");
  }
}
