"""What the customers of the demo say before anybody types: through the providers, as a person would on the phones' page.

The agent who answers one of them uses the product's own HTTP API, like any client; nothing of the server is imported.
"""

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

import aiohttp

from connectors.simulator.app import Simulator
from connectors.simulator.customers import Customer
from connectors.simulator.samples import SECONDS, other_card, place, sample
from connectors.simulator.world import Entry

_PATIENCE = 20.0


class Agent:
    """Somebody at work in the inbox at ``url``."""

    def __init__(self, url: str, email: str, password: str) -> None:
        self._url = url
        self._who = {"email": email, "password": password}
        self._session: aiohttp.ClientSession | None = None
        self._headers = {"Origin": url}
        self._id = ""

    async def __aenter__(self) -> Self:
        jar = aiohttp.CookieJar(unsafe=True)  # cookies of an IP address too
        self._session = aiohttp.ClientSession(cookie_jar=jar)
        session = await self._call("POST", "session", self._who)
        self._headers["X-CSRF-Token"], self._id = session["csrfToken"], session["agent"]["id"]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            await self._session.close()

    async def answer(self, name: str, text: str, replies: Sequence[str] = ()) -> None:
        """Take the dialog of the customer who is called so, and write to them."""
        dialogs = (await self._call("GET", "dialogs?view=all"))["items"]
        dialog = next(each["id"] for each in dialogs if each["contact"]["name"] == name)
        await self._call(
            "PUT", f"dialogs/{dialog}/assignment", {"agentId": self._id, "expectedAgentId": None}
        )
        offered = [{"title": title} for title in replies]
        await self._call("POST", f"dialogs/{dialog}/messages", {"text": text, "quickReplies": offered})

    async def _call(self, method: str, path: str, body: Any = None) -> Any:
        if self._session is None:
            raise RuntimeError("use it as a context manager")
        url = f"{self._url}/api/v1/{path}"
        async with self._session.request(method, url, json=body, headers=self._headers) as answer:
            answer.raise_for_status()
            return await answer.json()


async def tell(simulator: Simulator, agent: Agent) -> None:
    """Five customers write, each with what their channel has; one of them is answered, and answers."""
    sms, zofia, olena, lucja, zaneta = simulator.add_demo_customers()
    await sms.write("Czy dziś mogę odebrać paczkę?")
    await lucja.write("Dzień dobry, przesyłam zamówienie.")
    await lucja.send_file("file", sample("order.pdf"), name="order.pdf")
    await zaneta.write("Proszę w tej sprawie dzwonić do mojej siostry.")
    await zaneta.send_contact(other_card())
    await zaneta.send_file("sticker", sample("sticker.webp"), name="sticker.webp")
    await olena.write("Добрий день! Чи далеко від мене ваш магазин?")
    await olena.send_location(place())
    await olena.send_file("voice", sample("voice.ogg"), name="voice.ogg", seconds=SECONDS["voice.ogg"])
    await _ask_for_a_pot(zofia, agent)


async def _ask_for_a_pot(zofia: Customer, agent: Agent) -> None:
    asked = await zofia.write("Czy są jeszcze doniczki 41 cm?")
    await zofia.edit(asked.id, "Czy są jeszcze doniczki 14 cm?")
    question = "Tak, zielone i białe. Którą odłożyć?"
    async with agent:
        await agent.answer(zofia.name, question, ["Zieloną", "Białą"])
    received = await _received(zofia, question)
    await zofia.mark_read()
    await zofia.press(received.id, "Zieloną")
    await zofia.react(received.id, "❤️")


async def _received(customer: Customer, text: str) -> Entry:
    async with asyncio.timeout(_PATIENCE):
        while True:
            found = next((entry for entry in customer.received if entry.text == text), None)
            if found is not None:
                return found
            await asyncio.sleep(0.05)
