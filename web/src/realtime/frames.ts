import type { AgentRef, ClientFrame, EventData, ResetReason, Signal } from "../api/schema";

export type { ClientFrame, EventData };

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
  reason: ResetReason;
}

export type SignalKind = Signal["kind"];

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
