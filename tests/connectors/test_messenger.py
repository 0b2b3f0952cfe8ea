"""Messenger: the verification, routing between pages, and what comes."""

import json
from typing import Any

import pytest

from connectors.contract import (
    Consent,
    Deletion,
    Echo,
    Ignored,
    InboundMessage,
    Postback,
    Start,
    Unknown,
    WebhookRequest,
)
from connectors.errors import BadPayload, BadSignature
from connectors.messenger import inbound
from connectors.messenger.inbound import parse_post
from tests.connectors import samples

PAGE, PERSON = "404217156637689", "1423587017700273"


def post(*items: Any, object_: str = "page", **entry: Any) -> tuple[Any, ...]:
    whole = {"id": PAGE, "time": 1785300000500, "messaging": list(items), **entry}
    return parse_post(json.dumps({"object": object_, "entry": [whole]}).encode())


def event(**fields: Any) -> dict[str, Any]:
    return {"sender": {"id": PERSON}, "recipient": {"id": PAGE}, "timestamp": 1785300000000, **fields}


def message(**fields: Any) -> InboundMessage:
    (item,) = post(event(message={"mid": "m_1", **fields}))
    assert isinstance(item, InboundMessage)
    return item


ODD = [
    {"message": {"mid": None, "text": "no id"}},
    {"message": {"mid": "", "text": "no id"}},
    {"message": {"mid": "m", "text": "x"}, "sender": None},
    {"message": {"mid": "m", "text": "x"}, "recipient": {}},
    {"message": {"mid": "m", "text": "x", "attachments": "none"}},
    {"message": {"mid": "m", "text": "a\0b"}},
    {"message": {"mid": "m", "text": "\ud800"}},
    {"message": {"mid": "m", "text": "x"}, "timestamp": "1785300000"},
    {"message": {"mid": "m", "is_deleted": True}, "timestamp": None},
    {"message": {"mid": "m", "is_echo": True, "text": "x"}, "sender": {"id": PAGE}, "recipient": {"id": 77}},
    {"message": {"mid": "m", "text": "x"}, "postback": {"payload": "p"}},
    {"message": {"mid": "m", "text": "x"}, "unheard_of": 1},
    {"message": []},
]


def test_what_is_read_in_one_go_is_what_is_read_item_by_item(monkeypatch: pytest.MonkeyPatch) -> None:
    def whole(*items: Any, **entry: Any) -> bytes:
        entries = [{"id": PAGE, "time": 1785300000500, "messaging": list(items), **entry}]
        return json.dumps({"object": "page", "entry": entries}).encode()

    def read(body: bytes) -> Any:
        try:
            return parse_post(body)
        except BadPayload as error:
            return str(error)

    plain = event(message={"mid": "m_1", "text": "Dzień dobry"})
    bodies = [path.read_bytes() for path in sorted((samples.PAYLOADS / "messenger").glob("*.json"))]
    bodies += [whole(plain, {**event(), **odd}) for odd in ODD]
    bodies += [whole(), whole(plain, standby=[plain]), whole(plain, changes=[]), whole(plain, time=None)]
    bodies += [whole(plain, plain).replace(b"Dzie", b"\xff"), b"\xef\xbb\xbf" + whole(plain)]
    assert inbound._plain(whole(plain)) is not None
    found = [read(body) for body in bodies]
    assert len(found) > 20
    monkeypatch.setattr(inbound, "_plain", lambda _body: None)
    assert found == [read(body) for body in bodies]


# ------------------------------------------------------------------------------------------ verification


@pytest.mark.parametrize("dot", [".", "_"])
def test_the_verification_answers_the_bare_challenge(dot: str) -> None:
    query = f"hub{dot}mode=subscribe&hub{dot}challenge=1158201444&hub{dot}verify_token=secret-verify"
    reply = samples.connector("messenger").receive(_get(query)).reply
    assert (reply.status, reply.body, reply.content_type) == (200, b"1158201444", "text/plain; charset=utf-8")


@pytest.mark.parametrize(
    "query",
    [
        "",
        "hub.mode=subscribe&hub.challenge=1",
        "hub.mode=subscribe&hub.challenge=1&hub.verify_token=wrong",
        "hub.mode=subscribe&hub.challenge=1&hub.verify_token=%C4%85",
        "hub.mode=subscribe&hub.verify_token=secret-verify",
        "hub.mode=other&hub.challenge=1&hub.verify_token=secret-verify",
    ],
)
def test_any_other_verification_is_refused(query: str) -> None:
    with pytest.raises(BadSignature):
        samples.connector("messenger").receive(_get(query))


def _get(query: str) -> WebhookRequest:
    return WebhookRequest(method="GET", url=f"{samples.WEBHOOK}?{query}", query=query)


def test_a_post_is_answered_as_meta_wants() -> None:
    received = samples.connector("messenger").receive(
        samples.signed("messenger", samples.body("messenger/text.json"))
    )
    assert received.reply.body == b"EVENT_RECEIVED"


# ------------------------------------------------------------------------------------------ inbound


def test_an_item_names_every_page_it_may_belong_to() -> None:
    batch = samples.parse("messenger", samples.body("messenger/batch_two_entries.json"))
    assert [item.accounts for item in batch] == [
        ("1895382890692545",),
        ("189538289069256", "1895382890692545"),
    ]
    (echo,) = post(
        {**event(message={"mid": "m", "is_echo": True}), "sender": {"id": PAGE}, "recipient": {"id": "7"}}
    )
    assert isinstance(echo, Echo)
    assert (echo.accounts, echo.peer.id) == ((PAGE,), "7")


def test_pages_of_one_app_share_its_callback() -> None:
    one, two = samples.connector("messenger"), samples.connector("messenger", page_id="2")
    other = samples.connector("messenger", app_secret="another")
    assert one.account == PAGE
    assert one.shares_callback(two)
    assert not one.shares_callback(other)
    assert not one.shares_callback(samples.connector("viber"))


def test_a_sticker_in_both_forms_counts_once() -> None:
    payload = {"url": "https://scontent.xx.fbcdn.net/1.png", "sticker_id": 369239263222822}
    found = message(
        attachments=[{"type": kind, "payload": payload} for kind in ("sticker", "image")]
    ).attachments
    assert [(each.kind, each.sticker_id) for each in found] == [("sticker", "369239263222822")]
    images = [{"type": "image", "payload": {"url": f"https://x/{number}"}} for number in (1, 2)]
    assert len(message(attachments=images).attachments) == 2


def test_an_address_that_is_none_is_neither_fetched_nor_linked() -> None:
    payload = {"url": "My Documents/foo.doc", "title": "foo"}
    for kind in ("fallback", "image"):
        (found,) = message(attachments=[{"type": kind, "payload": payload}]).attachments
        assert (found.url, found.source, found.title) == (None, None, "foo")


@pytest.mark.parametrize(
    ("kind", "url", "name"),
    [
        ("file", "https://cdn.fbsbx.com/v/1_n.pdf/um%C3%B3w%20a.pdf?_nc_cat=1", "umów a.pdf"),
        ("file", "https://cdn.fbsbx.com/v/1_n", None),
        ("file", "https://cdn.fbsbx.com/a%00.pdf", "a\ufffd.pdf"),
        ("file", "https://cdn.fbsbx.com", None),
        ("file", "http://[::1/a.pdf", None),
        ("file", "My Documents/foo.doc", None),
        ("image", "https://scontent.xx.fbcdn.net/v/1_n.jpg?oh=1", None),
    ],
)
def test_a_file_is_called_as_its_address_ends(kind: str, url: str, name: str | None) -> None:
    [attachment] = message(attachments=[{"type": kind, "payload": {"url": url}}]).attachments
    assert attachment.name == name


def test_content_that_cannot_be_shown_says_why() -> None:
    assert message(attachments=[{"type": "hologram", "payload": None}]).note == "unsupported:hologram"
    assert message(is_unsupported=True).note == "unsupported"
    assert message().note == "empty"


def test_an_unsent_message_is_a_deletion() -> None:
    (item,) = post(event(message={"mid": "m_1", "is_deleted": True}))
    assert isinstance(item, Deletion)
    assert item.target == "m_1"


def test_a_button_pressed_while_another_app_owns_the_thread_has_no_payload() -> None:
    (item,) = post(standby=[event(postback={"title": "Tak"})])
    assert isinstance(item, Postback)
    assert (item.payload, item.title) == ("", "Tak")


@pytest.mark.parametrize(("status", "granted"), [(None, True), ("STOP_NOTIFICATIONS", False)])
def test_marketing_messages_are_consent(status: str | None, granted: bool) -> None:
    optin = {"type": "notification_messages", "payload": "p", "notification_messages_status": status}
    (item,) = post(event(optin=optin))
    assert isinstance(item, Consent)
    assert item.granted is granted


def test_a_postback_is_known_by_its_mid_or_by_all_that_it_is() -> None:
    keys = [
        post(event(postback=postback))[0].key
        for postback in ({"mid": "m"}, {"payload": "a"}, {"payload": "b"}, {"payload": "a"})
    ]
    assert keys[0] == "m"
    assert keys[1] == keys[3] != keys[2]


def test_objects_of_other_products_are_ignored_and_new_keys_kept() -> None:
    (other,) = post(event(message={"mid": "m"}), object_="instagram")
    assert isinstance(other, Ignored)
    (new,) = post(event(hologram={}))
    assert isinstance(new, Unknown)


def test_one_broken_item_costs_only_itself() -> None:
    items = post(
        event(message={"mid": "m_1", "text": "a"}), 7, event(message=7), event(message={"mid": "m_2"})
    )
    assert [type(item) for item in items] == [InboundMessage, Unknown, Unknown, InboundMessage]


def test_a_referral_of_a_new_thread_is_a_start() -> None:
    (item,) = post(event(postback={"payload": "GO", "referral": {"ref": 7, "source": "SHORTLINK"}}))
    assert isinstance(item, Start)
    assert (item.ref, item.source) == ("7", "SHORTLINK")
