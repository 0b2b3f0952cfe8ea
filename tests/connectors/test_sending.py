"""What every connector's ``send`` promises: accepted, certainly not accepted, or unknown, and never a guess."""

import socket

import pytest

from connectors.contract import AttachmentKind, QuickReply
from connectors.errors import NotAccepted, Refused, Uncertain
from connectors.http import HTTPClient
from tests.connectors import fake
from tests.connectors.attempts import ACCEPTED, HTML, KINDS, failure, sample
from tests.connectors.fake import Answer, Provider, opened, outbound, picture


@pytest.mark.parametrize("kind", KINDS)
async def test_an_accepted_message_has_the_providers_id(
    kind: str, provider: Provider, http: HTTPClient
) -> None:
    answer, message_id = ACCEPTED[kind]
    provider.answers_json(answer)
    sent = await opened(kind, provider.base, http).send(outbound())
    assert sent.external_ids == (message_id,)
    assert len(provider.calls) == 1


@pytest.mark.parametrize("kind", KINDS)
async def test_a_refused_connection_may_be_repeated(kind: str, http: HTTPClient) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        base = f"http://127.0.0.1:{closed.getsockname()[1]}"
        error = await failure(kind, base, http)
    assert isinstance(error, NotAccepted)
    assert error.failure.code == "unreachable"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("answer", [Answer(hang=True), Answer(drop=True)], ids=["hang", "drop"])
async def test_silence_after_the_request_is_uncertain(kind: str, answer: Answer, provider: Provider) -> None:
    provider.answers = [answer]
    async with HTTPClient(timeout=0.3) as http:
        error = await failure(kind, provider.base, http)
    assert isinstance(error, Uncertain)
    assert len(provider.calls) == 1


RATE_LIMITED = {
    "telegram": sample("telegram/api_429.json"),
    "viber": b"{}",
    "messenger": sample("messenger/api_err_rate_4.json"),
    "whatsapp": b'{"error":{"code":130429,"message":"(#130429) Rate limit hit"}}',
    "sms": sample("twilio/api_err_20429.json"),
    "smsapi": b'{"error":203,"message":"Too many requests"}',
    "gateway": b"slow down",
}


@pytest.mark.parametrize("kind", KINDS)
async def test_a_rate_limit_names_when_to_go_on(kind: str, provider: Provider, http: HTTPClient) -> None:
    provider.answers = [Answer(status=429, body=RATE_LIMITED[kind], headers={"Retry-After": "7"})]
    error = await failure(kind, provider.base, http)
    assert isinstance(error, NotAccepted)
    assert (error.failure.code, error.retry_after) == ("rate_limited", 7.0)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("status", [200, 408, 500, 502, 503])
async def test_an_answer_that_says_nothing_is_uncertain(
    kind: str, status: int, provider: Provider, http: HTTPClient
) -> None:
    provider.answers = [Answer(status=status, body=HTML)]
    assert isinstance(await failure(kind, provider.base, http), Uncertain)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("body", [b"[]", b"null", b"7", b"{}", b'{"ok":true,"result":{}}', b'{"status":0}'])
async def test_ok_without_an_id_is_uncertain(
    kind: str, body: bytes, provider: Provider, http: HTTPClient
) -> None:
    provider.answers = [Answer(body=body)]
    assert isinstance(await failure(kind, provider.base, http), Uncertain)


@pytest.mark.parametrize("kind", KINDS)
async def test_a_long_text_is_split_and_an_error_keeps_what_was_accepted(
    kind: str, provider: Provider, http: HTTPClient
) -> None:
    connector = opened(kind, provider.base, http)
    limit = connector.capabilities.text_limit
    message = outbound("słowo " * (limit // 6 * 2 + 20))
    answer, message_id = ACCEPTED[kind]
    provider.answers_json(answer)
    provider.answers += [provider.answers[0], Answer(status=413, body=HTML)]
    with pytest.raises(Refused) as caught:
        await connector.send(message)
    assert caught.value.accepted == (message_id, message_id)
    provider.calls.clear()
    provider.answers_json(answer)
    again = outbound(message.text, done=frozenset({1, 2}))
    assert (await connector.send(again)).external_ids == (message_id,)
    assert len(provider.calls) == 1  # only the part that was missing


async def test_no_further_part_is_begun_when_the_provider_is_slow(
    provider: Provider, http: HTTPClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.sending._SECONDS", -1.0)
    answer, message_id = ACCEPTED["telegram"]
    provider.answers_json(answer, answer)
    with pytest.raises(NotAccepted) as caught:
        await opened("telegram", provider.base, http).send(outbound("x" * 4097))
    assert (caught.value.failure.code, caught.value.accepted) == ("slow", (message_id,))
    assert len(provider.calls) == 1


@pytest.mark.parametrize("kind", KINDS)
async def test_what_cannot_be_sent_is_refused_without_a_call(
    kind: str, provider: Provider, http: HTTPClient
) -> None:
    connector = opened(kind, provider.base, http)
    huge = picture(size=200 * 1024 * 1024)
    foreign = fake.OutboundAttachment(
        kind=AttachmentKind.STICKER,
        name="v",
        mime="video/webm",
        size=1 << 30,
        read=huge.read,
        link="https://x",
    )
    many = tuple(QuickReply(title=str(number)) for number in range(30))
    refused = [outbound(" "), *(outbound(attachments=(file,)) for file in (huge, foreign))]
    for message in (*refused, outbound(quick_replies=many)):
        with pytest.raises(Refused):
            await connector.send(message)
    assert provider.calls == []


@pytest.mark.parametrize("kind", ["telegram", "messenger", "whatsapp"])
async def test_an_attachment_that_cannot_be_read_is_final(
    kind: str, provider: Provider, http: HTTPClient
) -> None:
    async def read() -> bytes:
        raise FileNotFoundError("/var/lib/x")

    lost = fake.OutboundAttachment(
        kind=AttachmentKind.IMAGE, name="kot.png", mime="image/png", size=1, read=read, link="https://x"
    )
    with pytest.raises(Refused) as caught:
        await opened(kind, provider.base, http).send(outbound("", attachments=(lost,)))
    assert caught.value.failure.code == "attachment_missing"
