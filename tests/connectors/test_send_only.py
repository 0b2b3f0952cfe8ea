"""Numbers that customers can't answer, with every SMS provider: what is told of them, and what still comes in."""

import pytest

from connectors.contract import Capabilities, InboundMessage
from tests.connectors import samples

NUMBER = "+48732001002"


def capabilities(provider: str, own: str, *, number: str = "", send_only: bool = False) -> Capabilities:
    """Of a channel that sends as ``own``."""
    settings = {"number": own} if provider == "sms" else {"sender": own, "number": number}
    return samples.connector(provider, **settings, send_only=send_only).capabilities


@pytest.mark.parametrize("provider", ["sms", "smsapi", "gateway", "smpp"])
@pytest.mark.parametrize(
    ("own", "send_only", "shown"),
    [
        (NUMBER, False, (True, NUMBER)),
        (NUMBER, True, (False, "SMS")),
        ("48799", True, (False, "SMS")),
        ("InPost", False, (False, "InPost")),
        ("InPost", True, (False, "InPost")),
    ],
)
def test_a_sender_that_cannot_be_answered_shows_no_number(
    provider: str, own: str, send_only: bool, shown: tuple[bool, str]
) -> None:
    found = capabilities(provider, own, send_only=send_only)
    assert (found.receive, found.sender) == shown


@pytest.mark.parametrize("provider", ["smsapi", "gateway", "smpp"])
def test_a_name_with_a_number_to_answer_at_is_answered_until_told_otherwise(provider: str) -> None:
    for send_only in (False, True):
        found = capabilities(provider, "Sklep", number=NUMBER, send_only=send_only)
        assert (found.receive, found.sender) == (not send_only, "Sklep")


def test_what_comes_in_all_the_same_is_read() -> None:
    for key, file in (("sms", "twilio/cw_min.form"), ("smsapi", "smsapi/mo_text.form")):
        request = samples.signed(key, samples.body(file))
        (item,) = samples.connector(key, send_only=True).receive(request).items
        assert isinstance(item, InboundMessage)
