import type { Activity, Agent, AgentRef, Channel, ContactRef, Dialog, Message } from "../api/types";

/** What each kind of event carries; server/events/model.py is the catalogue. */
export interface EventData {
  "dialog.created": { dialog: Dialog; activity: Activity };
  "dialog.assigned": { dialog: Dialog; activity: Activity };
  "dialog.closed": { dialog: Dialog; activity: Activity };
  "dialog.reopened": { dialog: Dialog; activity: Activity };
  "dialog.updated": { dialog: Dialog };
  "dialog.read": { dialogId: string; inboundCount: number };
  "dialog.hidden": { id: string };
  "message.received": { dialog: Dialog; message: Message };
  "message.added": { dialog: Dialog; message: Message };
  "message.updated": { message: Message };
  "contact.updated": { contact: ContactRef };
  "channel.updated": { channel: Channel };
  "agent.updated": { agent: Agent };
  "quarantine.added": { id: string; channelId: string; why: string };
}

export type EventName = keyof EventData;

export type EventFrame = {
  [Name in EventName]: {
    type: "event";
    seq: string;
    prev: string;
    at?: string;
    name: Name;
    data: EventData[Name];
  };
}[EventName];

export interface WelcomeFrame {
  type: "welcome";
  epoch: string;
  seq: string;
  agentId: string;
}

export interface WatermarkFrame {
  type: "watermark";
  seq: string;
  prev: string;
}

export interface ResetFrame {
  type: "reset";
  reason: "pruned" | "epoch" | "ahead" | "access_changed";
}

export type SignalKind = "typing" | "viewing";

export interface SignalFrame {
  type: "signal";
  kind: SignalKind;
  dialogId: string;
  agent: AgentRef;
}

export type ServerFrame =
  | WelcomeFrame
  | EventFrame
  | WatermarkFrame
  | ResetFrame
  | SignalFrame
  | { type: "pong" };

export type ClientFrame =
  | { type: "start" }
  | { type: "resume"; epoch: string; seq: string }
  | { type: "signal"; kind: SignalKind; dialogId: string }
  | { type: "ping" };
