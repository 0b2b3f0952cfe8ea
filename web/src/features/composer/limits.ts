import type { Capabilities, Dialog } from "../../api/types";
import type { ComposeKind } from "./drafts";

/** Why a reply can't be written now; notes always can. */
export type Lock = "not_yours" | "window_closed" | "not_allowed" | "not_reachable" | null;

const HOUR_MS = 3_600_000;

interface Window {
  /** When it ends, in epoch milliseconds. */
  until: number;
  /** What is sent now is marked as written by a person. */
  isHumanAgent: boolean;
}

/** How long a person may still answer; null: there is no limit. */
export function replyWindow(
  { replyUntil }: Dialog,
  capabilities: Capabilities | undefined,
  now: number,
): Window | null {
  if (replyUntil === null) return null;
  const until = Date.parse(replyUntil);
  const { replyWindowHours: hours = null, humanReplyHours: longer = null } = capabilities ?? {};
  if (until > now || hours === null || longer === null) return { until, isHumanAgent: false };
  return { until: until + (longer - hours) * HOUR_MS, isHumanAgent: true };
}

export function replyLock(dialog: Dialog, mayReply: boolean, now: number, capabilities?: Capabilities): Lock {
  if (!mayReply) return "not_yours";
  if (!dialog.reachable) return "not_reachable";
  const window = replyWindow(dialog, capabilities, now);
  if (window !== null && window.until <= now) return "window_closed";
  return dialog.replyAllowed ? null : "not_allowed";
}

export interface Draft {
  kind: ComposeKind;
  text: string;
  attachmentCount: number;
}

/** The longest text that goes with this message, in characters; null: no limit is known. */
export function textLimit(
  { kind, attachmentCount }: Draft,
  capabilities: Capabilities | undefined,
): number | null {
  if (kind === "note" || capabilities === undefined) return null;
  const { textLimit: limit, captionLimit } = capabilities;
  return attachmentCount > 0 && captionLimit > 0 ? Math.min(limit, captionLimit) : limit;
}

export function textLength(text: string): number {
  return [...text].length;
}

function attachmentKindOf(file: { type: string }): string {
  const [family = ""] = file.type.split("/");
  return ["image", "video", "audio"].includes(family) ? family : "file";
}

export type FileRefusal = "kind" | "size" | null;

/** Whether a channel takes a file; where it takes files at all, it takes any kind as one. */
export function refusalOf(file: { type: string; size: number }, capabilities: Capabilities): FileRefusal {
  const { attachmentKinds, attachmentBytes } = capabilities;
  if (!attachmentKinds.includes(attachmentKindOf(file)) && !attachmentKinds.includes("file")) return "kind";
  return file.size > attachmentBytes ? "size" : null;
}

/** For the file picker. */
export function acceptedTypes({ attachmentKinds }: Capabilities): string | undefined {
  if (attachmentKinds.includes("file")) return undefined;
  return ["image", "video", "audio"]
    .filter((kind) => attachmentKinds.includes(kind))
    .map((kind) => `${kind}/*`)
    .join(",");
}
