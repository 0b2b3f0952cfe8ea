const NAMES: Record<string, string> = {
  sms: "SMS",
  messenger: "Messenger",
  telegram: "Telegram",
  viber: "Viber",
  whatsapp: "WhatsApp",
  email: "E-mail",
};

const PROVIDERS: Record<string, string> = { twilio: "Twilio", smsapi: "SMSAPI", smpp: "SMPP", http: "HTTP" };

/** Names of the channel kinds are brands: the same in every language. */
export function channelKindName(kind: string): string {
  return NAMES[kind] ?? kind;
}

export function providerName(provider: string): string {
  return PROVIDERS[provider] ?? provider;
}
