/* Made by scripts/generate-types from the server's own types; change those instead. */
/* oxlint-disable */

export interface Activity {
  id: string;
  seq: string;
  dialogId: string;
  type: "created" | "assigned" | "unassigned" | "closed" | "reopened" | "opted_out" | "opted_in" | "blocked" | "unblocked" | "moved";
  actor: Author;
  subject: AgentRef | null;
  previous: AgentRef | null;
  at: string;
}

export interface ActivityList {
  items: Activity[];
  cursor: string | null;
  seq: string;
}

export interface Agent {
  id: string;
  seq: string;
  name: string;
  email: string;
  role: "agent" | "supervisor" | "administrator";
  active: boolean;
  channelIds: string[];
}

export interface AgentList {
  items: Agent[];
  seq: string;
}

export interface AgentPatch {
  name?: string;
  role?: "agent" | "supervisor" | "administrator";
  active?: boolean;
  channelIds?: string[];
}

export interface AgentRef {
  id: string;
  name: string;
}

export interface AgentUpdated {
  agent: Agent;
}

export interface Alarm {
  kind: "failing" | "silent" | "quarantine";
  since: string;
  count: number | null;
  acknowledgedAt: string | null;
}

export interface ApiToken {
  id: string;
  createdAt: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
}

export interface ApiTokenList {
  items: ApiToken[];
}

export interface Assignment {
  agentId: string | null;
  expectedAgentId: string | null;
}

export type AttachmentKind = "image" | "video" | "video_note" | "audio" | "voice" | "file" | "sticker" | "location" | "contact" | "link" | "template";

export interface AttachmentView {
  id: string;
  kind: string;
  state?: "pending" | "stored" | "failed" | "none";
  name?: string;
  mime?: string;
  size?: number;
  width?: number;
  height?: number;
  failure?: string;
  retryable?: boolean;
  title?: string;
  latitude?: number;
  longitude?: number;
  phone?: string;
  url?: string;
}

export interface Author {
  type: "contact" | "agent" | "system";
  id: string | null;
  name: string;
}

export interface BlankView {
  key: string;
  kind: "text" | "suffix" | "code" | "payload" | "latitude" | "longitude";
  longest: number;
  example: string;
  required: boolean;
}

export interface CapabilitiesView {
  receive: boolean;
  deliveredReport: boolean;
  readReport: boolean;
  sender: string | null;
  startDialog: boolean;
  startByTemplate: boolean;
  phoneNumbers: boolean;
  replyWindowHours: number | null;
  humanReplyHours: number | null;
  textLimit: number;
  segments: boolean;
  textParts: number;
  files: FileRuleView[];
  replyTo: boolean;
  quickReplies: QuickReplyRuleView | null;
  linkButtons: LinkButtonRuleView | null;
  reactions: ReactionRuleView | null;
  templates: boolean;
  deepLink: boolean;
}

export interface ChangedChannel {
  id: string;
  seq: string;
  kind: string;
  provider: string | null;
  name: string;
  active: boolean;
  webhook: string;
  capabilities: CapabilitiesView;
  smsOn: boolean | null;
  health: "connected" | "failing" | "idle" | "paused" | "off";
  lastError: string | null;
  lastErrorCode: string | null;
  lastErrorSaid: string | null;
  lastErrorAt: string | null;
  lastInboundAt: string | null;
  lastOutboundAt: string | null;
  pending: number | null;
  mended: string | null;
  mendedSaid: string | null;
  mendedAt: string | null;
  silenceHours: number | null;
  alarms: Alarm[];
  secretsSet: string[];
}

export interface Channel {
  id: string;
  seq: string;
  kind: string;
  provider: string | null;
  name: string;
  active: boolean;
  webhook: string;
  capabilities: CapabilitiesView;
  smsOn: boolean | null;
  health: "connected" | "failing" | "idle" | "paused" | "off";
  lastError: string | null;
  lastErrorCode: string | null;
  lastErrorSaid: string | null;
  lastErrorAt: string | null;
  lastInboundAt: string | null;
  lastOutboundAt: string | null;
  pending: number | null;
  mended: string | null;
  mendedSaid: string | null;
  mendedAt: string | null;
  silenceHours: number | null;
  alarms: Alarm[];
}

export interface ChannelKind {
  kind: string;
  provider: string | null;
  label: string;
  fields: SettingField[];
  capabilities: CapabilitiesView | null;
  registersWebhook: boolean;
  webhookByHand: boolean;
}

export interface ChannelKindList {
  items: ChannelKind[];
  publicUrl: string;
}

export interface ChannelList {
  items: Channel[];
  seq: string;
}

export interface ChannelPatch {
  name?: string;
  active?: boolean;
  smsOn?: boolean;
  silenceHours?: number | null;
  settings?: Record<string, unknown>;
}

export interface ChannelRef {
  id: string;
  kind: string;
  name: string;
}

export interface ChannelUpdated {
  channel: Channel;
}

export interface CheckAnswer {
  ok: boolean;
  checked: boolean;
  account: CheckedAccount | null;
  problems: CheckProblem[];
  unchecked: CheckProblem[];
  preview: string | null;
}

export interface CheckProblem {
  code: string;
  text: string;
  key: string | null;
  said: string | null;
}

export interface CheckedAccount {
  id: string;
  name: string;
}

export interface ConsentView {
  granted: boolean;
  source: string;
  wording: string;
  at: string;
}

export interface ContactCard {
  id: string;
  number: number;
  name: string;
  phone: string | null;
  createdAt: string;
}

export interface ContactChanged {
  dialog: Dialog;
  activity: Activity;
}

export interface ContactPage {
  contact: ContactCard;
  identities: IdentityView[];
  dialogs: Dialog[];
  seq: string;
}

export interface ContactRef {
  id: string;
  number: number;
  name: string;
  address: string;
  picture: string | null;
}

export interface Counts {
  mine: number;
  unassigned: number;
  all: number;
}

export interface Dialog {
  id: string;
  seq: string;
  number: number;
  status: "open" | "snoozed" | "closed";
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
  elsewhere: boolean;
  reachable: boolean;
  optedOut: boolean;
  replyUntil: string | null;
  preview: Preview | null;
  source: Source | null;
}

export interface DialogAssigned {
  dialog: Dialog;
  activity: Activity;
}

export interface DialogClosed {
  dialog: Dialog;
  activity: Activity;
}

export interface DialogCreated {
  dialog: Dialog;
  activity: Activity;
}

export interface DialogDetail {
  id: string;
  seq: string;
  number: number;
  status: "open" | "snoozed" | "closed";
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
  elsewhere: boolean;
  reachable: boolean;
  optedOut: boolean;
  replyUntil: string | null;
  preview: Preview | null;
  source: Source | null;
  inboundRead: number;
}

export interface DialogList {
  items: Dialog[];
  cursor: string | null;
  seq: string;
  reads: Record<string, number>;
  counts: Counts | null;
}

export interface DialogRead {
  dialogId: string;
  inboundCount: number;
}

export interface DialogReopened {
  dialog: Dialog;
  activity: Activity;
}

export interface DialogUpdated {
  dialog: Dialog;
}

export interface FacetAgent {
  id: string;
  name: string;
  active: boolean;
}

export interface Facets {
  agents: FacetAgent[];
  sources: string[];
  channels: ChannelRef[];
}

export interface FailureView {
  code: string;
  text: string;
  providerCode: string | null;
  part?: number;
}

export interface FieldError {
  field: string;
  message: string;
  reason?: string;
  params?: Record<string, string | number>;
}

export interface FileRuleView {
  kind: string;
  bytes: number;
  types: string[];
  caption: number;
}

export interface Health {
  status: string;
  database: string;
  bus: string;
  writer: string | null;
}

export interface IdentityView {
  id: string;
  channel: ChannelRef;
  address: string;
  name: string;
  reachable: boolean;
  optedOut: boolean;
  consent: ConsentView | null;
}

export interface LinkButtonBody {
  title: string;
  url: string;
}

export interface LinkButtonRuleView {
  count: number;
  title: number;
  text: number;
  withQuickReplies: boolean;
  fleeting: boolean;
  sendsAddress: boolean;
}

export interface LinkButtonView {
  title: string;
  url: string;
}

export interface LogPage {
  items: Dialog[];
  cursor: string | null;
  seq: string;
  total: Total | null;
  timeZone: string;
}

export interface Message {
  id: string;
  seq: string;
  dialogId: string;
  direction: "inbound" | "outbound";
  kind: "message" | "note";
  origin: "contact" | "agent" | "campaign" | "automation" | "auto_reply" | "survey" | "system";
  purpose: "service" | "marketing";
  author: Author;
  text: string;
  attachments: AttachmentView[];
  externalId: string | null;
  state: "queued" | "sending" | "unknown" | "sent" | "failed" | "delivered" | "read" | null;
  failure: FailureView | null;
  parts: PartView[];
  at: string;
  replyTo: string | null;
  quickReplies: QuickReplyView[];
  linkButtons: LinkButtonView[];
  payload: string | null;
  unsupported: string | null;
  editedAt: string | null;
  deletedAt: string | null;
  reaction: string | null;
  ownReaction: OwnReaction | null;
}

export interface MessageAdded {
  dialog: Dialog;
  message: Message;
}

export interface MessageList {
  items: Message[];
  cursor: string | null;
  seq: string;
}

export interface MessageReceived {
  dialog: Dialog;
  message: Message;
}

export interface MessageUpdated {
  message: Message;
}

export interface MessageVersion {
  id: string;
  text: string;
  writtenAt: string;
  attachments: AttachmentView[];
}

export interface MessageVersions {
  items: MessageVersion[];
}

export interface NewAgent {
  email: string;
  name: string;
  role: "agent" | "supervisor" | "administrator";
  password: string;
  channelIds?: string[] | null;
}

export interface NewCallBack {
  page?: string;
  referrer?: string;
  utmSource?: string;
  utmMedium?: string;
  utmCampaign?: string;
  clickIds?: Record<string, string>;
  phone: string;
  name?: string;
  question?: string;
  wording?: string;
  website?: string;
}

export interface NewChannel {
  kind: string;
  name: string;
  settings: Record<string, unknown>;
  provider?: string | null;
  reopenWithinHours?: number | null;
  grantToAll?: boolean;
}

export interface NewDialogBody {
  channelId: string;
  address: string;
  text?: string | null;
  template?: TemplateBody | null;
  attachmentIds?: string[];
}

export interface NewMessageBody {
  text?: string;
  kind?: "message" | "note";
  attachmentIds?: string[];
  replyTo?: string | null;
  quickReplies?: QuickReplyBody[];
  linkButtons?: LinkButtonBody[];
  template?: TemplateBody | null;
  seenSeq?: string | null;
}

export interface NewVisit {
  page?: string;
  referrer?: string;
  utmSource?: string;
  utmMedium?: string;
  utmCampaign?: string;
  clickIds?: Record<string, string>;
  channelId: string;
}

export type Order = "activity_desc" | "created_desc" | "created_asc" | "agent_asc" | "agent_desc";

export interface OwnReaction {
  emoji: string | null;
  seen: string | null;
  state: "queued" | "sent" | "failed" | "unknown";
  failure: FailureView | null;
  agent: AgentRef;
  at: string;
}

export interface PartView {
  number: number;
  kind: string | null;
  state: "queued" | "sending" | "unknown" | "sent" | "failed" | "delivered" | "read";
  failure: FailureView | null;
}

export interface Ping {
  type: "ping";
}

export interface Preview {
  direction: "inbound" | "outbound";
  text: string;
  attachment: string | null;
}

export interface ProblemDetails {
  type: string;
  title: string;
  status: number;
  detail: string;
  reason?: string;
  params?: Record<string, string | number>;
  errors?: FieldError[];
  retryAfter?: number;
  assignee?: AgentRef | null;
  dialog?: Dialog | null;
  missed?: Message[];
  dialogId?: string | null;
  number?: number | null;
}

export interface QuarantineAdded {
  id: string;
  channelId: string;
  why: string;
}

export interface QuarantineItem {
  id: string;
  channel: ChannelRef;
  why: string;
  reason: string | null;
  params: Record<string, string | number>;
  body: string;
  size: number;
  count: number;
  firstAt: string;
  lastAt: string;
}

export interface QuarantineList {
  items: QuarantineItem[];
  cursor: string | null;
  seq: string;
}

export interface QuickReplyBody {
  title: string;
  payload?: string | null;
}

export interface QuickReplyRuleView {
  count: number;
  title: number;
  payload: number;
  text: number;
}

export interface QuickReplyView {
  title: string;
  payload?: string;
}

export interface ReactionBody {
  emoji: string;
}

export interface ReactionRuleView {
  emoji: string[];
}

export interface ReadMarker {
  inboundCount: number;
}

export interface Resume {
  type: "resume";
  epoch: string;
  seq: string;
}

export interface SessionView {
  agent: SignedIn;
  csrfToken: string;
  workspace: WorkspaceView;
  settings: SettingsView;
}

export interface SettingField {
  key: string;
  type: "text" | "lines" | "secret" | "choice" | "number" | "switch" | "list";
  required: boolean;
  default: string | number | boolean | string[] | null;
  options: string[];
  advanced: boolean;
  title: string | null;
}

export interface SettingsToCheck {
  kind: string;
  settings: Record<string, unknown>;
  provider?: string | null;
  channelId?: string | null;
}

export interface SettingsView {
  agentsSee: "own" | "team";
  reopenWithinHours: number;
}

export interface SignIn {
  email: string;
  password: string;
}

export interface Signal {
  type: "signal";
  kind: "typing" | "viewing";
  dialogId: string;
}

export interface SignedIn {
  id: string;
  name: string;
  role: "agent" | "supervisor" | "administrator";
  email: string;
  locale: string;
}

export interface Source {
  ref: string;
  source: string;
  medium: string;
  campaign: string;
  landingPage: string;
  referrer: string;
}

export interface Start {
  type: "start";
}

export interface TemplateBody {
  name: string;
  language: string;
  values?: Record<string, string>;
}

export interface TemplateButtonView {
  kind: "reply" | "link" | "phone" | "code";
  title: string;
  target: string;
}

export interface TemplateListView {
  items: TemplateView[];
  complete: boolean;
  askedAt: string;
}

export interface TemplateView {
  name: string;
  language: string;
  header: string;
  body: string;
  footer: string;
  file: FileRuleView | null;
  place: boolean;
  buttons: TemplateButtonView[];
  blanks: BlankView[];
  marketing: boolean;
  state: "approved" | "pending" | "paused" | "disabled" | "rejected" | "withdrawn";
  quality: "good" | "medium" | "low" | "unknown";
  obstacle: "state" | "code" | "cards" | "header" | "button" | "blanks" | null;
  why: string | null;
}

export interface TestAnswer {
  problem: CheckProblem | null;
}

export interface TestMessage {
  kind: string;
  settings: Record<string, unknown>;
  provider?: string | null;
  channelId?: string | null;
  number: string;
}

export interface Total {
  count: number;
  capped: boolean;
}

export interface Uploaded {
  id: string;
  kind: AttachmentKind;
  name: string;
  mime: string;
  size: number;
  width: number | null;
  height: number | null;
}

export interface VisitOpening {
  token: string;
  url: string;
}

export interface WebhookAnswer {
  polls: boolean;
  address: string;
  url: string | null;
  pending: number | null;
  error: string | null;
  code: string | null;
}

export interface WidgetChannel {
  id: string;
  kind: string;
  name: string;
  url: string;
}

export interface WidgetConfig {
  name: string;
  title: string;
  greeting: string;
  channels: WidgetChannel[];
  callBack: boolean;
}

export interface WorkspaceView {
  name: string;
  timeZone: string;
}

export interface EventData {
  "agent.updated": AgentUpdated;
  "channel.updated": ChannelUpdated;
  "contact.changed": ContactChanged;
  "dialog.assigned": DialogAssigned;
  "dialog.closed": DialogClosed;
  "dialog.created": DialogCreated;
  "dialog.hidden": { id: string };
  "dialog.read": DialogRead;
  "dialog.reopened": DialogReopened;
  "dialog.updated": DialogUpdated;
  "message.added": MessageAdded;
  "message.received": MessageReceived;
  "message.updated": MessageUpdated;
  "quarantine.added": QuarantineAdded;
}

export type ClientFrame = Start | Resume | Signal | Ping;

export type ResetReason = "pruned" | "epoch" | "ahead" | "access_changed";

export interface Operations {
  acknowledgeAlarms: {
    method: "POST";
    path: "/api/v1/channels/{channel_id}/acknowledgement";
    query: Record<string, never>;
    body: undefined;
    result: Channel;
  };
  addAgent: {
    method: "POST";
    path: "/api/v1/agents";
    query: Record<string, never>;
    body: NewAgent;
    result: Agent;
  };
  addChannel: {
    method: "POST";
    path: "/api/v1/channels";
    query: Record<string, never>;
    body: NewChannel;
    result: Channel;
  };
  askForCallBack: {
    method: "POST";
    path: "/api/v1/widget/call-backs";
    query: Record<string, never>;
    body: NewCallBack;
    result: undefined;
  };
  assignDialog: {
    method: "PUT";
    path: "/api/v1/dialogs/{dialog_id}/assignment";
    query: Record<string, never>;
    body: Assignment;
    result: Dialog;
  };
  changeAgent: {
    method: "PATCH";
    path: "/api/v1/agents/{agent_id}";
    query: Record<string, never>;
    body: AgentPatch;
    result: Agent;
  };
  changeChannel: {
    method: "PATCH";
    path: "/api/v1/channels/{channel_id}";
    query: Record<string, never>;
    body: ChannelPatch;
    result: ChangedChannel;
  };
  checkChannelSettings: {
    method: "POST";
    path: "/api/v1/channels/check";
    query: Record<string, never>;
    body: SettingsToCheck;
    result: CheckAnswer;
  };
  closeDialog: {
    method: "POST";
    path: "/api/v1/dialogs/{dialog_id}/closure";
    query: Record<string, never>;
    body: undefined;
    result: Dialog;
  };
  exportDialogs: {
    method: "GET";
    path: "/api/v1/log/dialogs.csv";
    query: { view?: "mine" | "unassigned" | "all"; status?: "open" | "snoozed" | "closed" | "all" | null; channel?: string | null; agent?: string | null; source?: string | null; from?: string | null; to?: string | null; tz?: string | null; q?: string | null; order?: Order | null; profile?: "spreadsheet" | "data"; };
    body: undefined;
    result: undefined;
  };
  exportMessages: {
    method: "GET";
    path: "/api/v1/log/messages.csv";
    query: { view?: "mine" | "unassigned" | "all"; status?: "open" | "snoozed" | "closed" | "all" | null; channel?: string | null; agent?: string | null; source?: string | null; from?: string | null; to?: string | null; tz?: string | null; q?: string | null; order?: Order | null; profile?: "spreadsheet" | "data"; };
    body: undefined;
    result: undefined;
  };
  fetchAttachment: {
    method: "POST";
    path: "/api/v1/attachments/{attachment_id}/fetch";
    query: Record<string, never>;
    body: undefined;
    result: undefined;
  };
  getAttachment: {
    method: "GET";
    path: "/api/v1/attachments/{attachment_id}";
    query: { download?: boolean; };
    body: undefined;
    result: undefined;
  };
  getAttachmentThumbnail: {
    method: "GET";
    path: "/api/v1/attachments/{attachment_id}/thumbnail";
    query: Record<string, never>;
    body: undefined;
    result: undefined;
  };
  getContact: {
    method: "GET";
    path: "/api/v1/contacts/{contact_id}";
    query: Record<string, never>;
    body: undefined;
    result: ContactPage;
  };
  getContactPicture: {
    method: "GET";
    path: "/api/v1/dialogs/{dialog_id}/picture";
    query: Record<string, never>;
    body: undefined;
    result: undefined;
  };
  getDialog: {
    method: "GET";
    path: "/api/v1/dialogs/{dialog_id}";
    query: Record<string, never>;
    body: undefined;
    result: DialogDetail;
  };
  getLogFacets: {
    method: "GET";
    path: "/api/v1/log/facets";
    query: Record<string, never>;
    body: undefined;
    result: Facets;
  };
  getSession: {
    method: "GET";
    path: "/api/v1/session";
    query: Record<string, never>;
    body: undefined;
    result: SessionView;
  };
  getWidgetConfig: {
    method: "GET";
    path: "/api/v1/widget/config";
    query: Record<string, never>;
    body: undefined;
    result: WidgetConfig;
  };
  healthLive: {
    method: "GET";
    path: "/health/live";
    query: Record<string, never>;
    body: undefined;
    result: Record<string, string>;
  };
  healthReady: {
    method: "GET";
    path: "/health/ready";
    query: Record<string, never>;
    body: undefined;
    result: Health;
  };
  listActivities: {
    method: "GET";
    path: "/api/v1/dialogs/{dialog_id}/activities";
    query: { cursor?: string | null; limit?: number; };
    body: undefined;
    result: ActivityList;
  };
  listAgents: {
    method: "GET";
    path: "/api/v1/agents";
    query: Record<string, never>;
    body: undefined;
    result: AgentList;
  };
  listChannelKinds: {
    method: "GET";
    path: "/api/v1/channel-kinds";
    query: Record<string, never>;
    body: undefined;
    result: ChannelKindList;
  };
  listChannels: {
    method: "GET";
    path: "/api/v1/channels";
    query: Record<string, never>;
    body: undefined;
    result: ChannelList;
  };
  listDialogs: {
    method: "GET";
    path: "/api/v1/dialogs";
    query: { view?: "mine" | "unassigned" | "all"; status?: "open" | "snoozed" | "closed" | "all" | null; channel?: string | null; agent?: string | null; source?: string | null; from?: string | null; to?: string | null; tz?: string | null; q?: string | null; order?: Order | null; cursor?: string | null; limit?: number; counts?: boolean; };
    body: undefined;
    result: DialogList;
  };
  listMessageVersions: {
    method: "GET";
    path: "/api/v1/dialogs/{dialog_id}/messages/{message_id}/versions";
    query: Record<string, never>;
    body: undefined;
    result: MessageVersions;
  };
  listMessages: {
    method: "GET";
    path: "/api/v1/dialogs/{dialog_id}/messages";
    query: { cursor?: string | null; limit?: number; };
    body: undefined;
    result: MessageList;
  };
  listQuarantine: {
    method: "GET";
    path: "/api/v1/quarantine";
    query: { cursor?: string | null; limit?: number; ignored?: boolean; };
    body: undefined;
    result: QuarantineList;
  };
  listTemplates: {
    method: "GET";
    path: "/api/v1/channels/{channel_id}/templates";
    query: { anew?: boolean; };
    body: undefined;
    result: TemplateListView;
  };
  listTokens: {
    method: "GET";
    path: "/api/v1/agents/{agent_id}/tokens";
    query: Record<string, never>;
    body: undefined;
    result: ApiTokenList;
  };
  markRead: {
    method: "PUT";
    path: "/api/v1/dialogs/{dialog_id}/read";
    query: Record<string, never>;
    body: ReadMarker;
    result: undefined;
  };
  metrics: {
    method: "GET";
    path: "/metrics";
    query: Record<string, never>;
    body: undefined;
    result: undefined;
  };
  reactToMessage: {
    method: "PUT";
    path: "/api/v1/dialogs/{dialog_id}/messages/{message_id}/reaction";
    query: Record<string, never>;
    body: ReactionBody;
    result: Message;
  };
  readLog: {
    method: "GET";
    path: "/api/v1/log";
    query: { view?: "mine" | "unassigned" | "all"; status?: "open" | "snoozed" | "closed" | "all" | null; channel?: string | null; agent?: string | null; source?: string | null; from?: string | null; to?: string | null; tz?: string | null; q?: string | null; order?: Order | null; cursor?: string | null; limit?: number; };
    body: undefined;
    result: LogPage;
  };
  recordVisit: {
    method: "POST";
    path: "/api/v1/widget/visits";
    query: Record<string, never>;
    body: NewVisit;
    result: VisitOpening;
  };
  registerWebhook: {
    method: "POST";
    path: "/api/v1/channels/{channel_id}/webhook";
    query: Record<string, never>;
    body: undefined;
    result: WebhookAnswer;
  };
  reopenDialog: {
    method: "DELETE";
    path: "/api/v1/dialogs/{dialog_id}/closure";
    query: Record<string, never>;
    body: undefined;
    result: Dialog;
  };
  retryMessage: {
    method: "POST";
    path: "/api/v1/dialogs/{dialog_id}/messages/{message_id}/retry";
    query: Record<string, never>;
    body: undefined;
    result: Message;
  };
  revokeToken: {
    method: "DELETE";
    path: "/api/v1/agents/{agent_id}/tokens/{token_id}";
    query: Record<string, never>;
    body: undefined;
    result: undefined;
  };
  sendMessage: {
    method: "POST";
    path: "/api/v1/dialogs/{dialog_id}/messages";
    query: Record<string, never>;
    body: NewMessageBody;
    result: Message;
  };
  sendTestMessage: {
    method: "POST";
    path: "/api/v1/channels/test-message";
    query: Record<string, never>;
    body: TestMessage;
    result: TestAnswer;
  };
  signIn: {
    method: "POST";
    path: "/api/v1/session";
    query: Record<string, never>;
    body: SignIn;
    result: SessionView;
  };
  signOut: {
    method: "DELETE";
    path: "/api/v1/session";
    query: Record<string, never>;
    body: undefined;
    result: undefined;
  };
  startDialog: {
    method: "POST";
    path: "/api/v1/dialogs";
    query: Record<string, never>;
    body: NewDialogBody;
    result: Dialog;
  };
  takeReactionBack: {
    method: "DELETE";
    path: "/api/v1/dialogs/{dialog_id}/messages/{message_id}/reaction";
    query: Record<string, never>;
    body: undefined;
    result: Message;
  };
  uploadAttachment: {
    method: "POST";
    path: "/api/v1/attachments";
    query: Record<string, never>;
    body: undefined;
    result: Uploaded;
  };
}
