import { effect, signal } from "@preact/signals";

import { api } from "../api/calls";
import { expireSession, refreshSession, session } from "../app/session";
import type { EventFrame, SignalKind } from "./frames";
import { countFrame, refreshCounts } from "./open-counts";
import { clearPresences, notePresence } from "./presence";
import { completeReadMarker } from "./read-markers";
import { Socket, type Connection } from "./socket";
import { applyFrame, beginGeneration, forgetInbox, generation, merge } from "./store";

export const connection = signal<Connection>("connecting");
/** When the connection was lost; null while it is there. */
export const lostSince = signal<Date | null>(null);

const PATIENCE_MS = 2_000;

let socket: Socket | null = null;

export function startRealtime(listener: (frame: EventFrame) => void): () => void {
  const created = new Socket(() => new WebSocket(socketAddress()), {
    started: begin,
    event: (frame) => {
      countFrame(frame);
      applyFrame(frame);
      completeReadMarker(frame);
      listener(frame);
    },
    reset: () => {
      clearPresences();
      void refreshSession();
    },
    signal: notePresence,
    changed: noteConnection,
    signedOut: expireSession,
    refused: () => void refreshSession(),
  });
  socket = created;
  const hurry = (): void => created.hurry();
  const hurryWhenSeen = (): void => {
    if (document.visibilityState === "visible") created.hurry();
  };
  const cutOff = (): void => created.cutOff();
  window.addEventListener("online", hurry);
  window.addEventListener("offline", cutOff);
  document.addEventListener("visibilitychange", hurryWhenSeen);
  const stopCounting = refreshCounts();
  // Where sockets are blocked the inbox can still be read.
  const impatience = setTimeout(() => {
    if (generation.peek() === 0) begin();
  }, PATIENCE_MS);
  created.start();
  return () => {
    window.removeEventListener("online", hurry);
    window.removeEventListener("offline", cutOff);
    document.removeEventListener("visibilitychange", hurryWhenSeen);
    clearTimeout(impatience);
    stopCounting();
    created.stop();
    socket = null;
    forgetInbox();
    clearPresences();
  };
}

export function sendSignal(kind: SignalKind, dialogId: string): void {
  socket?.send({ type: "signal", kind, dialogId });
}

/** Run ``action`` each time the stream has (re)started or come back. */
export function whenLive(action: () => void): () => void {
  let before: Connection = connection.peek();
  return effect(() => {
    const now = connection.value;
    if (now === "live" && before !== "live") action();
    before = now;
  });
}

/** Snapshots fetched from here on miss nothing: the stream already runs. */
function begin(): void {
  beginGeneration();
  void fetchShared();
}

function noteConnection(next: Connection): void {
  if (next === "live") lostSince.value = null;
  else if (next === "lost") lostSince.value ??= new Date();
  connection.value = next;
}

async function fetchShared(): Promise<void> {
  const born = generation.peek();
  try {
    const [agents, channels] = await Promise.all([api.agents(), api.channels()]);
    if (generation.peek() !== born || session.peek() === null) return;
    merge({ seq: agents.seq, agents: agents.items });
    merge({ seq: channels.seq, channels: channels.items });
  } catch {
    setTimeout(() => {
      if (generation.peek() === born && socket !== null) void fetchShared();
    }, 3_000);
  }
}

function socketAddress(): string {
  const { protocol, host } = window.location;
  return `${protocol === "https:" ? "wss:" : "ws:"}//${host}/ws`;
}
