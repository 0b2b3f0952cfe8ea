import { computed, signal } from "@preact/signals";
import type { ComponentChildren, JSX, TargetedMouseEvent } from "preact";

interface Address {
  path: string;
  query: URLSearchParams;
}

function here(): Address {
  return { path: window.location.pathname, query: new URLSearchParams(window.location.search) };
}

/** The address that is shown now. */
export const address = signal<Address>(here());

window.addEventListener("popstate", () => {
  address.value = here();
});

export function navigate(to: string, { replace = false } = {}): void {
  if (replace) window.history.replaceState(null, "", to);
  else window.history.pushState({ within: true }, "", to);
  address.value = here();
}

/** Back to where the reader came from, or to ``fallback`` when this page was opened directly. */
export function goBack(fallback: string): void {
  const state = window.history.state as { within?: boolean } | null;
  if (state?.within) window.history.back();
  else navigate(fallback, { replace: true });
}

export type Route =
  | { name: "inbox"; dialogId: string | null }
  | { name: "log"; dialogId: string | null }
  | { name: "settings" }
  | { name: "channel"; channel: string; kind: string | null; provider: string | null }
  | { name: "more" }
  | { name: "sign-in" }
  | { name: "unknown" };

function parseRoute(path: string): Route {
  const parts = path.split("/").filter((part) => part !== "");
  const [first = "", second = null, ...rest] = parts;
  if (first === "settings" && second === "channels" && rest.length > 0) return channelRoute(rest);
  if (rest.length > 0) return { name: "unknown" };
  switch (first) {
    case "":
      return { name: "inbox", dialogId: null };
    case "inbox":
    case "log":
      return { name: first, dialogId: second };
    case "settings":
      return second === null || second === "channels" ? { name: "settings" } : { name: "unknown" };
    case "more":
    case "sign-in":
      return second === null ? { name: first } : { name: "unknown" };
    default:
      return { name: "unknown" };
  }
}

/** ``/settings/channels/{id}`` or ``/settings/channels/new/{kind}/{provider}``. */
function channelRoute([channel = "", kind, provider, ...rest]: string[]): Route {
  if (rest.length > 0 || (channel !== "new" && kind !== undefined)) return { name: "unknown" };
  return { name: "channel", channel, kind: kind ?? null, provider: provider ?? null };
}

export const route = computed(() => parseRoute(address.value.path));

/** ``path`` with the present query, changed as told; null takes a key out. */
export function withQuery(path: string, changes: Record<string, string | null> = {}): string {
  const query = new URLSearchParams(address.peek().query);
  for (const [key, value] of Object.entries(changes)) {
    if (value === null || value === "") query.delete(key);
    else query.set(key, value);
  }
  const text = query.toString();
  return text === "" ? path : `${path}?${text}`;
}

type LinkProps = Omit<JSX.IntrinsicElements["a"], "href" | "role" | "onClick"> & {
  to: string;
  role?: "option";
  children: ComponentChildren;
};

/** A link inside the console; new tab, copy and the like work as with any link. */
export function Link({ to, children, ...rest }: LinkProps) {
  const follow = (event: TargetedMouseEvent<HTMLAnchorElement>): void => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(to);
  };
  return (
    <a {...rest} href={to} onClick={follow}>
      {children}
    </a>
  );
}
