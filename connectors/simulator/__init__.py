"""Fakes of the providers' own HTTP APIs, with a page of customers' phones: for the demo, tests and load.

The simulator imports nothing of the server and none of the connectors' parsing: it makes the wire formats by
itself, so that it proves the connectors.

    async with Simulator() as simulator:
        simulator.add_account("viber", auth_token="…", webhook_url="http://127.0.0.1:8080/webhooks/…")
        phone = simulator.customer("viber", name="Łucja Śliwa")
        await phone.write("Dzień dobry")
"""

from connectors.simulator.app import Simulator
from connectors.simulator.customers import Customer
from connectors.simulator.faults import Fault, Faults, What
from connectors.simulator.provider import Account
from connectors.simulator.samples import sample_picture
from connectors.simulator.world import (
    KINDS,
    Accepted,
    Attachment,
    Button,
    Card,
    Entry,
    Exchange,
    Place,
    State,
)

__all__ = [
    "KINDS",
    "Accepted",
    "Account",
    "Attachment",
    "Button",
    "Card",
    "Customer",
    "Entry",
    "Exchange",
    "Fault",
    "Faults",
    "Place",
    "Simulator",
    "State",
    "What",
    "sample_picture",
]
