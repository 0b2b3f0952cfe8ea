"""What the phones offer to send: files that lie beside the page, a spot on the map, contact cards.  All of it is made up."""

from functools import cache
from pathlib import Path
from typing import Final

from connectors.simulator.phone import Phone
from connectors.simulator.provider import digits_of
from connectors.simulator.world import Card, Place

PAGE: Final = Path(__file__).parent / "page"
SECONDS: Final = {"voice.ogg": 4, "clip.mp4": 3}
"""How long those take that play."""


@cache
def sample(name: str) -> bytes:
    """The bytes of one of the page's own files."""
    return (PAGE / name).read_bytes()


def sample_picture() -> bytes:
    """A small JPEG."""
    return sample("sample.jpg")


def place() -> Place:
    return Place(
        latitude=52.23222, longitude=21.01906, title="Kawiarnia Pod Lipą", address="Nowy Świat 41, Warszawa"
    )


def own_card(customer: Phone) -> Card:
    """With the number that the person has, whatever the channel knows of it."""
    number = customer.address if customer.kind == "whatsapp" else "48" + digits_of(customer.name, 9)
    return Card(name=customer.name, phone=f"+{number}", is_own=True)


def other_card() -> Card:
    return Card(name="Kasia Wójcik", phone="+48601700800")
