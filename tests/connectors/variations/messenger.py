"""developers.facebook.com, messenger-platform/webhooks/webhook-events (2022 to June 2026), by the name of the event."""

from typing import Any

from tests.connectors.variations.words import IGNORED, QUARANTINED, Row, came, said

PAGE = "404217156637689"
AT = 1785300000000
CDN = "https://scontent.xx.fbcdn.net/v/1"


def page(*items: Any, **entry: Any) -> dict[str, Any]:
    whole = {"id": PAGE, "time": AT + 500, "messaging": list(items), **entry}
    return {"object": "page", "entry": [whole]}


def event(**fields: Any) -> dict[str, Any]:
    return {"sender": {"id": "@peer"}, "recipient": {"id": PAGE}, "timestamp": AT, **fields}


def wrote(**fields: Any) -> dict[str, Any]:
    return event(message={"mid": "@id", **fields})


def attached(kind: str, **payload: Any) -> dict[str, Any]:
    return wrote(attachments=[{"type": kind, "payload": payload}])


def ours(**fields: Any) -> dict[str, Any]:
    return {**wrote(is_echo=True, **fields), "sender": {"id": PAGE}, "recipient": {"id": "@peer"}}


TOLD = {"status": "read", "op": "receipt", "peer": "@peer"}
STICKER = {"type": "sticker", "sticker_id": "369239263222822"}
SHORT = {"source": "SHORTLINK", "type": "OPEN_THREAD"}
AD = {"source": "ADS", "type": "OPEN_THREAD", "ad_id": 6045246247433, "ads_context_data": {"ad_title": "Kup"}}
REACTION = {"op": "reaction", "peer": "@peer", "target": "m_t", "action": "add"}
ECHO = {"op": "echo", "peer": "@peer", "ext_id": "@id"}

TABLE: list[Row] = [
    # messages
    ("newer fields beside the text", page(wrote(text="a", commands=[{"name": "x"}], is_deleted=False)), said("a")),
    ("a number as the mid is no id", page(wrote(text="a", mid=7)), {"op": "message", "peer": "@peer", "text": "a"}),
    ("time as text, in seconds", page({**wrote(text="a"), "timestamp": "1785300000"}), said("a", ts_ms=AT)),
    ("time as a float", page({**wrote(text="a"), "timestamp": 1785300000000.0}), said("a", ts_ms=AT)),
    ("ids as numbers", page({**wrote(text="a"), "recipient": {"id": int(PAGE)}}, id=int(PAGE)), said("a")),
    ("user_ref beside the id", page({**wrote(text="a"), "sender": {"id": "@peer", "user_ref": "u"}}), said("a")),
    ("only a user_ref", page({**wrote(text="a"), "sender": {"user_ref": "u"}}), IGNORED),
    ("quick reply with its text", page(wrote(text="Tak", quick_reply={"payload": "Y"})), said("Tak", payload="Y")),
    ("empty quick reply", page(wrote(text="Tak", quick_reply={})), said("Tak", payload=None)),
    (
        "reply to one of the customer's own",
        page(wrote(text="a", reply_to={"mid": "m_0", "is_self_reply": True})),
        said("a", reply_to="m_0"),
    ),
    ("reply to a story", page(wrote(text="a", reply_to={"story": {"id": "1", "url": CDN}})), said("a", reply_to=None)),
    ("no content at all", page(wrote()), said(kind="empty")),
    ("what Meta does not pass on", page(wrote(is_unsupported=True)), said(kind="unsupported")),
    ("text beside what Meta does not pass on", page(wrote(text="a", is_unsupported=True)), said("a")),
    ("taken back", page(wrote(is_deleted=True)), {"op": "delete", "peer": "@peer", "target": "@id"}),
    # attachments
    (
        "several pictures and a text",
        page(wrote(text="a", attachments=[{"type": "image", "payload": {"url": f"{CDN}{n}"}} for n in "12"])),
        said("a", {"type": "image", "file_id": f"{CDN}1"}, {"type": "image", "file_id": f"{CDN}2"}),
    ),
    ("sticker, new form only", page(attached("sticker", url=CDN, sticker_id=369239263222822)), said("", STICKER)),
    (
        "sticker told by the message alone",
        page(wrote(sticker_id=369239263222822, attachments=[{"type": "image", "payload": {"url": CDN}}])),
        said("", {**STICKER, "file_id": CDN}),
    ),
    ("sticker without a picture", page(wrote(sticker_id=369239263222822)), said("", STICKER)),
    (
        "file with its name in the address",
        page(attached("file", url="https://cdn.fbsbx.com/v/1_n.pdf/umowa%202.pdf?_nc_cat=1")),
        said("", {"type": "file", "name": "umowa 2.pdf"}),
    ),
    (
        "reel with a relative address",
        page(attached("ig_reel", url="/reel/1/", reel_video_id=1, title="Rolka")),
        said("", {"type": "link", "url": None, "title": "Rolka"}),
    ),
    ("post", page(attached("post", url="https://fb.com/p", title="P")), said("", {"type": "link", "title": "P"})),
    ("booking", page(attached("appointment_booking", title="Wizyta")), said("", {"type": "template", "title": "Wizyta"})),
    (
        "fallback beside the link it is of",
        page(wrote(text="https://x.pl", attachments=[{"type": "fallback", "title": "X", "url": "https://x.pl"}])),
        said("https://x.pl", {"type": "link", "title": "X", "url": "https://x.pl"}),
    ),
    (
        "question about a product",
        page(attached("template", product={"elements": [{"id": "1", "title": "Buty", "subtitle": "99 zł"}]})),
        said("", {"type": "template", "title": "Buty"}),
    ),
    ("place without coordinates", page(attached("location", url="https://b.pl")), said("", {"type": "location", "lat": None})),
    ("kind newer than this code", page(attached("hologram", url=CDN)), said("", {"type": "link"}, kind="unsupported:hologram")),
    # echoes
    (
        "template of a colleague",
        page(ours(app_id=263902037430900, attachments=[{"type": "template", "payload": {"template_type": "button", "text": "Wybierz"}}])),
        {**ECHO, "app_id": "263902037430900", "attachments": [{"type": "template", "title": "Wybierz"}]},
    ),
    ("echo whose two ends are swapped", page(wrote(is_echo=True, text="a")), {**ECHO, "text": "a", "account": PAGE}),
    (
        "from the page, and not called an echo",
        page({**wrote(text="a"), "sender": {"id": PAGE}, "recipient": {"id": "@peer"}}),
        {**ECHO, "text": "a"},
    ),
    ("echo of ours without an app", page(ours(text="a", metadata="d:1")), {**ECHO, "metadata": "d:1", "app_id": None}),
    ("a colleague takes back", page(ours(is_deleted=True)), {"op": "delete", "peer": "@peer", "target": "@id"}),
    # edits and reactions
    (
        "edit with a number",
        page(event(message_edit={"mid": "m_t", "text": "b", "num_edit": 1})),
        {"op": "edit", "peer": "@peer", "target": "m_t", "text": "b", "revision": 1},
    ),
    ("edit of nothing", page(event(message_edit={"text": "b"})), QUARANTINED),
    ("reaction of another kind", page(event(reaction={"reaction": "other", "emoji": "🔥", "action": "react", "mid": "m_t"})), {**REACTION, "emoji": "🔥"}),
    ("reaction by its word", page(event(reaction={"reaction": "wow", "action": "react", "mid": "m_t"})), {**REACTION, "emoji": "😮"}),
    ("reaction taken back", page(event(reaction={"action": "unreact", "mid": "m_t"})), {**REACTION, "action": "remove"}),
    # receipts
    ("delivery by ids alone", page(event(delivery={"mids": ["a", "b"]})), {**TOLD, "status": "delivered", "ext_ids": ["a", "b"]}),
    ("read, in seconds", page(event(read={"watermark": 1785300000})), {**TOLD, "watermark_ms": AT, "ext_ids": []}),
    ("read of one message", page(event(read={"mid": "a"})), {**TOLD, "ext_ids": ["a"]}),
    ("receipt of nothing", page(event(read={})), QUARANTINED),
    ("receipt in standby", page(standby=[event(read={"watermark": AT})], messaging=None), {**TOLD, "watermark_ms": AT}),
    # how a conversation begins
    ("m.me with a number as ref", page(event(referral={"ref": 17, **SHORT})), came("17", source="SHORTLINK")),
    ("advertisement without a ref", page(event(referral=AD)), came("6045246247433", source="ADS")),
    ("advertisement with a ref", page(event(referral={**AD, "ref": "lato"})), came("lato", source="ADS")),
    ("link without a ref", page(event(referral=SHORT)), came(None, source="SHORTLINK")),
    ("written from an advertisement", page(wrote(text="a", referral=AD)), came("6045246247433", source="ADS"), said("a")),
    ("written from a link", page(wrote(text="a", referral={"ref": "r", **SHORT})), came("r"), said("a", tracking_data="r")),
    ("written in a shop", page(wrote(text="a", referral={"product": {"id": "1"}})), said("a")),
    (
        "Get Started from an advertisement",
        page(event(postback={"mid": "@id", "title": "Start", "payload": "GO", "referral": AD})),
        came("6045246247433", source="ADS", payload="GO", title="Start"),
    ),
    (
        "menu",
        page(event(postback={"mid": "@id", "title": "Kontakt", "payload": "MENU"})),
        {"op": "postback", "peer": "@peer", "payload": "MENU", "title": "Kontakt"},
    ),
    (
        "menu while another application has the thread",
        page(standby=[event(postback={"mid": "@id", "title": "Kontakt"})], messaging=None),
        {"op": "postback", "peer": "@peer", "payload": "", "title": "Kontakt"},
    ),
    ("plugin with both refs", page(event(optin={"ref": "r", "user_ref": "u"})), came("r")),
    *[
        (f"notification messages, {status}", page(event(optin={"type": "notification_messages", "notification_messages_status": status})), {"op": op, "peer": "@peer"})
        for status, op in ((None, "optin"), ("RESUME_NOTIFICATIONS", "optin"), ("STOP_NOTIFICATIONS", "optout"))
    ],
    ("one-time notification", page(event(optin={"type": "one_time_notif_req", "payload": "p"})), {"op": "optin", "peer": "@peer"}),
    # the page
    *[
        (f"policy, {action}", page(event(policy_enforcement={"action": action, "reason": reason})), {"op": "channel_alert", "level": level, "text_contains": words})
        for action, reason, level, words in (
            ("warning", "Spam.", "warning", "Spam."),
            ("block", "Spam.", "error", "Spam."),
            ("unblock", None, "info", "unblock"),
        )
    ],
    *[
        (f"{name}, {value}", page(event(**{name: value})), {"op": "control", "event": name, "peer": "@peer", "ours": ours})
        for name, value, ours in (
            ("pass_thread_control", {"previous_owner_app_id": None, "new_owner_app_id": "1"}, True),
            ("pass_thread_control", {"new_owner_app_id": "263902037430900"}, False),
            ("pass_thread_control", {}, True),
            ("take_thread_control", {"previous_owner_app_id": "1", "new_owner_app_id": 2}, False),
            ("take_thread_control", {"previous_owner_app_id": None}, False),
            ("request_thread_control", {"requested_owner_app_id": 263902037430900}, None),
        )
    ],
    *[
        (f"nothing for us: {name}", page(event(**{name: value})), IGNORED)
        for name, value in (
            ("response_feedback", {"feedback": "Good response", "mid": "m"}),
            ("messaging_feedback", {"feedback_screens": [{"screen_id": 0, "questions": {}}]}),
            ("message_request", "accept"),
            ("account_linking", {"status": "linked"}),
            ("app_roles", {"1": ["primary_receiver"]}),
        )
    ],
    ("kind of tomorrow", page(event(hologram={"x": 1})), QUARANTINED),
    ("nothing but the frame", page(event()), IGNORED),
    ("leads and comments", {"object": "page", "entry": [{"id": PAGE, "changes": [{"field": "leadgen", "value": {}}]}]}, IGNORED),
    ("Instagram", {**page(wrote(text="a")), "object": "instagram"}, IGNORED),
    ("no entries", {"object": "page", "entry": []}),
    # several at once
    (
        "all kinds in one entry, and both lists",
        page(wrote(text="a"), event(read={"watermark": AT}), 7, event(hologram={}), {}, standby=[ours(text="b", mid="@id-b")]),
        said("a"), {**TOLD, "watermark_ms": AT}, QUARANTINED, QUARANTINED, IGNORED, {**ECHO, "ext_id": "@id-b", "standby": True, "text": "b"},
    ),
    (
        "the same message twice in one body",
        {"object": "page", "entry": [*page(wrote(text="a"))["entry"]] * 2},
        said("a"), said("a"),
    ),
]  # fmt: skip
