"""People outside: what they do with their phones."""

import mimetypes
from collections.abc import Coroutine
from typing import Any

from connectors.simulator.abilities import Can, NotPossible
from connectors.simulator.phone import Phone, Told
from connectors.simulator.world import Attachment, Card, Entry, Place

__all__ = ["Customer", "Told"]

_ABILITIES = {"image": Can.PICTURE, "audio": Can.FILE}
"""Of attachments that are not named like what is needed to send them."""


class Customer(Phone):
    """One person with a phone.

    Every action returns once the business answered the first attempt of the webhook it caused (or after ten
    seconds); retries go on in the background.  What the channel's app does not have is ``NotPossible``.
    """

    async def write(self, text: str, *, reply_to: str | None = None) -> Entry:
        return await self._send(text, None, reply_to)

    async def send_image(
        self, data: bytes, caption: str = "", *, name: str = "photo.jpg", reply_to: str | None = None
    ) -> Entry:
        return await self.send_file("image", data, caption, name=name, reply_to=reply_to)

    async def send_file(
        self,
        kind: str,
        data: bytes,
        caption: str = "",
        *,
        name: str,
        mime: str | None = None,
        seconds: int = 1,
        reply_to: str | None = None,
    ) -> Entry:
        """``kind``: ``image``, ``video``, ``voice``, ``audio``, ``file`` or ``sticker``."""
        self._must(_ability(kind))
        return await self._send(caption, self._file(kind, data, name, mime, seconds), reply_to)

    def _file(self, kind: str, data: bytes, name: str, mime: str | None, seconds: int) -> Attachment:
        mime = mime or mimetypes.guess_type(name)[0] or "application/octet-stream"
        blob = self._world.blobs.add(data, name=name, mime=mime)
        return Attachment(kind=kind, name=name, mime=mime, blob=blob, seconds=seconds)

    def can_send(self, kind: str) -> bool:
        """Whether :meth:`send_file` takes this kind.  ``ValueError`` for what is none."""
        return _ability(kind) in self.can

    async def send_location(self, place: Place, *, reply_to: str | None = None) -> Entry:
        self._must(Can.LOCATION)
        return await self._send("", Attachment(kind="location", name=place.title, place=place), reply_to)

    async def send_contact(self, card: Card, *, reply_to: str | None = None) -> Entry:
        self._must(Can.OWN_CONTACT if card.is_own else Can.CONTACT)
        return await self._send("", Attachment(kind="contact", name=card.name, card=card), reply_to)

    async def _send(self, text: str, attachment: Attachment | None, reply_to: str | None) -> Entry:
        entry = self._add(text=text, attachment=attachment, reply_to=reply_to)
        await self._answered(self._behaviour.wrote(self, entry, in_order=True))
        return entry

    async def burst(self, count: int = 20, text: str = "Wiadomość {n}") -> list[Entry]:
        """Write ``count`` messages at once; their webhooks race where the provider lets them."""
        entries = [self._add(text=text.format(n=number)) for number in range(1, count + 1)]
        told = [self._behaviour.wrote(self, entry, in_order=False) for entry in entries]
        await self._answered(answer for answers in told for answer in answers)
        return entries

    async def start(self, ref: str | None = None) -> None:
        """Come by a deep link with ``ref`` (or without one, by the Start button)."""
        await self._answered(self._behaviour.started(self, ref))
        self._world.changed(self.id)

    def press(self, message_id: str, title: str) -> Coroutine[Any, Any, None]:
        """Choose an answer that a message offers, or open its link.  ``LookupError`` if the phone does not show it."""
        entry = self.find(message_id)
        offered = self.buttons(entry) if entry is not None else ()
        button = next((button for button in offered if button.title == title), None)
        if entry is None or button is None:
            raise LookupError(f"No button {title!r} on message {message_id}")
        presses = self._behaviour.opened if button.url else self._behaviour.pressed
        return self._answered(presses(self, entry, button))

    # ------------------------------------------------------------------ with a message that is there

    async def edit(self, message_id: str, text: str) -> None:
        """Change an own message.  ``LookupError`` if it is not there, or not the customer's."""
        self._must(Can.EDIT)
        entry = self._own(message_id)
        if entry.edits >= self._behaviour.most_edits:
            raise NotPossible(f"Customers on {self.kind} can change a message {entry.edits} times")
        entry.text = text
        entry.edits += 1
        await self._changed(self._behaviour.edited(self, entry))

    async def replace_file(
        self, message_id: str, kind: str, data: bytes, *, name: str, mime: str | None = None
    ) -> None:
        """Put another file in the place of an own message's."""
        self._must(Can.REPLACE)
        await self._replace(message_id, self._file(kind, data, name, mime, 1))

    async def move(self, message_id: str, place: Place) -> None:
        """A live location is somewhere else now."""
        self._must(Can.REPLACE)
        await self._replace(message_id, Attachment(kind="location", name=place.title, place=place))

    async def _replace(self, message_id: str, attachment: Attachment) -> None:
        entry = self._own(message_id)
        if entry.attachment is None:
            raise LookupError(f"Nothing to replace in {message_id}")
        entry.attachment = attachment
        entry.edits += 1
        await self._changed(self._behaviour.edited(self, entry))

    async def delete(self, message_id: str) -> None:
        """Take an own message back, for both sides."""
        self._must(Can.DELETE)
        entry = self._own(message_id)
        entry.is_deleted, entry.text, entry.attachment = True, "", None
        await self._changed(self._behaviour.deleted(self, entry))

    async def react(self, message_id: str, emoji: str) -> None:
        """Put an emoji on a message, in the place of the one that is there; an empty one takes it back."""
        self._must(Can.REACT)
        entry = self.find(message_id)
        if entry is None:
            raise LookupError(f"No message {message_id}")
        before, entry.reaction = entry.reaction, emoji
        if before != emoji:
            await self._changed(self._behaviour.reacted(self, entry, before))

    def _own(self, message_id: str) -> Entry:
        entry = self.find(message_id)
        if entry is None or not entry.outgoing or entry.is_deleted:
            raise LookupError(f"No message of this customer's: {message_id}")
        return entry

    async def _changed(self, told: Told) -> None:
        self._world.changed(self.id)
        await self._answered(told)


def _ability(kind: str) -> Can:
    return _ABILITIES.get(kind) or Can(kind)
