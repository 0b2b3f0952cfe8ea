"""One count of a text for the check, the split and every channel: UTF-16 units, of which an emoji has two or more."""

import pytest

from connectors.contract import Outbound
from connectors.sending import plan
from connectors.sms.segments import segments
from connectors.text import utf16_length
from server.channels.model import TEXT_PARTS
from server.delivery.content import NOTE_LIMIT, check_text
from server.errors import Invalid
from tests.connectors import samples

FAMILY = "👨‍👩‍👧"
"""Three people and two joiners: one thing to a reader, 8 UTF-16 units."""


@pytest.mark.parametrize("kind", samples.SETTINGS)
@pytest.mark.parametrize("char", ["a", "ą", "😀", FAMILY])
def test_what_fits_is_one_message_and_what_does_not_is_two(kind: str, char: str) -> None:
    can = samples.connector(kind).capabilities
    size = utf16_length(char)
    fits = char * (can.text_limit // size)

    def pieces(text: str) -> list[str]:
        return [each.text for each in plan(Outbound(delivery_id="1", attempt=1, peer_id="x", text=text), can)]

    assert pieces(fits) == [fits]
    assert pieces(fits + char) == [fits, char]

    longest = char * (can.text_limit * TEXT_PARTS // size)
    check_text(longest, False, can)
    assert len(pieces(longest)) <= TEXT_PARTS + 1, "not twice as many, as with two ways to count"
    with pytest.raises(Invalid, match=f"at most {can.text_limit * TEXT_PARTS} "):
        check_text(longest + char, False, can)


def test_a_note_is_counted_in_the_same_way() -> None:
    check_text("😀" * (NOTE_LIMIT // 2), False, None)
    with pytest.raises(Invalid, match=f"{NOTE_LIMIT + 2} of at most {NOTE_LIMIT}"):
        check_text("😀" * (NOTE_LIMIT // 2 + 1), False, None)


@pytest.mark.parametrize("kind", ["smsapi", "smpp", "gateway"])
def test_a_full_message_of_emoji_is_ten_parts_as_it_is_billed(kind: str) -> None:
    """670 units are ten parts of 67: but a pair is never cut, so of emoji only 33 go into one."""
    limit = samples.connector(kind).capabilities.text_limit
    assert segments("ą" * limit).count == 10
    assert segments("😀" * (limit // 2)).count == 11
