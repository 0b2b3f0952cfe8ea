import type { Key } from "../../../i18n/en";

/**
 * Where a value is found in a provider's own console, schematically.  Names in the providers' consoles are theirs and stay as
 * they are; only what the connectors' READMEs name (from the providers' documentation) is written, all else is a grey bar.
 */
export type Scene = PageScene | ChatScene | PaperScene;

/** A page of the provider's console in a browser. */
export interface PageScene {
  shows: "page";
  /** What stands in the address bar. */
  where: string;
  menu: readonly MenuEntry[];
  rows: readonly Row[];
}

export interface MenuEntry {
  /** Absent: one of those that don't matter. */
  name?: string;
  /** Below the entry before it. */
  below?: boolean;
  /** The one to open. */
  chosen?: boolean;
}

/** A field or a button; what its value means for us is in our reader's language. */
export interface Row {
  name: string;
  does: "copy" | "enter" | "press" | "choose";
  /** What stands in the field, or beside the tick where the name is too long for a drawing. */
  value?: Key | Literal;
}
/** A value that is the same in every language. */
interface Literal {
  as: string;
}

export interface ChatScene {
  shows: "chat";
  name: string;
  lines: readonly ChatLine[];
}
export interface ChatLine {
  mine?: boolean;
  text: Key | Literal;
  /** It holds what is to be copied. */
  copy?: Key;
}

/** What an operator sends on paper or by mail. */
export interface PaperScene {
  shows: "paper";
  rows: readonly Row[];
}

const OTHER: MenuEntry = {};
const SECRET: Literal = { as: "••••••••••••" };
const META = "developers.facebook.com";

const APP_SECRET: PageScene = {
  shows: "page",
  where: META,
  menu: [OTHER, { name: "App settings" }, { name: "Basic", below: true, chosen: true }, OTHER, OTHER],
  rows: [{ name: "App secret", does: "copy", value: SECRET }],
};

function webhook(menu: readonly MenuEntry[]): PageScene {
  return {
    shows: "page",
    where: META,
    menu,
    rows: [
      { name: "Callback URL", does: "enter", value: "webhook.address" },
      { name: "Verify token", does: "enter", value: "field.messenger.verify_token" },
    ],
  };
}

/** By the key of the step that a drawing belongs to, without its ``kind.``. */
export const SCENES: Readonly<Record<string, Scene>> = {
  "telegram.step-1": {
    shows: "chat",
    name: "@BotFather",
    lines: [
      { mine: true, text: { as: "/newbot" } },
      { text: "drawing.bot-name" },
      { mine: true, text: { as: "Green Leaf" } },
    ],
  },
  "telegram.step-2": {
    shows: "chat",
    name: "@BotFather",
    lines: [
      { text: "drawing.bot-username" },
      { mine: true, text: { as: "green_leaf_bot" } },
      { text: { as: "7104822905:AAF••••" }, copy: "field.telegram.token" },
    ],
  },
  "viber.step-2": {
    shows: "page",
    where: "partners.viber.com",
    menu: [OTHER, { name: "Edit info", chosen: true }, OTHER],
    rows: [{ name: "Token", does: "copy", value: SECRET }],
  },
  "messenger.step-2": {
    shows: "page",
    where: META,
    menu: [OTHER, { name: "Messenger", chosen: true }, OTHER, OTHER],
    rows: [
      { name: "Page", does: "copy", value: { as: "1029384756" } },
      { name: "Generate token", does: "press" },
      { name: "Page access token", does: "copy", value: SECRET },
    ],
  },
  "messenger.step-3": APP_SECRET,
  "messenger.after-1": webhook([
    OTHER,
    { name: "Messenger" },
    { name: "Webhooks", below: true, chosen: true },
    OTHER,
  ]),
  "whatsapp.step-2": {
    shows: "page",
    where: META,
    menu: [OTHER, { name: "WhatsApp" }, { name: "API Setup", below: true, chosen: true }, OTHER],
    rows: [
      { name: "Phone number ID", does: "copy", value: { as: "10654035…" } },
      { name: "WhatsApp Business Account ID", does: "copy", value: { as: "10229012…" } },
    ],
  },
  "whatsapp.step-3": {
    shows: "page",
    where: "business.facebook.com",
    menu: [OTHER, { name: "Business settings" }, { name: "System users", below: true, chosen: true }, OTHER],
    rows: [
      { name: "whatsapp_business_messaging", does: "choose", value: { as: "…business_messaging" } },
      { name: "whatsapp_business_management", does: "choose", value: { as: "…business_management" } },
      { name: "Generate token", does: "press" },
      { name: "Token", does: "copy", value: SECRET },
    ],
  },
  "whatsapp.step-4": APP_SECRET,
  "whatsapp.after-1": webhook([
    OTHER,
    { name: "WhatsApp" },
    { name: "Configuration", below: true, chosen: true },
    OTHER,
  ]),
  "sms.step-2": {
    shows: "page",
    where: "console.twilio.com",
    menu: [{ name: "Account", chosen: true }, OTHER, OTHER],
    rows: [
      { name: "Account SID", does: "copy", value: { as: "AC••••••••••" } },
      { name: "Auth Token", does: "copy", value: SECRET },
    ],
  },
  "sms.after-1": {
    shows: "page",
    where: "console.twilio.com",
    menu: [OTHER, { name: "Phone Numbers" }, { name: "+48 732 …", below: true, chosen: true }, OTHER],
    rows: [
      { name: "A message comes in", does: "enter", value: "webhook.address" },
      { name: "HTTP POST", does: "choose" },
    ],
  },
  "sms.smsapi.step-2": {
    shows: "page",
    where: "SMSAPI",
    menu: [OTHER, { name: "API tokens", chosen: true }, OTHER],
    rows: [{ name: "OAuth", does: "copy", value: SECRET }],
  },
  "sms.smsapi.after-1": {
    shows: "page",
    where: "SMSAPI",
    menu: [OTHER, { name: "Callback addresses", chosen: true }, OTHER],
    rows: [{ name: "SMS", does: "enter", value: "drawing.address-with-key" }],
  },
  "sms.smpp.step-1": {
    shows: "paper",
    rows: [
      { name: "Host, port", does: "copy", value: { as: "smsc.example.net 3550" } },
      { name: "System ID", does: "copy", value: { as: "shop" } },
      { name: "Password", does: "copy", value: SECRET },
    ],
  },
  "sms.http.step-1": {
    shows: "paper",
    rows: [
      { name: "URL", does: "copy", value: { as: "https://sms.example.net/send" } },
      { name: "to, from, text", does: "copy", value: { as: "to=…&from=…&text=…" } },
      { name: "200 OK", does: "copy", value: { as: '{"id": "4711"}' } },
    ],
  },
  "sms.http.after-1": {
    shows: "paper",
    rows: [{ name: "SMS, DLR", does: "enter", value: "drawing.address-with-key" }],
  },
};
