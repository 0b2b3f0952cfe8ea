"""Forms and queries of SMS providers.

twilio.com/docs/messaging/guides/webhook-request and /docs/messaging/api/message-resource (statuses); SMSAPI's "Odbiory
Wiadomości" and "Raporty Callback"; for the gateway, the settings in ``samples.SETTINGS``.
"""

from typing import Any

from tests.connectors.variations.words import IGNORED, QUARANTINED, Row, said

OURS = "+48732001002"
MEDIA = "https://api.twilio.com/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME"


def twilio(**fields: str) -> dict[str, str]:
    return {
        "MessageSid": "@id",
        "SmsSid": "@id",
        "AccountSid": "AC1",
        "From": "@peer",
        "To": OURS,
        "NumMedia": "0",
        **fields,
    }


def reported(status: str, **fields: str) -> dict[str, str]:
    return {
        "MessageSid": "@id",
        "MessageStatus": status,
        "SmsStatus": status,
        "To": "@peer",
        "From": OURS,
        **fields,
    }


def smsapi(**fields: str) -> dict[str, str]:
    frame = {"sms_to": "48732001002", "sms_from": "@digits", "sms_date": "1785300000", "username": "firma"}
    return {**frame, "MsgId": "@id", **fields}


RECEIPT = {"op": "receipt", "ext_ids": ["@id"], "peer": "@peer"}

TWILIO: list[Row] = [
    ("a field of tomorrow, blank ones", twilio(Body="a", ToState="", Hologram="1"), said("a")),
    ("several lines and an emoji", twilio(Body="a\nb 🙂"), said("a\nb 🙂")),
    ("nothing but spaces", twilio(Body=" "), said(" ")),
    ("short number", twilio(From="7100", Body="a"), said("a", peer="7100", reply_allowed=True)),
    ("over WhatsApp", twilio(From="whatsapp:@peer", To=f"whatsapp:{OURS}", ProfileName="Zofia", WaId="@digits", Body="a"), said("a", name="Zofia")),
    ("over RCS", twilio(From="rcs:@peer", To="rcs:sklep_agent", Body="a"), said("a")),
    ("over WhatsApp, number hidden", twilio(From="whatsapp:PL.1234", Body="a"), said("a", peer="PL.1234", reply_allowed=False)),
    ("button", twilio(Body="Tak", ButtonText="Tak", ButtonPayload="y", OriginalRepliedMessageSid="SM0"), said("Tak", payload="y", reply_to="SM0")),
    ("button without a body", twilio(ButtonText="Tak"), said("Tak", payload=None)),
    ("row of a list", twilio(Body="Tak", ListId="7", ListTitle="Tak"), said("Tak", payload="7")),
    ("place", twilio(Latitude="52.2297", Longitude="21.0122", Address="Prosta 1", Label="Sklep"), said("", {"type": "location", "lat": 52.2297, "lon": 21.0122, "title": "Sklep", "name": "Prosta 1"})),
    ("half a place", twilio(Latitude="52.2297", Body="a"), said("a")),
    (
        "several files and words",
        twilio(Body="a", NumMedia="3", MediaUrl0=f"{MEDIA}0", MediaContentType0="image/jpeg", MediaUrl1=f"{MEDIA}1", MediaContentType1="video/3gpp", MediaUrl2=f"{MEDIA}2", MediaContentType2="text/x-vcard"),
        said("a", {"type": "image", "mime": "image/jpeg", "file_id": f"{MEDIA}0"}, {"type": "video"}, {"type": "file", "mime": "text/x-vcard"}),
    ),
    ("file that nobody counted", {**twilio(MediaUrl0=MEDIA, MediaContentType0="audio/amr"), "NumMedia": ""}, said("", {"type": "audio"})),
    ("file of no type", twilio(NumMedia="1", MediaUrl0=MEDIA), said("", {"type": "file", "file_id": MEDIA})),
    ("file whose address is none", twilio(NumMedia="1", MediaUrl0="cat.jpg"), said("", {"type": "file", "file_id": None})),
    ("counted, and not there", twilio(NumMedia="2", Body="a"), said("a")),
    ("asks for help", twilio(Body="HELP", OptOutType="HELP"), said("HELP")),
    ("stops in another language", twilio(Body="BASTA", OptOutType="STOP"), said("BASTA"), {"op": "optout", "peer": "@peer"}),
    ("nobody", twilio(From="", Body="a"), QUARANTINED),
    ("no id", twilio(MessageSid="", SmsSid="", Body="a"), QUARANTINED),
    *[
        (f"status {status}", reported(status), {**RECEIPT, "status": op})
        for status, op in (
            ("scheduled", "queued"), ("sending", "queued"), ("sent", "sent"), ("partially_delivered", "sent"),
            ("delivered", "delivered"), ("read", "read"), ("Delivered", "delivered"),
        )
    ],
    *[
        (f"failed, {code or 'no code'}", reported("undelivered", **({"ErrorCode": code} if code else {})), {**RECEIPT, "status": "failed", "error": code})
        for code in ("30008", "21610", "63018", None)
    ],
    ("status with the operator's answer", reported("delivered", RawDlrDoneDate="2411151139", ErrorCode=""), {**RECEIPT, "status": "delivered"}),
    ("status of tomorrow", reported("teleported"), QUARANTINED),
]  # fmt: skip

SMSAPI: list[Row] = [
    ("a field of tomorrow, in other order", {"hologram": "1", **smsapi(sms_text="a")}, said("a", ts_ms=1785300000000, account=OURS)),
    ("no time", {**smsapi(sms_text="a"), "sms_date": ""}, said("a", ts_ms=None)),
    ("no text", smsapi(sms_text=""), said(kind="empty")),
    ("number with a plus", smsapi(sms_text="a", sms_from="@peer"), said("a")),
    ("number with 00", smsapi(sms_text="a", sms_from="00@digits"), said("a")),
    ("short number", smsapi(sms_text="a", sms_from="7100"), said("a", peer="7100", reply_allowed=True)),
    ("stop, in Polish", smsapi(sms_text=" Wypisz. "), said(" Wypisz. "), {"op": "optout", "peer": "@peer"}),
    ("nobody", smsapi(sms_text="a", sms_from=""), QUARANTINED),
    ("trial call", {"username": "firma"}),
    *[
        (f"report {code}", f"MsgId=@id&status={code}&donedate=1785300100&username=firma&points=0.16&to=48600", {"op": "receipt", "ext_ids": ["@id"], "status": status, "ts_ms": 1785300100000})
        for code, status in (("402", "failed"), ("403", "sent"), ("404", "delivered"), ("405", "failed"), ("411", "queued"), ("412", "failed"))
    ],
    *[(f"report {code}, which says nothing", f"MsgId=@id&status={code}", IGNORED) for code in ("401", "408")],
    ("report of tomorrow", "MsgId=@id&status=499", QUARANTINED),
    (
        "five reports, one of them of tomorrow",
        "MsgId=@ida,@idb,@idc,@idd,@ide&status=404,403,499,408,407&donedate=1785300100,,1,x,1785300104&idx=d-1-0,,,,x",
        {"op": "receipt", "ext_ids": ["@ida"], "status": "delivered", "tracker": "d:1"},
        {"op": "receipt", "ext_ids": ["@idb"], "status": "sent", "ts_ms": None, "tracker": None},
        QUARANTINED, IGNORED,
        {"op": "receipt", "ext_ids": ["@ide"], "status": "failed", "error": "407"},
    ),
    (
        "what is the same for all is given once",
        "MsgId=@ida,@idb&status=404&donedate=1785300100",
        *({"op": "receipt", "ext_ids": [f"@id{each}"], "status": "delivered", "ts_ms": 1785300100000} for each in "ab"),
    ),
    ("a comma at the end", "MsgId=@id,&status=404,&donedate=1785300100,", {"op": "receipt", "ext_ids": ["@id"], "status": "delivered"}),
    ("fewer states than reports", "MsgId=@ida,@idb,@idc&status=404,403", {"op": "receipt", "ext_ids": ["@ida"], "status": "delivered"}, {"op": "receipt", "ext_ids": ["@idb"], "status": "sent"}, QUARANTINED),
]  # fmt: skip


def gateway(**fields: Any) -> dict[str, Any]:
    return {"id": "@id", "from": "@digits", "to": "48732001002", "time": 1785300000, **fields}


GATEWAY: list[Row] = [
    ("JSON, time in milliseconds", gateway(text="a", time=1785300000123), said("a", ts_ms=1785300000123, account=OURS)),
    ("JSON with a byte order mark", "\ufeff" + '{"id": "@id", "from": "@digits", "text": "a"}', said("a")),
    ("time without a zone says nothing", gateway(text="a", time="2026-07-29 04:40:00"), said("a", ts_ms=None)),
    ("no text", gateway(text=""), said(kind="empty")),
    ("part that is the whole", gateway(text="a", ref="7", part=1, parts=1), said("a")),
    ("part beyond the last", gateway(text="a", ref="7", part=3, parts=2), said("a")),
    ("part", gateway(text="a", ref="7", part="1", parts="2"), {"op": "part", "peer": "@peer", "ref": "48732001002:7", "part": 1, "total": 2, "text": "a"}),
    ("two messages in a list, and nothing", [gateway(text="a"), 7, gateway(id="@idb", text="b")], said("a"), QUARANTINED, said("b", ext_id="@idb")),
    ("nobody", gateway(text="a", **{"from": ""}), QUARANTINED),
    (
        "reports in a list, one of tomorrow",
        [{"id": "@ida", "status": "delivered"}, {"id": "@idb", "status": "UNDELIV", "reason": "absent"}, {"id": "@idc", "status": "TELEPRT"}],
        {"op": "receipt", "ext_ids": ["@ida"], "status": "delivered"},
        {"op": "receipt", "ext_ids": ["@idb"], "status": "failed", "error": "UNDELIV absent"},
        QUARANTINED,
    ),
    ("report without an id", {"status": "DELIVRD"}, QUARANTINED),
]  # fmt: skip
