/** The shapes of the HTTP API under the console's names for them; the server's own, see scripts/generate-types. */

import type {
  CapabilitiesView,
  Channel,
  ContactPage,
  Counts,
  DialogList,
  Facets,
  IdentityView,
  Message,
  SessionView,
  Uploaded,
} from "./schema";

export type {
  Activity,
  Agent,
  AgentRef,
  Alarm,
  AttachmentView,
  Author,
  ChangedChannel,
  Channel,
  ChannelKind,
  ChannelKindList,
  ChannelRef,
  CheckAnswer,
  CheckProblem,
  ContactRef,
  Dialog,
  DialogDetail,
  FailureView,
  FileRuleView as FileRule,
  LinkButtonRuleView as LinkButtonRule,
  LinkButtonView as LinkButton,
  LogPage,
  Message,
  MessageVersion,
  OwnReaction,
  Preview,
  QuarantineItem,
  QuickReplyRuleView as QuickReplyRule,
  QuickReplyView as QuickReply,
  ReactionRuleView as ReactionRule,
  SettingField,
  BlankView as Blank,
  TemplateBody as FilledTemplate,
  TemplateListView as TemplateList,
  TemplateView as Template,
  Source,
  TestAnswer,
  WebhookAnswer,
  WidgetConfig,
} from "./schema";

export type DeliveryState = NonNullable<Message["state"]>;
export type Part = Message["parts"][number];
export type ChannelHealth = Channel["health"];
export type Capabilities = CapabilitiesView;
export type Session = SessionView;
export type DialogCounts = Counts;
export type DialogPage = DialogList;
export type Identity = IdentityView;
export type ContactDetail = ContactPage;
export type LogFacets = Facets;
export type UploadedAttachment = Uploaded;

export interface Page<Item> {
  items: Item[];
  cursor: string | null;
  seq: string;
}

export interface Everything<Item> {
  items: Item[];
  seq: string;
}
