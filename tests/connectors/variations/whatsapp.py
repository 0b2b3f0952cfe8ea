"""developers.facebook.com, business-messaging/whatsapp/webhooks/reference (March to September 2026)."""

from typing import Any

from tests.connectors.variations.words import IGNORED, QUARANTINED, Row, came, said

NUMBER, BSUID = "1122334455667", "PL.13491208655302741918"
AT = 1785300000
METADATA = {"display_phone_number": "48732001002", "phone_number_id": NUMBER}
CONTACT = {"profile": {"name": "Zofia"}, "wa_id": "@peer", "user_id": BSUID}
OURS = {"from": "48732001002", "to": "@peer", "id": "@id", "timestamp": str(AT)}


def post(*changes: Any, **entry: Any) -> dict[str, Any]:
    return {
        "object": "whatsapp_business_account",
        "entry": [{"id": "102290", "changes": list(changes), **entry}],
    }


def change(field: str | None = "messages", **value: Any) -> dict[str, Any]:
    whole = {"messaging_product": "whatsapp", "metadata": METADATA, "contacts": [CONTACT], **value}
    return {"value": whole, **({"field": field} if field else {})}


def message(kind: str | None, content: Any = None, **fields: Any) -> dict[str, Any]:
    frame = {"from": "@peer", "id": "@id", "timestamp": str(AT), "type": kind}
    return {**frame, **({kind: content} if kind and content is not None else {}), **fields}


def wrote(kind: str | None, content: Any = None, **fields: Any) -> dict[str, Any]:
    return post(change(messages=[message(kind, content, **fields)]))


def text(body: str = "a", **fields: Any) -> dict[str, Any]:
    return wrote("text", {"body": body}, **fields)


def status(state: str, **fields: Any) -> dict[str, Any]:
    frame = {"id": "@id", "status": state, "timestamp": str(AT), "recipient_id": "@peer"}
    return post(change(statuses=[{**frame, **fields}]))


def echoed(kind: str, content: Any, **fields: Any) -> dict[str, Any]:
    return post(
        change("smb_message_echoes", message_echoes=[{**OURS, "type": kind, kind: content, **fields}])
    )


def notice(field: str, **value: Any) -> dict[str, Any]:
    return post({"field": field, "value": value}, time=AT)


MEDIA = {
    "id": 1013859600285441,
    "mime_type": "image/jpeg",
    "sha256": "x",
    "url": "https://lookaside.fbsbx.com/1",
}
AD = {
    "source_type": "ad",
    "source_id": "120226305854810726",
    "source_url": "https://fb.me/x",
    "ctwa_clid": "Aff-n8",
}
RECEIPT = {"op": "receipt", "ext_ids": ["@id"], "peer": "@peer", "ts_ms": AT * 1000}
REACTION = {"op": "reaction", "peer": "@peer", "target": "wamid.t"}
TEMPLATE = {"message_template_id": 1, "message_template_name": "promo", "message_template_language": "pl"}
ALERT = {"op": "channel_alert"}
ERROR = {"code": 131051, "title": "Message type unknown", "error_data": {"details": "Not supported."}}

TABLE: list[Row] = [
    # messages
    ("text", text(), said("a", ts_ms=AT * 1000, name="Zofia", account=NUMBER, sets_peer_phone="+@peer")),
    ("time as a number", text(timestamp=AT), said("a", ts_ms=AT * 1000)),
    ("time that is none", text(timestamp="asdf"), said("a", ts_ms=None)),
    ("text without text", wrote("text"), said(kind="empty")),
    ("reply", text(context={"from": "48732001002", "id": "wamid.0"}), said("a", reply_to="wamid.0")),
    ("forwarded often", text(context={"frequently_forwarded": True}), said("a", reply_to=None)),
    ("question about a product", text(context={"id": "wamid.0", "referred_product": {"catalog_id": "1"}}), said("a", reply_to="wamid.0")),
    ("no field is named", post(change(None, messages=[message("text", {"body": "a"})])), said("a")),
    ("a username beside the name", post(change(contacts=[{**CONTACT, "profile": {"name": "Z", "username": "@z"}}], messages=[message("text", {"body": "a"})])), said("a", name="Z")),
    ("no contacts", post(change(contacts=None, messages=[message("text", {"body": "a"})])), said("a", name=None)),
    ("of a group", text(group_id="g"), IGNORED),
    ("nobody", post(change(contacts=None, messages=[{**message("text", {"body": "a"}), "from": None}])), QUARANTINED),
    # files
    ("picture, id as a number", wrote("image", {**MEDIA, "caption": "c"}), said("c", {"type": "image", "media_id": "1013859600285441", "mime": "image/jpeg"})),
    ("picture that Meta could not fetch", wrote("image", errors=[ERROR]), said(kind="unsupported:image")),
    ("voice", wrote("audio", {**MEDIA, "mime_type": "audio/ogg; codecs=opus", "voice": True}), said("", {"type": "voice", "mime": "audio/ogg; codecs=opus"})),
    ("voice of older versions", wrote("voice", {"id": "1", "mime_type": "audio/ogg"}), said("", {"type": "voice", "media_id": "1"})),
    ("document without a name", wrote("document", MEDIA), said("", {"type": "file", "name": None})),
    ("sticker", wrote("sticker", {**MEDIA, "animated": False}), said("", {"type": "sticker"})),
    ("place without a name", wrote("location", {"latitude": 0.0, "longitude": "21.0"}), said("", {"type": "location", "lat": 0, "lon": 21, "title": None})),
    (
        "card with several numbers, and one without",
        wrote("contacts", [
            {"name": {"formatted_name": "Ala"}, "phones": [{"phone": "+48 600", "wa_id": "48600"}, {"wa_id": "48600100200"}, {"phone": "+48 600"}]},
            {"name": {"first_name": "Ola", "last_name": "Nowak"}, "emails": [{"email": "o@x.pl"}]},
        ]),
        said("", {"type": "contact", "name": "Ala", "phone": "+48 600"}, {"type": "contact", "name": "Ala", "phone": "+48600100200"}, {"type": "contact", "name": "Ola Nowak", "phone": None}),
    ),
    # answers
    ("button", wrote("interactive", {"type": "button_reply", "button_reply": {"id": "y", "title": "Tak"}}), said("Tak", payload="y")),
    ("row of a list", wrote("interactive", {"type": "list_reply", "list_reply": {"id": 7, "title": "Tak", "description": "d"}}), said("Tak", payload="7")),
    ("form", wrote("interactive", {"type": "nfm_reply", "nfm_reply": {"name": "flow", "body": "Sent", "response_json": "[1]"}}), said("Sent", payload="[1]")),
    ("leave to call", wrote("interactive", {"type": "call_permission_reply", "call_permission_reply": {"response": "accept"}}), said(kind="unsupported:call_permission_reply")),
    ("an answer without one", wrote("interactive"), said(kind="unsupported")),
    ("button of a template", wrote("button", {"payload": "p", "text": "Tak"}, context={"id": "wamid.0"}), said("Tak", payload="p", reply_to="wamid.0")),
    ("button without a payload", wrote("button", {"text": "Tak"}), said("Tak", payload=None)),
    ("order with words", wrote("order", {"catalog_id": "1", "text": "a", "product_items": []}), said("a", kind="unsupported:order")),
    # what is only named
    ("what WhatsApp does not pass on", wrote("unsupported", errors=[ERROR]), said(kind="unsupported")),
    ("what it was", wrote("unsupported", {"type": "poll_creation"}, errors=[ERROR]), said(kind="unsupported:poll_creation")),
    ("vanishing", wrote("ephemeral"), said(kind="unsupported:ephemeral")),
    ("words of what is not supported", wrote("unsupported", text={"body": "a"}, errors=[ERROR]), said("a", kind="unsupported")),
    ("no type", wrote(None), said(kind="unsupported")),
    ("the chat was opened", wrote("request_welcome"), IGNORED),
    # changes
    ("reaction", wrote("reaction", {"message_id": "wamid.t", "emoji": "👍"}), {**REACTION, "action": "add", "emoji": "👍"}),
    ("reaction taken back", wrote("reaction", {"message_id": "wamid.t", "emoji": None}), {**REACTION, "action": "remove"}),
    ("reaction to nothing", wrote("reaction", {"emoji": "👍"}), IGNORED),
    ("edited text", wrote("edit", {"original_message_id": "wamid.t", "message": {"type": "text", "text": {"body": "b"}}}), {"op": "edit", "peer": "@peer", "target": "wamid.t", "text": "b"}),
    ("edited to nothing known", wrote("edit", {"original_message_id": "wamid.t"}), {"op": "edit", "target": "wamid.t", "text": None}),
    ("edit of nothing", wrote("edit", {}), QUARANTINED),
    ("taken back", wrote("revoke", {"original_message_id": "wamid.t"}), {"op": "delete", "peer": "@peer", "target": "wamid.t"}),
    ("another number", wrote("system", {"type": "user_changed_number", "wa_id": "48700", "body": "x"}), {"op": "peer_changed", "old": "@peer", "new": "48700"}),
    ("another telephone", wrote("system", {"type": "customer_identity_changed", "identity": "h"}), IGNORED),
    # advertisements
    ("written from an advertisement", text(referral=AD), came(AD["source_id"], source="ad"), said("a", tracking_data="Aff-n8")),
    ("picture sent from a post", wrote("image", MEDIA, referral={"source_type": "post", "source_id": "5"}), came("5", source="post"), said("", {"type": "image"})),
    ("advertisement without an id", text(referral={"source_url": "https://fb.me/x"}), said("a")),
    # reports
    *[(f"status {state}", status(state), {**RECEIPT, "status": op}) for state, op in (("sent", "sent"), ("delivered", "delivered"), ("read", "read"), ("played", "read"))],
    ("status with prices and our mark", status("sent", type="message", biz_opaque_callback_data="t:1", pricing={"billable": True}, conversation={"id": "c"}), {**RECEIPT, "status": "sent", "tracker": "t:1"}),
    ("failed", status("failed", errors=[{"code": "131026", "title": "Undeliverable", "message": "x", "href": "y"}]), {**RECEIPT, "status": "failed", "error": "131026"}),
    ("failed, in the older form", status("failed", errors=[{"code": 131014, "details": "d"}]), {**RECEIPT, "status": "failed", "error": "131014"}),
    ("failed without a reason", status("failed"), {**RECEIPT, "status": "failed"}),
    ("the customer deleted it", status("deleted", type="message"), {"op": "delete", "target": "@id"}),
    ("status of a payment", status("captured", type="payment", payment={"reference_id": "r"}), IGNORED),
    ("failed payment", status("failed", type="payment", payment={"reference_id": "r"}), IGNORED),
    ("status in a group", status("read", recipient_type="group", recipient_participant_id="1"), {**RECEIPT, "status": "read", "peer": None}),
    ("status of tomorrow", status("in_orbit"), QUARANTINED),
    # colleagues
    ("colleague's picture", echoed("image", {**MEDIA, "caption": "c"}), {"op": "echo", "peer": "@peer", "ext_id": "@id", "text": "c", "attachments": [{"type": "image"}]}),
    ("colleague edits", echoed("edit", {"original_message_id": "wamid.t", "message": {"type": "text", "text": {"body": "b"}}}), {"op": "edit", "peer": None, "target": "wamid.t", "text": "b"}),
    ("colleague takes back", echoed("revoke", {"original_message_id": "wamid.t"}), {"op": "delete", "peer": None, "target": "wamid.t"}),
    ("colleague reacts", echoed("reaction", {"message_id": "wamid.t", "emoji": "👍"}), IGNORED),
    ("agent of Meta answers", post(change("standby", message_echoes=[{**OURS, "type": "text", "text": {"body": "b"}}])), {"op": "echo", "peer": "@peer", "text": "b", "standby": True}),
    ("customer writes to the agent of Meta", post(change("standby", messages=[message("text", {"body": "a"})])), said("a", standby=True)),
    # the account
    *[
        (f"account, {event}", notice("account_update", event=event, **more), {**ALERT, "level": level, "text_contains": event})
        for event, level, more in (
            ("ACCOUNT_RESTRICTION", "error", {"restriction_info": [{"restriction_type": "RESTRICTED_ADD_PHONE_NUMBER_ACTION"}]}),
            ("ACCOUNT_OFFBOARDED", "error", {}),
            ("ACCOUNT_RECONNECTED", "info", {}),
            ("PARTNER_REMOVED", "error", {"disconnection_info": {"reason": "PRIMARY_INACTIVITY"}}),
            ("AD_ACCOUNT_LINKED", "info", {"waba_info": {"waba_id": "1"}}),
        )
    ],
    ("trouble of the number", post(change(errors=[{"code": 0, "title": "AuthException"}])), {**ALERT, "level": "error", "text_contains": "AuthException (0)"}),
    *[
        (f"template, {field}", notice(field, **TEMPLATE, **more), {"op": "template_status", "template": "promo", "status": state})
        for field, more, state in (
            ("message_template_status_update", {"event": "PAUSED", "reason": None, "other_info": {"title": "FIRST_PAUSE"}}, "PAUSED"),
            ("message_template_status_update", {"event": "PENDING_DELETION", "reason": "NONE"}, "PENDING_DELETION"),
            ("message_template_quality_update", {"previous_quality_score": "GREEN", "new_quality_score": "RED"}, "QUALITY RED"),
            ("template_category_update", {"new_category": "MARKETING"}, "CATEGORY MARKETING"),
            ("message_template_components_update", {"message_template_element": "Hi"}, "EDITED"),
        )
    ],
    *[
        (f"marketing, {value}", post(change("user_preferences", user_preferences=[{"wa_id": "@peer", "category": "marketing_messages", "value": value, "timestamp": AT}])), {"op": op, "peer": "@peer"})
        for value, op in (("stop", "optout"), ("resume", "optin"))
    ],
    *[(f"nothing for us: {field}", notice(field, x=1), IGNORED) for field in ("history", "smb_app_state_sync", "calls", "flows", "messaging_handovers")],
    ("field of tomorrow", notice("hologram", x=1), QUARANTINED),
    ("of another product", {"object": "page", "entry": []}, IGNORED),
    # several at once
    (
        "all kinds in one change, and two changes",
        post(
            change(messages=[message("text", {"body": "a"}), 7, message("hologram", id="@id-b")], statuses=[{"id": "wamid.0", "status": "read", "recipient_id": "@peer"}], errors=[ERROR]),
            change("hologram"),
        ),
        said("a"), QUARANTINED, said(kind="unsupported:hologram", ext_id="@id-b"),
        {"op": "receipt", "status": "read", "ext_ids": ["wamid.0"]}, QUARANTINED,
    ),
]  # fmt: skip
