import { request, type QueryValue } from "./client";
import type {
  Activity,
  Agent,
  ChangedChannel,
  Channel,
  ChannelKind,
  ChannelKindList,
  CheckAnswer,
  ContactDetail,
  Dialog,
  DialogDetail,
  DialogPage,
  Everything,
  LogFacets,
  LogPage,
  Message,
  MessageVersion,
  Page,
  FilledTemplate,
  QuarantineItem,
  Session,
  TemplateList,
  UploadedAttachment,
  TestAnswer,
  WebhookAnswer,
  WidgetConfig,
} from "./types";

type Query = Record<string, QueryValue>;
type KindName = Pick<ChannelKind, "kind" | "provider">;

interface ChannelChange {
  name?: string;
  active?: boolean;
  smsOn?: boolean;
  settings?: object;
  silenceHours?: number | null;
}

interface FirstMessage {
  channelId: string;
  address: string;
  text?: string;
  template?: FilledTemplate;
  attachmentIds?: string[];
}

export const api = {
  session: () => request<Session>("/session"),
  signIn: (email: string, password: string) =>
    request<Session>("/session", { method: "POST", body: { email, password } }),
  signOut: () => request<void>("/session", { method: "DELETE" }),

  agents: () => request<Everything<Agent>>("/agents"),
  channels: () => request<Everything<Channel>>("/channels"),
  channelKinds: () => request<ChannelKindList>("/channel-kinds"),
  sendTestMessage: (
    { kind, provider }: KindName,
    settings: object,
    channelId: string | null,
    number: string,
  ) =>
    request<TestAnswer>("/channels/test-message", {
      method: "POST",
      body: { kind, provider, settings, channelId, number },
    }),
  checkChannel: ({ kind, provider }: KindName, settings: object, channelId: string | null) =>
    request<CheckAnswer>("/channels/check", {
      method: "POST",
      body: { kind, provider, settings, channelId },
    }),
  addChannel: ({ kind, provider }: KindName, name: string, settings: object) =>
    request<Channel>("/channels", { method: "POST", body: { kind, provider, name, settings } }),
  changeChannel: (id: string, body: ChannelChange) =>
    request<ChangedChannel>(`/channels/${id}`, { method: "PATCH", body }),
  acknowledgeAlarms: (id: string) => request<Channel>(`/channels/${id}/acknowledgement`, { method: "POST" }),
  registerWebhook: (id: string) => request<WebhookAnswer>(`/channels/${id}/webhook`, { method: "POST" }),

  dialogs: (query: Query, signal?: AbortSignal) => request<DialogPage>("/dialogs", { query, signal }),
  dialog: (id: string) => request<DialogDetail>(`/dialogs/${id}`),
  startDialog: (body: FirstMessage, idempotencyKey: string) =>
    request<Dialog>("/dialogs", { method: "POST", body, idempotencyKey }),
  messages: (id: string, query: Query) => request<Page<Message>>(`/dialogs/${id}/messages`, { query }),
  activities: (id: string, query: Query) => request<Page<Activity>>(`/dialogs/${id}/activities`, { query }),
  messageVersions: (id: string, messageId: string) =>
    request<{ items: MessageVersion[] }>(`/dialogs/${id}/messages/${messageId}/versions`),
  /** ``anew``: the provider is asked, whatever the server remembers. */
  templates: (channelId: string, anew: boolean) =>
    request<TemplateList>(`/channels/${channelId}/templates`, { query: anew ? { anew: "true" } : {} }),
  contact: (id: string) => request<ContactDetail>(`/contacts/${id}`),

  sendMessage: (
    id: string,
    body: {
      text: string;
      kind: "message" | "note";
      attachmentIds: string[];
      seenSeq?: string;
      template?: FilledTemplate;
    },
    idempotencyKey: string,
  ) => request<Message>(`/dialogs/${id}/messages`, { method: "POST", body, idempotencyKey }),
  retryMessage: (id: string, messageId: string) =>
    request<Message>(`/dialogs/${id}/messages/${messageId}/retry`, { method: "POST" }),
  react: (id: string, messageId: string, emoji: string) =>
    request<Message>(`/dialogs/${id}/messages/${messageId}/reaction`, { method: "PUT", body: { emoji } }),
  takeReactionBack: (id: string, messageId: string) =>
    request<Message>(`/dialogs/${id}/messages/${messageId}/reaction`, { method: "DELETE" }),
  fetchAttachment: (id: string) => request<void>(`/attachments/${id}/fetch`, { method: "POST" }),
  upload: (file: File) => {
    const form = new FormData();
    form.set("file", file);
    return request<UploadedAttachment>("/attachments", { method: "POST", body: form });
  },

  assign: (id: string, agentId: string | null, expectedAgentId: string | null) =>
    request<Dialog>(`/dialogs/${id}/assignment`, { method: "PUT", body: { agentId, expectedAgentId } }),
  close: (id: string) => request<Dialog>(`/dialogs/${id}/closure`, { method: "POST" }),
  reopen: (id: string) => request<Dialog>(`/dialogs/${id}/closure`, { method: "DELETE" }),
  markRead: (id: string, inboundCount: number) =>
    request<void>(`/dialogs/${id}/read`, { method: "PUT", body: { inboundCount } }),

  log: (query: Query, signal?: AbortSignal) => request<LogPage>("/log", { query, signal }),
  logFacets: () => request<LogFacets>("/log/facets"),
  widget: () => request<WidgetConfig>("/widget/config"),
  quarantine: (cursor: string | null, ignored: boolean) =>
    request<Page<QuarantineItem>>("/quarantine", { query: { cursor, ignored } }),
};
