"""What providers post to a webhook, signed after each one's documentation; nothing of the server is imported here."""

import base64
import hashlib
import hmac
import json
from urllib.parse import urlencode

SETTINGS: dict[str, dict[str, str]] = {
    "telegram": {"token": "77:outside-token", "secret_token": "outside-secret", "mode": "webhook"},
    "viber": {"auth_token": "outside-viber"},
    "messenger": {
        "page_id": "4041",
        "app_secret": "outside-app-secret",
        "verify_token": "outside-verify",
        "page_token": "outside-page",
    },
    "whatsapp": {
        "phone_number_id": "5051",
        "waba_id": "5052",
        "app_secret": "outside-whatsapp-secret",
        "verify_token": "outside-verify",
        "access_token": "outside-access",
    },
    "sms": {"account_sid": "AC" + "7" * 32, "auth_token": "outside-twilio", "number": "+48732001009"},
}


class Post:
    """A webhook as a provider posts it."""

    def __init__(self, body: bytes, headers: dict[str, str]) -> None:
        self.body = body
        self.headers = headers


def signed(kind: str, body: bytes, url: str, settings: dict[str, str] | None = None) -> Post:
    """``body``, signed after the provider's documentation.  ``url`` is the public address of the webhook."""
    secrets = settings or SETTINGS[kind]
    headers = {"Content-Type": "application/json"}
    match kind:
        case "telegram":
            headers["X-Telegram-Bot-Api-Secret-Token"] = secrets["secret_token"]
        case "viber":
            headers["X-Viber-Content-Signature"] = _sha256(secrets["auth_token"], body)
        case "messenger" | "whatsapp":
            headers["X-Hub-Signature-256"] = "sha256=" + _sha256(secrets["app_secret"], body)
        case "sms":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            headers["X-Twilio-Signature"] = _twilio(secrets["auth_token"], url, body)
    return Post(body, headers)


def _sha256(secret: str, body: bytes) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def _twilio(secret: str, url: str, body: bytes) -> str:
    """Twilio's: the address, then each parameter's name and value in the names' order; HMAC-SHA1, base64."""
    from urllib.parse import parse_qsl

    pairs = sorted(set(parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)))
    text = url + "".join(name + value for name, value in pairs)
    return base64.b64encode(hmac.new(secret.encode(), text.encode(), hashlib.sha1).digest()).decode()


def text_message(kind: str, number: int, text: str, *, peer: int = 500, name: str = "Zofia Żółw") -> bytes:
    """A person's text message in the provider's own format; ``number`` makes its id."""
    at = 1_700_000_000_000 + number
    match kind:
        case "telegram":
            body = {
                "update_id": 10_000 + number,
                "message": {
                    "message_id": number,
                    "date": at // 1000,
                    "chat": {"id": peer, "type": "private", "first_name": name},
                    "from": {"id": peer, "is_bot": False, "first_name": name, "language_code": "pl"},
                    "text": text,
                },
            }
        case "viber":
            body = {
                "event": "message",
                "timestamp": at,
                "chat_hostname": "SN-CHAT-05_",
                "message_token": 5_000_000_000_000_000_000 + number,
                "sender": {
                    "id": f"viber-{peer}==",
                    "name": name,
                    "language": "pl",
                    "country": "PL",
                    "api_version": 10,
                },
                "message": {"type": "text", "text": text},
                "silent": False,
            }
        case "messenger":
            page = SETTINGS["messenger"]["page_id"]
            event = {
                "sender": {"id": str(peer)},
                "recipient": {"id": page},
                "timestamp": at,
                "message": {"mid": f"m_outside{number}", "text": text},
            }
            body = {"object": "page", "entry": [{"id": page, "time": at, "messaging": [event]}]}
        case "whatsapp":
            address = f"48600{peer:06d}"
            value = {
                "messaging_product": "whatsapp",
                "metadata": {
                    "display_phone_number": "48732001003",
                    "phone_number_id": SETTINGS["whatsapp"]["phone_number_id"],
                },
                "contacts": [{"profile": {"name": name}, "wa_id": address}],
                "messages": [
                    {
                        "from": address,
                        "id": f"wamid.outside{number}",
                        "timestamp": str(at // 1000),
                        "text": {"body": text},
                        "type": "text",
                    }
                ],
            }
            entry = {"id": "5052", "changes": [{"value": value, "field": "messages"}]}
            body = {"object": "whatsapp_business_account", "entry": [entry]}
        case _:
            sid = f"SM{number:032x}"
            pairs = {
                "ToCountry": "PL", "ToState": "", "SmsMessageSid": sid, "NumMedia": "0", "ToCity": "",
                "SmsSid": sid, "SmsStatus": "received", "Body": text, "FromCountry": "PL",
                "To": SETTINGS["sms"]["number"], "NumSegments": "1", "MessageSid": sid,
                "AccountSid": SETTINGS["sms"]["account_sid"], "From": f"+48600{peer:06d}", "ApiVersion": "2010-04-01",
            }  # fmt: skip
            return urlencode(pairs).encode()
    return json.dumps(body, ensure_ascii=False).encode()
