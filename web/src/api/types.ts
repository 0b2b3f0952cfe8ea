/** The shapes of the HTTP API, as server/entities.py has them. */

export type Role = "agent" | "supervisor" | "administrator";
export type DialogStatus = "open" | "snoozed" | "closed";
export type DeliveryState = "queued" | "sending" | "unknown" | "sent" | "failed" | "delivered" | "read";
export type Origin = "contact" | "agent" | "campaign" | "automation" | "auto_reply" | "survey" | "system";

export interface ChannelRef {
  id: string;
  kind: string;
  name: string;
}

export interface AgentRef {
  id: string;
  name: string;
}

export interface ContactRef {
  id: string;
  number: number;
  name: string;
  address: string;
}

export interface Author {
  type: "contact" | "agent" | "system";
  id: string | null;
  name: string;
}

export interface Source {
  source: string;
  medium: string;
  campaign: string;
  landingPage: string;
  referrer: string;
  ref: string;
}

export interface Preview {
  direction: "inbound" | "outbound";
  text: string;
  attachment: string | null;
}

export interface Dialog {
  id: string;
  seq: string;
  number: number;
  status: DialogStatus;
  channel: ChannelRef;
  contact: ContactRef;
  assignee: AgentRef | null;
  lastRepliedBy: Author | null;
  createdAt: string;
  closedAt: string | null;
  lastMessageAt: string | null;
  lastInboundAt: string | null;
  waitingSince: string | null;
  inboundCount: number;
  messageCount: number;
  reopenCount: number;
  previousId: string | null;
  replyAllowed: boolean;
  replyUntil: string | null;
  preview: Preview | null;
  source: Source | null;
}

export interface AttachmentView {
  id: string;
  kind: string;
  state?: "pending" | "stored" | "failed" | "none";
  name?: string;
  mime?: string;
  size?: number;
  title?: string;
  latitude?: number;
  longitude?: number;
  phone?: string;
  url?: string;
}

export interface FailureView {
  code: string;
  text: string;
  providerCode: string | null;
}

export interface Message {
  id: string;
  seq: string;
  dialogId: string;
  direction: "inbound" | "outbound";
  kind: "message" | "note";
  origin: Origin;
  purpose: "service" | "marketing";
  author: Author;
  text: string;
  attachments: AttachmentView[];
  externalId: string | null;
  state: DeliveryState | null;
  failure: FailureView | null;
  at: string;
  replyTo: string | null;
  unsupported: string | null;
  editedAt: string | null;
  deletedAt: string | null;
  reaction: string | null;
}

export interface Activity {
  id: string;
  seq: string;
  dialogId: string;
  type: "created" | "assigned" | "unassigned" | "closed" | "reopened";
  actor: Author;
  subject: AgentRef | null;
  previous: AgentRef | null;
  at: string;
}

export interface Agent {
  id: string;
  seq: string;
  name: string;
  email: string;
  role: Role;
  active: boolean;
  channelIds: string[];
}

export interface Capabilities {
  receive: boolean;
  deliveredReport: boolean;
  readReport: boolean;
  startDialog: boolean;
  replyWindowHours: number | null;
  textLimit: number;
  segments: boolean;
  attachmentKinds: string[];
  captionLimit: number;
  attachmentBytes: number;
  deepLink: boolean;
}

export type ChannelHealth = "connected" | "failing" | "idle" | "paused";

export interface Channel {
  id: string;
  seq: string;
  kind: string;
  provider: string | null;
  name: string;
  active: boolean;
  webhook: string;
  capabilities: Capabilities;
  health: ChannelHealth;
  lastError: string | null;
  lastErrorAt: string | null;
  lastInboundAt: string | null;
  lastOutboundAt: string | null;
}

export interface Session {
  agent: { id: string; name: string; role: Role; email: string; locale: string | null };
  csrfToken: string;
  workspace: { name: string; timeZone: string };
  settings: { agentsSee: "own" | "team"; reopenWithinHours: number };
}

export interface DialogCounts {
  mine: number;
  unassigned: number;
  all: number;
}

export interface DialogPage {
  items: Dialog[];
  cursor: string | null;
  seq: string;
  reads: Record<string, number>;
  counts: DialogCounts | null;
}

export interface Page<Item> {
  items: Item[];
  cursor: string | null;
  seq: string;
}

export interface Everything<Item> {
  items: Item[];
  seq: string;
}

export type DialogDetail = Dialog & { inboundRead: number };

export interface Identity {
  id: string;
  channel: ChannelRef;
  address: string;
  name: string;
}

export interface ContactDetail {
  contact: { id: string; number: number; name: string; phone: string | null; createdAt: string };
  identities: Identity[];
  dialogs: Dialog[];
  seq: string;
}

export interface LogPage extends Page<Dialog> {
  total: { count: number; capped: boolean };
  timeZone: string;
}

export interface LogFacets {
  agents: { id: string; name: string; active: boolean }[];
  sources: string[];
  channels: ChannelRef[];
}

export interface UploadedAttachment {
  id: string;
  kind: string;
  name: string | null;
  mime: string;
  size: number;
}

export interface QuarantineItem {
  id: string;
  channel: ChannelRef;
  why: string;
  body: string;
  size: number;
  count: number;
  firstAt: string;
  lastAt: string;
}
