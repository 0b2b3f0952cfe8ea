import type { FilledTemplate, LinkButton, QuickReply, UploadedAttachment } from "../../api/types";
import type { ComposeKind } from "./drafts";

/** A message on its way to the server. */
export interface PendingMessage {
  /** Its Idempotency-Key: however often it is sent, it becomes one message. */
  key: string;
  dialogId: string;
  kind: ComposeKind;
  text: string;
  attachments: UploadedAttachment[];
  /** Absent in what an older page left. */
  replyTo?: string | null;
  quickReplies?: QuickReply[];
  linkButtons?: LinkButton[];
  /** Sent instead of the text, which is then what it reads as. */
  template?: FilledTemplate;
  /** Newest change of the dialog that its author saw; null: send whatever happened. */
  seenSeq: string | null;
  /** The newest message that was there before it. */
  afterId: string;
  createdAt: string;
  state: "queued" | "sending" | "waiting" | "refused" | "moved_on";
  /** Why it was refused. */
  reason?: string;
  /** With ``moved_on``: ids of the messages that its author had not seen. */
  missed?: string[];
}

const keyOf = (agentId: string): string => `centrala.outbox.${agentId}`;

/** What was under way when the page went away waits for the connection again. */
export function readOutbox(agentId: string): PendingMessage[] {
  try {
    const stored = JSON.parse(localStorage.getItem(keyOf(agentId)) ?? "[]") as PendingMessage[];
    return stored.map((one) => ({
      ...one,
      state: one.state === "sending" || one.state === "queued" ? "waiting" : one.state,
    }));
  } catch {
    return [];
  }
}

export function writeOutbox(agentId: string, pending: readonly PendingMessage[]): void {
  try {
    if (pending.length === 0) localStorage.removeItem(keyOf(agentId));
    else localStorage.setItem(keyOf(agentId), JSON.stringify(pending));
  } catch {
    // Storage is full or forbidden: the message waits as long as the page is open.
  }
}

export function forgetOutbox(agentId: string): void {
  localStorage.removeItem(keyOf(agentId));
}
