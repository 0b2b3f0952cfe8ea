"""WhatsApp's templates: what is listed and why it can't be sent, how a filled one is sent, and who got it."""

import json
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import AttachmentKind, NamesByPhone, OutboundAttachment, Templates, TemplateStatus
from connectors.errors import NotAccepted, Refused
from connectors.http import HTTPClient
from connectors.templates import Blank, Button, Filled, FilledTemplate, Template, wrong_with
from tests.connectors.fake import Answer, Provider, opened, outbound, picture
from tests.connectors.whatsapp_posts import WABA, post

COMPOSER = Path(__file__).parents[2] / "web/src/features/composer"
MAP = {"type": "URL", "text": "Mapa", "url": "https://x.pl/a"}
TRACK = {"type": "URL", "text": "Śledź", "url": "https://x.pl/p/{{1}}", "example": ["https://x.pl/p/A-1"]}
YES, CALL = (
    {"type": "QUICK_REPLY", "text": "Tak"},
    {"type": "PHONE_NUMBER", "text": "Dzwoń", "phone_number": "+48"},
)


def template(name: str = "hello", **changes: Any) -> dict[str, Any]:
    body = {"type": "BODY", "text": changes.pop("body", "Dzień dobry {{1}}")}
    components = [body, *changes.pop("more", [])]
    return {"name": name, "language": "pl", "status": "APPROVED", "components": components, **changes}


def buttons(*listed: Any) -> dict[str, Any]:
    return {"type": "BUTTONS", "buttons": list(listed)}


async def listed(provider: Provider, *pages: Any) -> dict[str, Template]:
    answers = [{"data": page} for page in pages]
    for number, answer in enumerate(answers[:-1]):
        answer["paging"] = {"cursors": {"after": f"after{number}"}, "next": "https://graph/next"}
    provider.answers_json(*answers)
    async with HTTPClient() as http:
        connector = opened("whatsapp", provider.base, http, waba_id=WABA)
        assert isinstance(connector, Templates)
        found = await connector.templates()
    assert found.complete
    return {each.name: each for each in found.templates}


async def test_every_form_is_understood_page_by_page(provider: Provider) -> None:
    named = {"body_text_named_params": [{"param_name": "imie", "example": "Anno"}]}
    first = [
        template(
            "words",
            more=[{"type": "HEADER", "format": "TEXT", "text": "Dla {{1}}"}, buttons(YES, TRACK, CALL)],
        ),
        template("named", body="Cześć {{imie}}"),
        {"name": 5},
        "?",
    ]
    first[0]["components"][0]["example"] = {"body_text": [["Anno"]]}
    first[0]["components"][1]["example"] = {"header_text": ["Anny"]}
    first[1]["components"][0]["example"] = named
    second = [
        template("photo", more=[{"type": "HEADER", "format": "IMAGE"}], quality_score={"score": "RED"}),
        template("pdf", more=[{"type": "HEADER", "format": "DOCUMENT"}]),
        template("place", more=[{"type": "HEADER", "format": "LOCATION"}]),
        template("coupon", more=[buttons({"type": "COPY_CODE", "example": "25OFF"})], category="MARKETING"),
    ]
    found = await listed(provider, first, second)
    assert [call.query.get("after") for call in provider.calls] == [None, "after0"]
    assert provider.calls[0].path.split("?")[0].endswith(f"/{WABA}/message_templates")
    assert all(each.obstacle is None for each in found.values())
    words = found["words"]
    assert words.buttons == (
        Button(kind="reply", title="Tak"),
        Button(kind="link", title="Śledź", target="https://x.pl/p/{{1}}"),
        Button(kind="phone", title="Dzwoń", target="+48"),
    )
    assert words.blanks == (
        Blank(key="header.1", longest=60, example="Anny"),
        Blank(key="body.1", longest=1024, example="Anno"),
        Blank(key="button.0", kind="payload", longest=256, required=False),
        Blank(key="button.1", kind="suffix", longest=2000, example="A-1"),
    )
    values = {"header.1": "Ewy", "body.1": r"Ewo {{2}} \1", "button.1": "B-7"}
    assert (
        words.rendered(values)
        == "Dla Ewy\n\nDzień dobry Ewo {{2}} \\1\n\nŚledź: https://x.pl/p/B-7\nDzwoń: +48"
    )
    assert found["named"].blanks == (Blank(key="body.imie", longest=1024, example="Anno"),)
    assert found["photo"].file is not None
    assert (found["photo"].file.kind, found["photo"].quality) == ("image", "low")
    assert found["pdf"].file is not None
    assert (found["pdf"].file.kind, found["pdf"].file.types) == ("file", ("application/pdf",))
    assert [blank.kind for blank in found["place"].blanks] == [
        "text",
        "text",
        "latitude",
        "longitude",
        "text",
    ]
    assert (found["coupon"].blanks[-1].kind, found["coupon"].blanks[-1].example) == ("code", "25OFF")
    assert [each.marketing for each in (found["coupon"], words)] == [True, False]


@pytest.mark.parametrize(
    ("changes", "obstacle"),
    [
        ({"status": "PAUSED"}, "state"),
        ({"status": "ARCHIVED"}, "state"),
        ({"category": "AUTHENTICATION", "more": [buttons(TRACK)]}, "code"),
        ({"more": [buttons({"type": "OTP"})]}, "code"),
        ({"more": [{"type": "CAROUSEL"}]}, "cards"),
        ({"more": [{"type": "HEADER", "format": "PRODUCT"}]}, "header"),
        ({"more": [{"type": "LIMITED_TIME_OFFER"}]}, "header"),
        ({"more": [buttons({"type": "FLOW", "text": "Umów"})]}, "button"),
        ({"more": [buttons(TRACK | {"url": "https://{{1}}.x.pl/"})]}, "blanks"),
        ({"body": "{{1}} {{3}}"}, "blanks"),
        ({"body": "{{imie}} {{1}}"}, "blanks"),
        ({"body": ""}, "blanks"),
        ({"more": [buttons(MAP, YES)]}, None),
    ],
)
async def test_what_cannot_be_sent_is_listed_with_its_reason(
    provider: Provider, changes: dict[str, Any], obstacle: str | None
) -> None:
    found = (await listed(provider, [template("t", **changes)]))["t"]
    assert found.obstacle == obstacle


async def test_of_a_large_account_the_first_thousand_are_listed(provider: Provider) -> None:
    more = {"cursors": {"after": "x"}, "next": "https://graph/next"}
    provider.answers_json(*[{"data": [template(f"t{page}")], "paging": more} for page in range(12)])
    async with HTTPClient() as http:
        connector = opened("whatsapp", provider.base, http, waba_id=WABA)
        assert isinstance(connector, Templates)
        found = await connector.templates()
    assert (len(found.templates), found.complete, len(provider.calls)) == (10, False, 10)


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer(status=400, body=b'{"error": {"code": 100, "message": "no"}}'), Refused),
        (Answer(status=500, body=b"<html>"), NotAccepted),
        (Answer(body=b'{"data": 1}'), NotAccepted),
        (Answer(drop=True), NotAccepted),
    ],
)
async def test_a_list_of_templates_that_does_not_come(
    provider: Provider, answer: Answer, expected: type[Exception]
) -> None:
    provider.answers = [answer]
    async with HTTPClient() as http:
        connector = opened("whatsapp", provider.base, http, waba_id=WABA)
        assert isinstance(connector, Templates)
        with pytest.raises(expected):
            await connector.templates()


def test_what_may_stand_in_a_blank() -> None:
    """The console's test reads the same samples."""
    for sample in json.loads((COMPOSER / "templates.samples.json").read_text()):
        text, wrong = sample.pop("text"), sample.pop("wrong")
        blank = Blank(**{"key": "body.1", "longest": 20} | sample)
        assert wrong_with(blank, text) == wrong, (sample, text)


async def sent(provider: Provider, http: HTTPClient, template: FilledTemplate, **message: Any) -> Any:
    connector = opened("whatsapp", provider.base, http, waba_id=WABA)
    return await connector.send(outbound("what it reads as", template=template, **message))


def filled(*values: tuple[str, str, str]) -> FilledTemplate:
    given = tuple(Filled(key=key, kind=kind, text=text) for key, kind, text in values)
    return FilledTemplate(name="hello", language="pl", values=given)


async def test_every_blank_has_its_place_in_what_is_sent(provider: Provider, http: HTTPClient) -> None:
    provider.answers_json(
        {"messages": [{"id": "wamid.1"}], "contacts": [{"input": "+48799", "wa_id": "48799"}]}
    )
    numbered = [(f"body.{number}", "text", f"w{number}") for number in (1, 2, 10)]
    first = filled(
        ("header.1", "text", "Anny"), *numbered[::-1],
        ("button.0", "payload", "p"), ("button.1", "suffix", "A-1"), ("button.2", "code", "25OFF"),
    )  # fmt: skip
    answer = await sent(provider, http, first, tracker="d.1")
    assert (answer.external_ids, answer.peer_id) == (("wamid.1",), "48799")
    place = [("place.name", "text", "Salon"), ("place.latitude", "latitude", "52.2")]
    await sent(provider, http, filled(*place, ("body.imie", "text", "Anno")))
    await sent(provider, http, filled())
    bodies = [call.json for call in provider.calls]
    assert (bodies[0]["type"], bodies[0]["biz_opaque_callback_data"], "text" in bodies[0]) == (
        "template",
        "d.1",
        False,
    )

    def words(*texts: str) -> list[dict[str, str]]:
        return [{"type": "text", "text": text} for text in texts]

    def button(index: str, kind: str, **parameter: str) -> dict[str, Any]:
        return {"type": "button", "sub_type": kind, "index": index, "parameters": [parameter]}

    assert bodies[0]["template"]["components"] == [
        {"type": "header", "parameters": words("Anny")},
        {"type": "body", "parameters": words("w1", "w2", "w10")},
        button("0", "quick_reply", type="payload", payload="p"),
        button("1", "url", type="text", text="A-1"),
        button("2", "copy_code", type="coupon_code", coupon_code="25OFF"),
    ]
    assert bodies[1]["template"]["components"] == [
        {
            "type": "header",
            "parameters": [{"type": "location", "location": {"name": "Salon", "latitude": "52.2"}}],
        },
        {"type": "body", "parameters": [{"type": "text", "parameter_name": "imie", "text": "Anno"}]},
    ]
    assert bodies[2]["template"] == {"name": "hello", "language": {"code": "pl"}}


async def test_the_file_of_a_header_is_uploaded_first(provider: Provider, http: HTTPClient) -> None:
    provider.answers_json(*[{"id": "77"}, {"messages": [{"id": "wamid.1"}]}] * 2)

    async def read() -> bytes:
        return b"%PDF"

    pdf = OutboundAttachment(
        kind=AttachmentKind.FILE, name="o.pdf", mime="application/pdf", size=4, read=read, link="https://x/"
    )
    for file in (picture(), pdf):
        answer = await sent(provider, http, filled(("body.1", "text", "Anno")), attachments=(file,))
        assert (answer.external_ids, answer.peer_id) == (("wamid.1",), None)
    paths = [call.path.rpartition("/")[2] for call in provider.calls]
    assert paths == ["media", "messages"] * 2
    headers = [call.json["template"]["components"][0] for call in provider.calls[1::2]]
    assert [header["parameters"] for header in headers] == [
        [{"type": "image", "image": {"id": "77"}}],
        [{"type": "document", "document": {"id": "77", "filename": "o.pdf"}}],
    ]


async def test_what_was_accepted_is_not_sent_again(provider: Provider, http: HTTPClient) -> None:
    answer = await sent(provider, http, filled(), done=frozenset({1}))
    assert (answer.external_ids, provider.calls) == ((), [])


@pytest.mark.parametrize(
    ("contact", "peer"),
    [
        ({"input": "+5511987", "wa_id": "551187"}, "551187"),
        ({"input": "+48799", "wa_id": "+48799"}, "48799"),
        ({"input": "+48799", "user_id": "PL.1349"}, "PL.1349"),
        ({"wa_id": 5}, None),
        (None, None),
    ],
)
async def test_the_answer_tells_who_got_it(
    provider: Provider, http: HTTPClient, contact: Any, peer: str | None
) -> None:
    provider.answers_json({"messages": [{"id": "wamid.1"}], "contacts": [contact]})
    assert (await sent(provider, http, filled())).peer_id == peer


def test_writing_first_needs_the_business_account(provider: Provider) -> None:
    without = opened("whatsapp", provider.base, HTTPClient())
    having = opened("whatsapp", provider.base, HTTPClient(), waba_id=WABA)
    assert [c.capabilities.start_dialog for c in (without, having)] == [False, True]
    assert [c.capabilities.templates for c in (without, having)] == [False, True]
    assert isinstance(having, NamesByPhone)
    assert having.peer_of("+48601234567") == "48601234567"


@pytest.mark.parametrize(
    ("field", "value", "status"),
    [
        ("message_template_status_update", {"event": "PAUSED", "reason": "low quality"}, "PAUSED"),
        ("message_template_quality_update", {"new_quality_score": "YELLOW"}, "QUALITY YELLOW"),
        ("message_template_components_update", {"message_template_element": "Hej"}, "EDITED"),
        ("template_category_update", {"new_category": "MARKETING"}, "CATEGORY MARKETING"),
    ],
)
def test_all_that_changes_a_template_is_told(field: str, value: dict[str, Any], status: str) -> None:
    names = {"message_template_name": "promo", "message_template_language": "pl", "message_template_id": 5}
    (item,) = post(value | names, field)
    assert isinstance(item, TemplateStatus)
    assert (item.name, item.language, item.status, item.reason) == (
        "promo",
        "pl",
        status,
        value.get("reason", ""),
    )
