"""core.telegram.org/bots/api, version 10.1 (11 June 2026)."""

from typing import Any

from tests.connectors.variations.words import IGNORED, QUARANTINED, Row, came, said

AT = 1785300000
FILE = {"file_id": "F", "file_unique_id": "u", "file_size": 12}
PHOTO = [{"file_id": "s", "width": 90, "height": 90}, {"file_id": "l", "width": 900, "height": 900}]
PLACE = {"latitude": 52.2297, "longitude": 21.0122}
CHAT = {"id": "#peer", "type": "private", "first_name": "Anna"}
PERSON = {"id": "#peer", "is_bot": False, "first_name": "Anna", "last_name": "Nowak", "language_code": "pl"}
GROUP = {"id": -1001, "type": "supergroup", "title": "G"}
LIKE, HEART = {"type": "emoji", "emoji": "👍"}, {"type": "emoji", "emoji": "❤"}
CUSTOM = {"type": "custom_emoji", "custom_emoji_id": "5"}
IMAGE = {"type": "image", "file_id": "l", "mime": "image/jpeg"}


def update(kind: str, **fields: Any) -> dict[str, Any]:
    return {"update_id": 9, kind: {"chat": CHAT, "from": PERSON, "date": AT, **fields}}


def wrote(kind: str = "message", **fields: Any) -> dict[str, Any]:
    return update(kind, message_id="#id", **fields)


def edited(**fields: Any) -> dict[str, Any]:
    return wrote("edited_message", edit_date=AT + 60, **fields)


def pressed(message: Any, **fields: Any) -> dict[str, Any]:
    query = {"id": "4382@id", "from": PERSON, "chat_instance": "-1", "data": "tak", "message": message}
    return {"update_id": 9, "callback_query": {**query, **fields}}


def reacted(old: list[Any], new: list[Any]) -> dict[str, Any]:
    return update("message_reaction", message_id=42, user=PERSON, old_reaction=old, new_reaction=new)


def member(status: str, **fields: Any) -> dict[str, Any]:
    return update(
        "my_chat_member", old_chat_member={"status": "x"}, new_chat_member={"status": status}, **fields
    )


def reaction(action: str, emoji: str | None) -> dict[str, Any]:
    return {"op": "reaction", "peer": "@peer", "target": "42", "action": action, "emoji": emoji}


EDIT = {"op": "edit", "peer": "@peer", "target": "@id", "ts_ms": (AT + 60) * 1000}
PRESSED = {"op": "postback", "peer": "@peer", "payload": "tak", "ext_id": "4382@id", "on_message": "@id"}
BUTTONS = {
    "inline_keyboard": [[{"text": "Nie", "callback_data": "nie"}, {"text": "Tak", "callback_data": "tak"}]]
}

TABLE: list[Row] = [
    # messages
    ("marks in the text", wrote(text="a b", entities=[{"type": "bold", "offset": 0, "length": 1}]), said("a b", ts_ms=AT * 1000)),
    ("number of the update as text", {**wrote(text="a"), "update_id": "9"}, said("a")),
    ("a field of tomorrow beside the message", {"x": 1, **wrote(text="a"), "y": {}}, said("a")),
    ("nobody but the chat is named", wrote(text="a", **{"from": None}), said("a", name="Anna")),
    ("no name but the username", wrote(text="a", chat={"id": "#peer", "type": "private"}, **{"from": {"id": "#peer", "username": "anna"}}), said("a", name="anna")),
    ("chat without a type", wrote(text="a", chat={"id": "#peer"}), said("a")),
    ("forwarded", wrote(text="a", forward_origin={"type": "hidden_user", "sender_user_name": "X", "date": 1}), said("a")),
    ("through another bot", wrote(text="a", via_bot={"id": 1, "is_bot": True}), said("a")),
    ("quoting a part", wrote(text="a", reply_to_message={"message_id": 41, "chat": CHAT, "date": 1}, quote={"text": "b", "position": 0}), said("a", reply_to="41")),
    ("answering a message of another chat", wrote(text="a", external_reply={"origin": {"type": "hidden_user"}}), said("a", reply_to=None)),
    ("answering a story", wrote(text="a", reply_to_story={"chat": CHAT, "id": 1}), said("a")),
    ("in a topic of a private chat", wrote(text="a", message_thread_id=3, is_topic_message=True), said("a")),
    # files
    ("photo with a caption", wrote(photo=PHOTO, caption="c", caption_entities=[]), said("c", IMAGE)),
    ("photo, the largest first", wrote(photo=PHOTO[::-1]), said("", IMAGE)),
    ("photo of sizes without a size", wrote(photo=[{"file_id": "s"}, {"file_id": "l"}]), said("", IMAGE)),
    ("second of an album", wrote(photo=PHOTO, media_group_id="13579"), said("", IMAGE, group="13579")),
    ("album of files", wrote(document={**FILE, "file_name": "a.pdf"}, media_group_id=13579), said("", {"type": "file", "name": "a.pdf"}, group="13579")),
    ("live photo, which repeats the photo", wrote(photo=PHOTO, live_photo={**FILE, "photo": PHOTO}), said("", IMAGE)),
    ("animation, which repeats the document", wrote(animation={**FILE, "mime_type": "video/mp4"}, document=FILE, caption="c"), said("c", {"type": "video", "mime": "video/mp4"})),
    ("video behind a spoiler", wrote(video=FILE, has_media_spoiler=True, show_caption_above_media=True), said("", {"type": "video", "file_id": "F"})),
    ("round video", wrote(video_note={**FILE, "length": 240}), said("", {"type": "video_note"})),
    ("voice with a caption", wrote(voice={**FILE, "mime_type": "audio/ogg"}, caption="c"), said("c", {"type": "voice", "size": 12})),
    ("music", wrote(audio={**FILE, "title": "T", "performer": "P"}), said("", {"type": "audio", "title": "T"})),
    ("file larger than 2 GB", wrote(document={**FILE, "file_size": 4294967296}), said("", {"type": "file", "size": 4294967296})),
    ("moving sticker", wrote(sticker={**FILE, "is_animated": 1, "emoji": "🙂"}), said("", {"type": "sticker", "mime": "application/x-tgsticker", "title": "🙂"})),
    ("video sticker", wrote(sticker={**FILE, "is_video": True}), said("", {"type": "sticker", "mime": "video/webm"})),
    # places and cards
    ("live place", wrote(location={**PLACE, "live_period": 900, "heading": 5}), said("", {"type": "location", "lat": 52.2297})),
    ("venue, which repeats the place", wrote(location=PLACE, venue={"location": PLACE, "title": "Sklep", "address": "Prosta 1"}), said("", {"type": "location", "title": "Sklep", "name": "Prosta 1", "lon": 21.0122})),
    ("own card", wrote(contact={"phone_number": "+48 799-123-456", "first_name": "A", "user_id": "#peer"}), said("", {"type": "contact"}, sets_peer_phone="+48799123456")),
    ("card of another user", wrote(contact={"phone_number": "48799123457", "first_name": "B", "last_name": "C", "user_id": 1}), said("", {"type": "contact", "name": "B C", "phone": "48799123457"}, sets_peer_phone=False)),
    ("card of somebody without Telegram", wrote(contact={"phone_number": "112", "vcard": "BEGIN:VCARD"}), said("", {"type": "contact", "phone": "112"}, sets_peer_phone=False)),
    # what is only named
    *[
        (f"only named: {name}", wrote(**{name: value}), said(kind=f"unsupported:{name}"))
        for name, value in (
            ("dice", {"emoji": "🎯", "value": 6}),
            ("poll", {"id": "1", "question": "?", "options": []}),
            ("story", {"chat": CHAT, "id": 1}),
            ("game", {"title": "t"}),
            ("invoice", {"title": "t"}),
            ("checklist", {"title": "t", "tasks": []}),
            ("giveaway", {"winner_count": 1}),
            ("rich_message", {"blocks": []}),
            ("of_tomorrow", {}),
        )
    ],
    ("caption of what is only named", wrote(paid_media={"star_count": 1, "paid_media": []}, caption="c"), said("c", kind="unsupported:paid_media")),
    ("named after fields that say nothing", wrote(guest_query_id="1", reply_to_poll_option_id="1", effect_id="1", dice={"value": 1}), said(kind="unsupported:dice")),
    *[
        (f"report of the chat: {name}", wrote(**{name: value}), IGNORED)
        for name, value in (
            ("message_auto_delete_timer_changed", {"message_auto_delete_time": 1}),
            ("successful_payment", {"currency": "PLN"}),
            ("users_shared", {"request_id": 1, "users": []}),
            ("write_access_allowed", {}),
            ("chat_background_set", {}),
            ("poll_option_added", {}),
            ("managed_bot_created", {}),
            ("gift", {}),
        )
    ],
    # /start
    ("start by name", wrote(text="/start@centrala_bot cb_9f", entities=[]), came("cb_9f")),
    ("start alone", wrote(text="/start"), came(None)),
    ("start with a space after it", wrote(text="/start "), came(None)),
    *[
        (f"no start: {text[:12]}", wrote(text=text), said(text))
        for text in ("/start " + "a" * 65, "/start a=b", "/start a b", "/start\u00a0a", "/startgroup x", "/START x", "/stop")
    ],
    # edits
    ("edited text", edited(text="b"), {**EDIT, "text": "b"}),
    ("edited caption", edited(photo=PHOTO, caption="b"), {**EDIT, "text": "b", "attachments": [IMAGE]}),
    ("another file", edited(document=FILE), {**EDIT, "text": None, "attachments": [{"type": "file"}]}),
    ("a live place ends", edited(location=PLACE), {**EDIT, "text": None, "attachments": [{"type": "location"}]}),
    ("edited in a group", edited(text="b", chat=GROUP), IGNORED),
    # buttons
    ("pressed", pressed({"message_id": "#id", "chat": CHAT, "date": AT, "reply_markup": BUTTONS}), {**PRESSED, "title": "Tak"}),
    ("pressed on a message that is gone", pressed({"message_id": "#id", "chat": CHAT, "date": 0}), {**PRESSED, "title": None}),
    ("pressed on a game", pressed({"message_id": "#id", "chat": CHAT}, data=None, game_short_name="g"), {**PRESSED, "payload": "g"}),
    ("pressed on what was sent inline", pressed(None, inline_message_id="1"), IGNORED),
    ("pressed in a group", pressed({"message_id": "#id", "chat": GROUP}), IGNORED),
    ("pressed in a business account's chat", pressed({"message_id": "#id", "chat": CHAT, "business_connection_id": "b"}), IGNORED),
    ("data of a web app", wrote(web_app_data={"data": "{}", "button_text": "Formularz"}), said("Formularz", payload="{}")),
    # reactions
    ("reaction", reacted([], [LIKE]), reaction("add", "👍")),
    ("reaction taken back", reacted([LIKE], []), reaction("remove", "👍")),
    ("another reaction", reacted([LIKE], [HEART]), reaction("remove", "👍"), reaction("add", "❤")),
    ("a second reaction beside the first", reacted([LIKE], [LIKE, HEART]), reaction("add", "❤")),
    ("one of two taken back", reacted([HEART, LIKE], [HEART]), reaction("remove", "👍"), reaction("add", "❤")),
    ("paid reaction", reacted([], [{"type": "paid"}]), reaction("add", "⭐")),
    ("reaction of one's own making", reacted([], [CUSTOM]), reaction("add", None)),
    ("reaction that changed nothing", reacted([LIKE], [LIKE])),
    ("reaction in a group", update("message_reaction", message_id=42, chat=GROUP, new_reaction=[LIKE]), IGNORED),
    # who comes and goes
    ("blocked", member("kicked"), {"op": "optout", "peer": "@peer"}),
    ("unblocked", member("member"), {"op": "optin", "peer": "@peer"}),
    *[(f"membership, {status}", member(status), IGNORED) for status in ("left", "restricted", "administrator", "of_tomorrow")],
    ("member of a group", member("member", chat=GROUP), IGNORED),
    ("administrator of a channel", member("administrator", chat={"id": -1002, "type": "channel"}), IGNORED),
    # not for us
    *[(f"chat of type {kind}", wrote(text="a", chat={**CHAT, "type": kind}), IGNORED) for kind in ("group", "supergroup", "channel", "sender")],
    ("a group without a type", wrote(text="a", chat={"id": -5}), IGNORED),
    ("from a bot", wrote(text="a", **{"from": {**PERSON, "is_bot": True}}), IGNORED),
    *[
        (f"kind for others: {kind}", wrote(kind, text="a"), IGNORED)
        for kind in ("channel_post", "business_message", "guest_message", "message_reaction_count", "poll", "chat_member", "chat_boost", "managed_bot")
    ],
    ("kind of tomorrow", wrote("hologram"), QUARANTINED),
    ("nothing but its number", {"update_id": 9}, QUARANTINED),
    ("message without an id", update("message", text="a"), QUARANTINED),
    ("message without a chat", wrote(text="a", chat=None), QUARANTINED),
]  # fmt: skip
