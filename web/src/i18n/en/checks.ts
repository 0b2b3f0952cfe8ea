import type { Entry } from "../catalogue";

/** Trying a channel's settings: the check, and a test SMS. */
export const checks = {
  "check.sms.smpp.password": "The SMSC refuses the system ID or the password.",
  "check.telegram.token": "Telegram knows no bot with this token. Copy it once more from @BotFather.",
  "check.viber.auth_token":
    "Viber knows no bot with this token. Copy it once more from Edit info in the Admin Panel.",
  "check.messenger.page_token":
    "Facebook does not accept this token. Generate a new one in the app, under Messenger.",
  "check.messenger.app_secret":
    "This is not the secret of the app that made the token. Copy it from App settings, Basic.",
  "check.sms.auth_token":
    "Twilio does not accept this token together with the Account SID. Copy both once more.",
  "check.unreachable": "{kind} could not be reached from the server. Check its network and this address.",
  "check.no-clear-answer": "{kind} gave no proper answer. Try again in a minute.",
  "check.certificate-untrusted":
    "The server's certificate is not signed by an authority that this server trusts. Ask the operator for the authority's certificate and paste it here.",
  "check.certificate-wrong-name":
    "The server's certificate is for another name. Check the address, or ask the operator which name to use.",
  "check.certificate-expired":
    "The server's certificate is not valid today. Tell the operator, and check this server's clock.",
  "check.no-tls": "No TLS connection could be made. Is this the port for TLS?",
  "channels.works-so-far": "What can be checked without sending an SMS is in order.",
  "channels.unchecked": "Not checked:",
  "channels.preview": "What a message will look like to the provider",
  "channels.test": "Send a test SMS",
  "channels.test-number": "To (phone number)",
  "channels.test-explained":
    "One SMS goes out with the settings above, and may cost something. Nothing of it is kept here.",
  "channels.test-send": "Send a test SMS",
  "channels.test-sent": "The provider has accepted the SMS. See whether it comes.",
  "channels.test-failed": "The SMS did not go:",
  "check.sms.http.secret": "The gateway does not accept the login and the password.",
  "check.gateway-status": "The gateway answered {said} when asked at this address.",
  "check.gateway-status-unlike": "This is not found in the gateway's answer.",
  "check.gateway-not-asked":
    "Whether the login and the password are right: there is no address for checking (More settings) to ask at.",
  "check.gateway-not-sent":
    "Whether it takes a message and how it answers: only an SMS shows that. Send a test SMS.",
  "check.gateway-not-called":
    "Whether the operator calls the webhook's address: only a message from a telephone shows that.",
  "check.webhook-missing": "{kind} does not bring messages here yet. Register the webhook.",
  "check.secret-missing": "A webhook needs a secret: without it every call of Telegram's is refused.",
} satisfies Record<string, Entry>;
