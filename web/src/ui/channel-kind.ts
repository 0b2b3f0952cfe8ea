const NAMES: Record<string, string> = {
  sms: "SMS",
  messenger: "Messenger",
  telegram: "Telegram",
  viber: "Viber",
  whatsapp: "WhatsApp",
  email: "E-mail",
};

/** Names of the channel kinds are brands: the same in every language. */
export function channelKindName(kind: string): string {
  return NAMES[kind] ?? kind;
}
