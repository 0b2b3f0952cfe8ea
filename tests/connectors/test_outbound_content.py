"""Files, quotes and quick replies on the wire: what each provider is asked for, and as what a file goes."""

import json
import struct
from typing import Any

import pytest

from connectors.contract import AttachmentKind, Outbound, OutboundAttachment, QuickReply
from connectors.http import HTTPClient
from connectors.offers import FileRule, Misfit, rule_for
from connectors.sending import payloads, plan
from connectors.viber.clips import seconds_of
from tests.connectors.attempts import ACCEPTED
from tests.connectors.fake import Call, Provider, opened, outbound

MB = 1024 * 1024
REPLIES = (QuickReply(title="Tak & nie", payload="yes"), QuickReply(title="Nie wiem"))


def file(
    kind: str, name: str, mime: str, data: bytes = b"bytes", size: int | None = None
) -> OutboundAttachment:
    async def read() -> bytes:
        return data

    return OutboundAttachment(
        kind=AttachmentKind(kind),
        name=name,
        mime=mime,
        size=len(data) if size is None else size,
        read=read,
        link="https://inbox.example.pl/media/abc",
    )


def clip(seconds: int) -> bytes:
    """The boxes of an MP4 file that say how long it is: ftyp, then moov with mvhd (version 0)."""
    header = struct.pack(">IIIII", 0, 0, 0, 1000, seconds * 1000) + bytes(80)
    mvhd = struct.pack(">I4s", 8 + len(header), b"mvhd") + header
    return b"\0\0\0\x10ftypisom\0\0\0\0" + struct.pack(">I4s", 8 + len(mvhd), b"moov") + mvhd


PDF = file("file", "umowa.pdf", "application/pdf")
VOICE = file("voice", "głos.ogg", "audio/ogg")
SONG = file("audio", "song.mp3", "audio/mpeg")
SHORT = file("video", "film.mp4", "video/mp4", clip(12))
LONG = file("video", "film.mp4", "video/mp4", clip(600))
PHOTO = file("image", "kot.png", "image/png")
BIG_PHOTO = file("image", "kot.jpg", "image/jpeg", size=11 * MB)


async def sent(kind: str, provider: Provider, message: Outbound, **settings: Any) -> list[Call]:
    provider.answers_json(*[_accepted(kind)] * 3)
    async with HTTPClient() as http:
        await opened(kind, provider.base, http, **settings).send(message)
    return provider.calls


def _accepted(kind: str) -> Any:
    # A WhatsApp upload and a sent message are told apart by their addresses; one answer serves both.
    return {**ACCEPTED[kind][0], "id": "7"} if kind == "whatsapp" else ACCEPTED[kind][0]


@pytest.mark.parametrize(
    ("attachment", "method", "field"),
    [
        (PHOTO, "sendPhoto", "photo"),
        (BIG_PHOTO, "sendDocument", "document"),
        (PDF, "sendDocument", "document"),
        (SHORT, "sendVideo", "video"),
        (SONG, "sendAudio", "audio"),
        (VOICE, "sendVoice", "voice"),
        (file("video", "v.webm", "video/webm"), "sendDocument", "document"),
        (file("audio", "v.flac", "audio/flac"), "sendDocument", "document"),
    ],
    ids=lambda value: value.name if isinstance(value, OutboundAttachment) else value,
)
async def test_telegram_files(
    attachment: OutboundAttachment, method: str, field: str, provider: Provider
) -> None:
    message = outbound("Proszę", attachments=(attachment,), reply_to="55")
    [call] = await sent("telegram", provider, message)
    assert call.path.endswith("/" + method)
    assert call.form["caption"] == "Proszę"
    assert json.loads(call.form["reply_parameters"])["message_id"] == 55
    [uploaded] = [value for value in call.form.values() if isinstance(value, tuple)]
    assert uploaded[0] == attachment.name
    assert uploaded[2] == b"bytes" or attachment is SHORT
    assert field in call.form or f"attach://{field}" in str(call.form)


@pytest.mark.parametrize(
    ("attachment", "kind"),
    [
        (PHOTO, "image"),
        (BIG_PHOTO, "file"),
        (PDF, "file"),
        (SHORT, "video"),
        (SONG, "audio"),
        (VOICE, "audio"),
    ],
    ids=lambda value: value.name if isinstance(value, OutboundAttachment) else value,
)
async def test_messenger_files(attachment: OutboundAttachment, kind: str, provider: Provider) -> None:
    text, upload = await sent(
        "messenger", provider, outbound("Proszę", attachments=(attachment,), reply_to="m_9")
    )
    assert text.json["message"] == {"text": "Proszę"}
    assert text.json["reply_to"] == {"mid": "m_9"}
    assert json.loads(upload.form["message"])["attachment"]["type"] == kind
    assert "reply_to" not in upload.form
    assert upload.form["filedata"][:2] == (attachment.name, attachment.mime)


@pytest.mark.parametrize(
    ("attachment", "kind", "value"),
    [
        (PHOTO, "image", {"id": "7", "caption": "Proszę"}),
        (PDF, "document", {"id": "7", "caption": "Proszę", "filename": "umowa.pdf"}),
        (SHORT, "video", {"id": "7", "caption": "Proszę"}),
        (SONG, "audio", {"id": "7"}),
        (VOICE, "audio", {"id": "7", "voice": True}),
    ],
    ids=["image", "file", "video", "audio", "voice"],
)
async def test_whatsapp_files(
    attachment: OutboundAttachment, kind: str, value: dict[str, Any], provider: Provider
) -> None:
    calls = await sent(
        "whatsapp", provider, outbound("Proszę", attachments=(attachment,), reply_to="wamid.1")
    )
    uploads = [call for call in calls if call.path.endswith("/media")]
    messages = [call.json for call in calls if call.path.endswith("/messages")]
    assert uploads[0].form["file"][:2] == (attachment.name, attachment.mime)
    assert (messages[-1]["type"], messages[-1][kind]) == (kind, value)
    assert [message.get("context") for message in messages] == [{"message_id": "wamid.1"}, None][
        : len(messages)
    ]
    assert len(messages) == (1 if "caption" in value else 2)  # a text without a caption goes ahead


@pytest.mark.parametrize(
    ("attachment", "content"),
    [
        (PHOTO, {"type": "picture", "text": "Proszę", "media": "https://inbox.example.pl/media/abc/kot.png"}),
        (
            BIG_PHOTO,
            {
                "type": "file",
                "media": "https://inbox.example.pl/media/abc/kot.jpg",
                "size": 11 * MB,
                "file_name": "kot.jpg",
            },
        ),
        (
            VOICE,
            {
                "type": "file",
                "media": "https://inbox.example.pl/media/abc/g%C5%82os.ogg",
                "size": 5,
                "file_name": "głos.ogg",
            },
        ),
        (
            SHORT,
            {
                "type": "video",
                "media": "https://inbox.example.pl/media/abc/film.mp4",
                "size": SHORT.size,
                "duration": 12,
            },
        ),
        (
            LONG,
            {
                "type": "file",
                "media": "https://inbox.example.pl/media/abc/film.mp4",
                "size": LONG.size,
                "file_name": "film.mp4",
            },
        ),
        (
            file("file", "bez nazwy", "application/zip"),
            {
                "type": "file",
                "media": "https://inbox.example.pl/media/abc/bez%20nazwy.bin",
                "size": 5,
                "file_name": "bez nazwy.bin",
            },
        ),
        (
            file("image", "zdjęcie.heic", "image/jpeg"),
            {
                "type": "picture",
                "text": "Proszę",
                "media": "https://inbox.example.pl/media/abc/zdj%C4%99cie.jpeg",
            },
        ),
    ],
    ids=["picture", "too large", "voice", "video", "too long", "no suffix", "wrong suffix"],
)
async def test_viber_files(
    attachment: OutboundAttachment, content: dict[str, Any], provider: Provider
) -> None:
    calls = await sent("viber", provider, outbound("Proszę", attachments=(attachment,), reply_to="55"))
    body = calls[-1].json
    for name in ("receiver", "min_api_version", "sender"):
        del body[name]
    assert body == content
    assert len(calls) == (1 if "text" in content else 2)


async def test_twilio_sends_media_only_where_the_number_can(provider: Provider) -> None:
    [call] = await sent("sms", provider, outbound("Proszę", attachments=(PDF,)), mms=True)
    assert (call.form["Body"], call.form["MediaUrl"]) == ("Proszę", PDF.link)


async def test_quick_replies_and_what_they_bring_back(provider: Provider) -> None:
    message = outbound("Czy pasuje?", quick_replies=REPLIES)
    [call] = await sent("telegram", provider, message)
    assert json.loads(call.form["reply_markup"])["inline_keyboard"] == [
        [{"text": "Tak & nie", "callback_data": "yes"}],
        [{"text": "Nie wiem", "callback_data": "Nie wiem"}],
    ]
    call = (await sent("messenger", provider, message))[-1]
    assert call.json["message"]["quick_replies"] == [
        {"content_type": "text", "title": "Tak & nie", "payload": "yes"},
        {"content_type": "text", "title": "Nie wiem", "payload": "Nie wiem"},
    ]
    call = (await sent("whatsapp", provider, message))[-1]
    assert call.json["interactive"]["body"] == {"text": "Czy pasuje?"}
    assert [button["reply"] for button in call.json["interactive"]["action"]["buttons"]] == [
        {"id": "yes", "title": "Tak & nie"},
        {"id": "Nie wiem", "title": "Nie wiem"},
    ]
    call = (await sent("viber", provider, message))[-1]
    buttons = call.json["keyboard"]["Buttons"]
    assert [(button["ActionType"], button["ActionBody"], button["Text"]) for button in buttons] == [
        ("reply", "Tak & nie", "Tak &amp; nie"),
        ("reply", "Nie wiem", "Nie wiem"),
    ]


def test_buttons_are_on_the_last_message_and_the_quote_on_the_first() -> None:
    can = opened("whatsapp", "http://127.0.0.1:1", HTTPClient()).capabilities
    message = outbound("słowo " * 300, attachments=(PDF,), reply_to="wamid.1", quick_replies=REPLIES)
    pieces = plan(message, can)
    assert [piece.attachment is not None for piece in pieces] == [True, False, False]
    assert [len(piece.text) <= 1024 for piece in pieces] == [True] * 3
    assert " ".join(piece.text for piece in pieces).split() == ["słowo"] * 300
    assert len(pieces[1].text) > len(pieces[2].text)  # in their order
    assert [piece.reply_to for piece in pieces] == ["wamid.1", None, None]
    assert [piece.quick_replies for piece in pieces] == [(), (), REPLIES]


def test_a_caption_is_measured_in_utf_16_units() -> None:
    can = opened("whatsapp", "http://127.0.0.1:1", HTTPClient()).capabilities
    for count, pieces in ((512, 1), (513, 2)):
        assert len(plan(outbound("🐢" * count, attachments=(PHOTO,)), can)) == pieces


def test_a_payload_that_does_not_fit_becomes_a_number() -> None:
    assert payloads([QuickReply(title="ż" * 40), QuickReply(title="nie")], 64) == ["1", "nie"]


def test_a_file_goes_as_its_own_kind_else_as_a_file_else_not_at_all() -> None:
    picture = FileRule(kind="image", bytes=10, types=("image/png",))
    sound, anything = FileRule(kind="audio", bytes=15), FileRule(kind="file", bytes=20)
    rules = (picture, sound, anything)
    assert rule_for(rules, "image", "image/png", 10) is picture
    assert rule_for(rules, "image", "image/png", 11) is anything
    assert rule_for(rules, "image", "image/gif", 1) is anything
    assert rule_for(rules, "voice", "audio/ogg", 1) is sound
    assert rule_for(rules, "image", "image/png", 21) == Misfit(bytes=20)
    assert rule_for((picture,), "image", "image/png", 11) == Misfit(bytes=10)
    assert rule_for((picture,), "image", "image/gif", 1) == Misfit()
    assert rule_for((), "file", "application/pdf", 1) == Misfit()


def test_the_length_of_a_video_is_read_or_unknown() -> None:
    assert seconds_of(clip(600)) == 600
    data = clip(5)
    for end in range(len(data)):
        assert seconds_of(data[:end]) in (None, 5)
    assert seconds_of(b"\0" * 64) is None
