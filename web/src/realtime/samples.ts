import type { Activity, Agent, Channel, Dialog, Message } from "../api/types";

/** Entities for tests: complete, and different only in what a test is about. */

export function dialog(changes: Partial<Dialog> = {}): Dialog {
  return {
    id: "1",
    seq: "10",
    number: 1042,
    status: "open",
    channel: { id: "7", kind: "viber", name: "Shop" },
    contact: { id: "5", number: 318, name: "Zofia Żółw", address: "v-1", picture: null },
    assignee: null,
    lastRepliedBy: null,
    createdAt: "2026-03-01T10:00:00.000Z",
    closedAt: null,
    lastMessageAt: "2026-03-01T10:00:00.000Z",
    lastInboundAt: null,
    waitingSince: null,
    inboundCount: 1,
    messageCount: 1,
    reopenCount: 0,
    previousId: null,
    replyAllowed: true,
    elsewhere: false,
    reachable: true,
    optedOut: false,
    replyUntil: null,
    preview: null,
    source: null,
    ...changes,
  };
}

export function message(changes: Partial<Message> = {}): Message {
  return {
    id: "100",
    seq: "10",
    dialogId: "1",
    direction: "inbound",
    kind: "message",
    origin: "contact",
    purpose: "service",
    author: { type: "contact", id: "5", name: "Zofia Żółw" },
    text: "Dzień dobry",
    attachments: [],
    externalId: null,
    state: null,
    failure: null,
    parts: [],
    at: "2026-03-01T10:00:00.000Z",
    replyTo: null,
    quickReplies: [],
    linkButtons: [],
    payload: null,
    unsupported: null,
    editedAt: null,
    deletedAt: null,
    reaction: null,
    ownReaction: null,
    ...changes,
  };
}

export function activity(changes: Partial<Activity> = {}): Activity {
  return {
    id: "200",
    seq: "10",
    dialogId: "1",
    type: "assigned",
    actor: { type: "agent", id: "2", name: "Ala" },
    subject: { id: "2", name: "Ala" },
    previous: null,
    at: "2026-03-01T10:01:00.000Z",
    ...changes,
  };
}

export function agent(changes: Partial<Agent> = {}): Agent {
  return {
    id: "2",
    seq: "1",
    name: "Ala",
    email: "",
    role: "agent",
    active: true,
    channelIds: ["7"],
    ...changes,
  };
}

export function channel(changes: Partial<Channel> = {}): Channel {
  return {
    id: "7",
    seq: "1",
    kind: "viber",
    provider: null,
    name: "Shop",
    active: true,
    webhook: "/webhooks/shop",
    capabilities: {
      receive: true,
      deliveredReport: true,
      readReport: true,
      sender: null,
      startDialog: false,
      startByTemplate: false,
      replyWindowHours: null,
      humanReplyHours: null,
      textLimit: 4096,
      segments: false,
      phoneNumbers: false,
      textParts: 10,
      files: [{ kind: "image", bytes: 1_000_000, types: ["image/png"], caption: 0 }],
      replyTo: true,
      quickReplies: { count: 3, title: 20, payload: 256, text: 1024 },
      linkButtons: {
        count: 2,
        title: 20,
        text: 640,
        withQuickReplies: true,
        fleeting: true,
        sendsAddress: false,
      },
      reactions: null,
      templates: false,
      deepLink: true,
    },
    smsOn: null,
    health: "connected",
    lastError: null,
    lastErrorCode: null,
    lastErrorSaid: null,
    lastErrorAt: null,
    lastInboundAt: null,
    lastOutboundAt: null,
    pending: null,
    mended: null,
    mendedSaid: null,
    mendedAt: null,
    silenceHours: null,
    alarms: [],
    ...changes,
  };
}
