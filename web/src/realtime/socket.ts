import { backoff } from "./backoff";
import type { ClientFrame, EventFrame, ServerFrame, SignalFrame } from "./frames";

export const SIGNED_OUT = 4401;
export const RESTARTING = 1012;
/** Our own: the stream has a gap or went silent, so a new connection continues from the cursor. */
export const RESUMING = 4000;

/** WebSocket.OPEN, which only browsers have. */
export const OPEN = 1;

/** Silence after which we ask whether the other side is still there, and after which we believe it is not. */
export const PING_AFTER_MS = 20_000;
export const GIVE_UP_AFTER_MS = 30_000;

export type Connection = "connecting" | "live" | "lost";

export interface SocketHandlers {
  /** The stream starts here: snapshots are to be fetched now. */
  started(): void;
  event(frame: EventFrame): void;
  /** Everything known is void; ``started`` follows. */
  reset(reason: string): void;
  signal(frame: SignalFrame): void;
  changed(connection: Connection): void;
  signedOut(): void;
  /** A connection attempt was turned down before it was open. */
  refused(): void;
}

export type SocketFactory = () => WebSocket;

interface Cursor {
  epoch: string;
  seq: string;
}

/** One agent's event stream: connects, notices gaps and silence, and comes back with its cursor. */
export class Socket {
  private socket: WebSocket | null = null;
  private cursor: Cursor | null = null;
  private attempt = 0;
  private opened = false;
  private stopped = false;
  private fresh = true;
  private lastHeard = 0;
  private retryTimer: ReturnType<typeof setTimeout> | undefined;
  private watchTimer: ReturnType<typeof setInterval> | undefined;

  constructor(
    private readonly open: SocketFactory,
    private readonly handlers: SocketHandlers,
    private readonly random: () => number = Math.random,
  ) {}

  start(): void {
    this.stopped = false;
    this.connect();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.retryTimer);
    this.drop(1000);
  }

  /** The network is gone: a socket that has not noticed yet is given up at once. */
  cutOff(): void {
    if (!this.stopped && this.socket !== null) this.reconnect();
  }

  /** The network seems to be back: do not wait any longer. */
  hurry(): void {
    if (this.stopped || this.socket !== null) return;
    clearTimeout(this.retryTimer);
    this.attempt = 0;
    this.connect();
  }

  send(frame: ClientFrame): void {
    if (this.socket?.readyState === OPEN) this.socket.send(JSON.stringify(frame));
  }

  private connect(): void {
    this.handlers.changed("connecting");
    this.opened = false;
    const socket = this.open();
    this.socket = socket;
    socket.addEventListener("open", () => this.whenOpen());
    socket.addEventListener("message", (message: MessageEvent<string>) => {
      if (socket === this.socket) this.receive(JSON.parse(message.data) as ServerFrame);
    });
    socket.addEventListener("close", (event) => {
      if (socket === this.socket) this.whenClosed(event.code);
    });
  }

  private whenOpen(): void {
    this.opened = true;
    this.lastHeard = Date.now();
    this.fresh = this.cursor === null;
    this.send(this.cursor === null ? { type: "start" } : { type: "resume", ...this.cursor });
    clearInterval(this.watchTimer);
    this.watchTimer = setInterval(() => this.watch(), 5_000);
  }

  private watch(): void {
    const silence = Date.now() - this.lastHeard;
    if (silence >= GIVE_UP_AFTER_MS) this.reconnect();
    else if (silence >= PING_AFTER_MS) this.send({ type: "ping" });
  }

  private receive(frame: ServerFrame): void {
    this.lastHeard = Date.now();
    switch (frame.type) {
      case "welcome":
        this.cursor = { epoch: frame.epoch, seq: frame.seq };
        this.attempt = 0;
        this.handlers.changed("live");
        if (this.fresh) this.handlers.started();
        this.fresh = false;
        break;
      case "event":
        if (this.follows(frame.prev, frame.seq)) this.handlers.event(frame);
        break;
      case "watermark":
        this.follows(frame.prev, frame.seq);
        break;
      case "reset":
        this.cursor = null;
        this.fresh = true;
        this.handlers.reset(frame.reason);
        this.send({ type: "start" });
        break;
      case "signal":
        this.handlers.signal(frame);
        break;
      case "pong":
        break;
    }
  }

  /** Move the cursor, unless a frame is missing between the last one and this. */
  private follows(prev: string, seq: string): boolean {
    if (this.cursor === null || this.cursor.seq !== prev) {
      this.reconnect();
      return false;
    }
    this.cursor = { epoch: this.cursor.epoch, seq };
    return true;
  }

  private reconnect(): void {
    this.drop(RESUMING);
    this.retry(0);
  }

  private whenClosed(code: number): void {
    this.drop();
    if (code === SIGNED_OUT) {
      this.stopped = true;
      this.handlers.changed("lost");
      this.handlers.signedOut();
      return;
    }
    if (!this.opened) this.handlers.refused();
    if (this.stopped) return;
    this.retry(code === RESTARTING && this.opened ? 0 : this.attempt);
    this.attempt += 1;
  }

  private retry(attempt: number): void {
    if (this.stopped) return;
    this.handlers.changed("lost");
    this.retryTimer = setTimeout(() => this.connect(), backoff(attempt, this.random));
  }

  private drop(code?: number): void {
    clearInterval(this.watchTimer);
    const socket = this.socket;
    this.socket = null;
    if (code !== undefined) socket?.close(code);
  }
}
