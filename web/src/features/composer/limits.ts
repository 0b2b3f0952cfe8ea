import type { Capabilities, Channel, Dialog } from "../../api/types";
import type { ComposeKind } from "./drafts";
import { type FileLike, ruleFor } from "./files";
import { split } from "./split";

/** Why a reply can't be written now; notes always can. */
export type Lock =
  | "not_yours"
  | "paused"
  | "number_off"
  | "window_closed"
  | "template_first"
  | "elsewhere"
  | "not_allowed"
  | "not_reachable"
  | null;

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

type Sending = Pick<Channel, "active" | "capabilities" | "smsOn">;

export function replyLock(dialog: Dialog, mayReply: boolean, now: number, channel?: Sending): Lock {
  const capabilities = channel?.capabilities;
  if (!mayReply) return "not_yours";
  if (channel?.active === false) return "paused";
  if (channel?.smsOn === false) return "number_off";
  if (!dialog.reachable) return "not_reachable";
  const window = replyWindow(dialog, capabilities, now);
  if (window !== null && window.until <= now) return "window_closed";
  if (window === null && capabilities?.startByTemplate === true) return "template_first";
  if (dialog.elsewhere) return "elsewhere";
  return dialog.replyAllowed ? null : "not_allowed";
}

/** Whether an approved template may go: also when nothing else may, because of the time. */
export function takesTemplate(lock: Lock, dialog: Dialog, capabilities: Capabilities | undefined): boolean {
  const isOnlyTime = lock === null || lock === "window_closed" || lock === "template_first";
  return isOnlyTime && dialog.replyAllowed && capabilities?.templates === true;
}

export interface Draft {
  kind: ComposeKind;
  text: string;
  attachments: readonly FileLike[];
  hasQuickReplies: boolean;
  hasLinkButtons: boolean;
}

/** The longest text that a reply may have, as textLength counts; null: no limit is known. */
export function textLimit(kind: ComposeKind, capabilities: Capabilities | undefined): number | null {
  if (kind === "note" || capabilities === undefined) return null;
  return capabilities.textLimit * capabilities.textParts;
}

/** In UTF-16 units, as the server counts and as texts are split: an emoji is two or more of them. */
export function textLength(text: string): number {
  return text.length;
}

/** How many messages a text becomes, and whether it goes apart from the first file. */
export interface Outcome {
  parts: number;
  apart: boolean;
}

/** What the connector makes of a reply: see ``plan`` in connectors/sending.py. */
export function outcome(draft: Draft, can: Capabilities): Outcome {
  const { kind, text, attachments, hasQuickReplies, hasLinkButtons } = draft;
  const [first] = attachments;
  if (kind === "note" || text.trim() === "") return { parts: 0, apart: false };
  const limits = [can.textLimit];
  if (hasQuickReplies) limits.push(can.quickReplies?.text ?? 0);
  if (hasLinkButtons) limits.push(can.linkButtons?.text ?? 0);
  const parts = split(text, Math.max(1, Math.min(...limits))).length;
  if (first === undefined) return { parts, apart: false };
  const rule = ruleFor(first, can);
  const isCaption = !hasQuickReplies && !hasLinkButtons && "caption" in rule;
  const fits = isCaption && text.trim().length <= rule.caption;
  return fits ? { parts: 1, apart: false } : { parts, apart: true };
}
