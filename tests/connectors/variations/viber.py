"""developers.viber.com/docs/api/rest-bot-api, "Callbacks" (7.3.0)."""

from typing import Any

from tests.connectors.variations.words import IGNORED, QUARANTINED, Row, came, said

AT = 1785300000001
MEDIA = "https://dl-media.viber.com/1/a"
PERSON = {"id": "@peer", "name": "Jan", "avatar": None, "country": "PL", "language": "pl", "api_version": 10}
FRAME = {"timestamp": AT, "chat_hostname": "SN-CHAT-05_", "message_token": "#id"}


def callback(event: str, **fields: Any) -> dict[str, Any]:
    return {"event": event, **FRAME, **fields}


def wrote(kind: str | None, frame: dict[str, Any] | None = None, **fields: Any) -> dict[str, Any]:
    whole = callback("message", sender=PERSON, message={"type": kind, **fields}, silent=False)
    return {**whole, **(frame or {})}


def opened(**fields: Any) -> dict[str, Any]:
    return callback("conversation_started", type="open", user=PERSON, **fields)


RECEIPT = {"op": "receipt", "ext_ids": ["@id"], "peer": "@peer", "ts_ms": AT}

TABLE: list[Row] = [
    # messages
    ("text", wrote("text", text="a"), said("a", ts_ms=AT, name="Jan")),
    ("silent, in a chat", wrote("text", {"silent": True, "chat_id": "c=", "reply_type": "message"}, text="a"), said("a")),
    ("token as text", wrote("text", {"message_token": "@id"}, text="a"), said("a")),
    ("fields of other types beside it", wrote("text", text="a", media=MEDIA, location={"lat": 1, "lon": 1}), said("a")),
    ("no time", wrote("text", {"timestamp": None}, text="a"), said("a", ts_ms=None)),
    ("no token", wrote("text", {"message_token": None}, text="a"), {"op": "message", "peer": "@peer", "text": "a"}),
    ("no name", wrote("text", {"sender": {"id": "@peer"}}, text="a"), said("a", name=None)),
    ("tracking data of others", wrote("text", text="a", tracking_data='{"x":1}'), said("a", tracking_data='{"x":1}')),
    ("smileys as Viber writes them", wrote("text", text="(smiley) 🙂"), said("(smiley) 🙂")),
    ("text without text", wrote("text"), said(kind="empty")),
    ("link", wrote("url", media="https://x.pl/a"), said("https://x.pl/a", kind="url")),
    ("link with words", wrote("url", text="zobacz", media="https://x.pl/a"), said("zobacz", {"type": "link", "url": "https://x.pl/a", "title": "https://x.pl/a"}, kind="url")),
    ("picture", wrote("picture", media=MEDIA, text="c", thumbnail=MEDIA, file_name="a.jpg", size=12), said("c", {"type": "image", "name": "a.jpg", "size": 12, "file_id": MEDIA})),
    ("picture without an address", wrote("picture"), said("", {"type": "image", "file_id": None})),
    ("moving picture", wrote("gif", media=MEDIA), said("", {"type": "image"})),
    ("video with words", wrote("video", media=MEDIA, text="c", duration=12, size="12"), said("c", {"type": "video", "size": 12})),
    ("file without a name", wrote("file", media=MEDIA, file_size=0), said("", {"type": "file", "name": None, "size": 0})),
    ("sticker, id as text", wrote("sticker", sticker_id="46105", media="https://x/46105.png"), said("", {"type": "sticker", "sticker_id": "46105"})),
    ("place as text", wrote("location", location={"lat": "52.2297", "lon": "21.0122"}), said("", {"type": "location", "lat": 52.2297, "lon": 21.0122})),
    ("place with an address", wrote("location", text="Prosta 1", location={"lat": 0, "lon": 0}), said("Prosta 1", {"type": "location", "lat": 0})),
    ("place that is none", wrote("location", location=None), said("", {"type": "location", "lat": None})),
    ("card", wrote("contact", contact={"name": "Ala", "phone_number": 48799123456, "avatar": "x"}), said("", {"type": "contact", "name": "Ala", "phone": "48799123456"}, sets_peer_phone=False)),
    ("card without a card", wrote("contact"), said("", {"type": "contact", "phone": None})),
    ("rich media without words", wrote("rich_media", alt_text=None, rich_media={"Buttons": []}), said(kind="unsupported:rich_media")),
    ("type of tomorrow", wrote("hologram", text="a"), said("a", kind="unsupported:hologram")),
    ("words without a type", wrote(None, text="a"), said("a")),
    ("nothing without a type", wrote(None), said(kind="unsupported")),
    ("nobody", wrote("text", {"sender": None}, text="a"), QUARANTINED),
    ("no message", callback("message", sender=PERSON), QUARANTINED),
    # opening, subscribing
    ("opened by a link", opened(context="e1", subscribed=False), came("e1", subscribed=False)),
    ("opened again", opened(context="e1", subscribed=True), came("e1", subscribed=True)),
    ("opened without a link", opened(context="", subscribed=False), came(None)),
    ("opened, without saying more", callback("conversation_started", user={"id": "@peer"}), came(None, subscribed=None)),
    ("subscribed", callback("subscribed", user=PERSON), {"op": "optin", "peer": "@peer", "name": "Jan"}),
    ("subscribed, by id", callback("subscribed", user_id="@peer"), {"op": "optin", "peer": "@peer"}),
    ("unsubscribed", callback("unsubscribed", user_id="@peer", message_token=None), {"op": "optout", "peer": "@peer"}),
    ("unsubscribed, by person", callback("unsubscribed", user=PERSON), {"op": "optout", "peer": "@peer"}),
    ("subscribed nobody", callback("subscribed"), QUARANTINED),
    # reports
    *[
        (event, callback(event, user_id="@peer"), {**RECEIPT, "status": status})
        for event, status in (("delivered", "delivered"), ("seen", "read"), ("failed", "failed"))
    ],
    ("failed, with a reason", callback("failed", user_id="@peer", desc="blocked", chat_id="c="), {**RECEIPT, "status": "failed", "error": "blocked"}),
    ("delivered, and nobody named", callback("delivered"), {**RECEIPT, "status": "delivered", "peer": None}),
    ("seen nothing", callback("seen", user_id="@peer", message_token=""), QUARANTINED),
    # the account
    ("trial call", callback("webhook"), IGNORED),
    ("event of tomorrow", callback("client_status", user=PERSON), QUARANTINED),
    ("event in another case", callback("Message", sender=PERSON), QUARANTINED),
]  # fmt: skip
