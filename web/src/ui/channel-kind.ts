import type { ChannelRef } from "../api/types";

const NAMES: Record<string, string> = {
  sms: "SMS",
  messenger: "Messenger",
  telegram: "Telegram",
  viber: "Viber",
  whatsapp: "WhatsApp",
  email: "E-mail",
};

const PROVIDERS: Record<string, string> = { twilio: "Twilio", smsapi: "SMSAPI", smpp: "SMPP", http: "HTTP" };

/** Beside the kind: whom customers see as the sender, else the account; nothing where that says no more than the kind. */
export function channelSender({ kind, name, sender }: ChannelRef): string | null {
  const shown = sender ?? name;
  return shown === channelKindName(kind) ? null : shown;
}

/** Names of the channel kinds are brands: the same in every language. */
export function channelKindName(kind: string): string {
  return NAMES[kind] ?? kind;
}

export function providerName(provider: string): string {
  return PROVIDERS[provider] ?? provider;
}
