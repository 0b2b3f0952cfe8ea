import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { ServerFrame } from "./frames";
import { dialog } from "./samples";
import {
  GIVE_UP_AFTER_MS,
  OPEN,
  PING_AFTER_MS,
  RESTARTING,
  RESUMING,
  SIGNED_OUT,
  Socket,
  type SocketHandlers,
} from "./socket";

const CLOSED = 3;

class FakeWebSocket extends EventTarget {
  readyState = 0;
  readonly sent: unknown[] = [];
  closedWith: number | undefined;

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(code: number): void {
    this.closedWith = code;
    this.readyState = CLOSED;
  }

  opens(): void {
    this.readyState = OPEN;
    this.dispatchEvent(new Event("open"));
  }

  says(...frames: ServerFrame[]): void {
    for (const frame of frames)
      this.dispatchEvent(new MessageEvent("message", { data: JSON.stringify(frame) }));
  }

  breaks(code: number): void {
    this.readyState = CLOSED;
    const closing = new Event("close");
    this.dispatchEvent(Object.assign(closing, { code }));
  }
}

const welcome = (seq: string): ServerFrame => ({ type: "welcome", epoch: "e", seq, agentId: "2" });
const event = (seq: string, prev: string): ServerFrame => ({
  type: "event",
  seq,
  prev,
  name: "dialog.updated",
  data: { dialog: dialog({ seq }) },
});

function connected() {
  const sockets: FakeWebSocket[] = [];
  const handlers = {
    started: vi.fn(),
    event: vi.fn(),
    reset: vi.fn(),
    signal: vi.fn(),
    changed: vi.fn(),
    signedOut: vi.fn(),
    refused: vi.fn(),
  } satisfies SocketHandlers;
  const open = (): WebSocket => {
    const socket = new FakeWebSocket();
    sockets.push(socket);
    return socket as unknown as WebSocket;
  };
  const client = new Socket(open, handlers, () => 1);
  client.start();
  const newest = (): FakeWebSocket => {
    const socket = sockets.at(-1);
    if (socket === undefined) throw new Error("no socket was opened");
    return socket;
  };
  return { client, sockets, handlers, newest };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe("the event stream", () => {
  it("starts, and says when snapshots are to be fetched", () => {
    const { handlers, newest } = connected();
    newest().opens();
    expect(newest().sent).toEqual([{ type: "start" }]);
    newest().says(welcome("120"));
    expect(handlers.started).toHaveBeenCalledOnce();
    expect(handlers.changed).toHaveBeenLastCalledWith("live");
  });

  it("hands events on in order and follows watermarks", () => {
    const { handlers, newest } = connected();
    newest().opens();
    newest().says(
      welcome("120"),
      event("124", "120"),
      { type: "watermark", seq: "130", prev: "124" },
      event("131", "130"),
    );
    expect(handlers.event).toHaveBeenCalledTimes(2);
    expect(newest().closedWith).toBeUndefined();
  });

  it("continues from its cursor after a loss, without starting afresh", () => {
    const { handlers, newest } = connected();
    newest().opens();
    newest().says(welcome("120"), event("124", "120"));
    newest().breaks(1006);
    expect(handlers.changed).toHaveBeenLastCalledWith("lost");
    vi.advanceTimersByTime(500);
    newest().opens();
    expect(newest().sent).toEqual([{ type: "resume", epoch: "e", seq: "124" }]);
    newest().says(welcome("124"), event("125", "124"));
    expect(handlers.started).toHaveBeenCalledOnce();
    expect(handlers.event).toHaveBeenCalledTimes(2);
  });

  it("comes back with its cursor when a frame is missing, and drops what came after the gap", () => {
    const { sockets, handlers, newest } = connected();
    newest().opens();
    newest().says(welcome("120"), event("124", "123"), event("125", "124"));
    expect(handlers.event).not.toHaveBeenCalled();
    expect(sockets[0]?.closedWith).toBe(RESUMING);
    vi.advanceTimersByTime(500);
    newest().opens();
    expect(newest().sent).toEqual([{ type: "resume", epoch: "e", seq: "120" }]);
  });

  it("starts afresh on the same socket after a reset", () => {
    const { sockets, handlers, newest } = connected();
    newest().opens();
    newest().says(welcome("120"), { type: "reset", reason: "pruned" });
    expect(handlers.reset).toHaveBeenCalledWith("pruned");
    expect(newest().sent.at(-1)).toEqual({ type: "start" });
    newest().says(welcome("500"), event("501", "500"));
    expect(handlers.started).toHaveBeenCalledTimes(2);
    expect(handlers.event).toHaveBeenCalledOnce();
    expect(sockets).toHaveLength(1);
  });

  it("asks after a silence, and gives up after a longer one", () => {
    const { sockets, newest } = connected();
    newest().opens();
    newest().says(welcome("120"));
    vi.advanceTimersByTime(PING_AFTER_MS);
    expect(newest().sent.at(-1)).toEqual({ type: "ping" });
    newest().says({ type: "pong" });
    vi.advanceTimersByTime(GIVE_UP_AFTER_MS - 5_000);
    expect(sockets[0]?.closedWith).toBeUndefined();
    vi.advanceTimersByTime(10_000);
    expect(sockets[0]?.closedWith).toBe(RESUMING);
  });

  it("waits longer after each failed attempt, but never long after the server is back", () => {
    const { sockets, handlers, newest } = connected();
    const waits = Array.from({ length: 9 }, () => {
      newest().breaks(1006);
      const before = sockets.length;
      let waited = 0;
      while (sockets.length === before) {
        vi.advanceTimersByTime(500);
        waited += 500;
      }
      return waited;
    });
    expect(waits).toEqual([500, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000, 8_000, 8_000]);
    expect(handlers.refused).toHaveBeenCalledTimes(9);
  });

  it("does not wait when the network comes back", () => {
    const { client, sockets, newest } = connected();
    newest().breaks(1006);
    client.hurry();
    expect(sockets).toHaveLength(2);
  });

  it("comes back soon when the server restarts", () => {
    const { sockets, newest } = connected();
    newest().opens();
    newest().says(welcome("120"));
    newest().breaks(RESTARTING);
    vi.advanceTimersByTime(500);
    expect(sockets).toHaveLength(2);
  });

  it("stays away when the session ended", () => {
    const { sockets, handlers, newest } = connected();
    newest().opens();
    newest().breaks(SIGNED_OUT);
    vi.advanceTimersByTime(60_000);
    expect(handlers.signedOut).toHaveBeenCalledOnce();
    expect(sockets).toHaveLength(1);
  });

  it("stays away after it was stopped", () => {
    const { client, sockets, newest } = connected();
    newest().opens();
    client.stop();
    newest().breaks(1000);
    vi.advanceTimersByTime(60_000);
    expect(sockets).toHaveLength(1);
  });
});
