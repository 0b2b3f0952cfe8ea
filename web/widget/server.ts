import type { NewVisit, VisitOpening, WidgetChannel, WidgetConfig } from "../src/api/schema";
import type { CallBack, Outcome } from "./call-back";
import type { Entry } from "./entry";

export type { WidgetChannel, WidgetConfig };

const WAIT_MS = 3000;

/** What the server offers; null when it offers nothing or can't be reached. */
export async function readConfig(base: string): Promise<WidgetConfig | null> {
  try {
    const answer = await fetch(`${base}/api/v1/widget/config`, { credentials: "omit" });
    return answer.ok ? ((await answer.json()) as WidgetConfig) : null;
  } catch {
    return null;
  }
}

/** The link that carries where the visitor came from; the plain one rather than none, or one that comes too late. */
export async function openingLink(base: string, channel: WidgetChannel, entry: Entry): Promise<string> {
  const visit: NewVisit = { channelId: channel.id, ...entry };
  const given = new AbortController();
  const timer = setTimeout(() => given.abort(), WAIT_MS);
  try {
    const answer = await fetch(`${base}/api/v1/widget/visits`, {
      method: "POST",
      credentials: "omit",
      keepalive: true,
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(visit),
      signal: given.signal,
    });
    return answer.ok ? ((await answer.json()) as VisitOpening).url : channel.url;
  } catch {
    return channel.url;
  } finally {
    clearTimeout(timer);
  }
}

/** Leave a number; what the server says about it. */
export async function askForCallBack(base: string, asked: CallBack, entry: Entry): Promise<Outcome> {
  try {
    const answer = await fetch(`${base}/api/v1/widget/call-backs`, {
      method: "POST",
      credentials: "omit",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ ...asked, ...entry }),
    });
    return answer.ok ? "sent" : answer.status === 422 ? "number" : "later";
  } catch {
    return "later";
  }
}
