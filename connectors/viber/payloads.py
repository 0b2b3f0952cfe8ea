"""Viber's wire shapes (REST Bot API 7.3.0), as tolerant as :mod:`connectors.wire` makes them.

Tokens are numbers beyond 2^53 or strings, the size of a file is ``size`` or ``file_size``, a sticker's id is a number
or a string: real fixtures hold all of these (viber-bot-python, viber-bot-node, bottender).
"""

import msgspec

from connectors.wire import Id, Number


class User(msgspec.Struct):
    id: Id = None
    name: str | None = None
    language: str | None = None


class Location(msgspec.Struct):
    lat: Number = None
    lon: Number = None


class Contact(msgspec.Struct):
    name: str | None = None
    phone_number: Id = None


class Message(msgspec.Struct):
    type: str | None = None
    text: str | None = None
    alt_text: str | None = None
    media: str | None = None
    tracking_data: str | None = None
    file_name: str | None = None
    size: Number = None
    file_size: Number = None
    sticker_id: Id = None
    location: Location | None = None
    contact: Contact | None = None


class Callback(msgspec.Struct):
    event: str | None = None
    timestamp: Number = None
    message_token: Id = None
    sender: User | None = None
    user: User | None = None
    user_id: Id = None
    message: Message | None = None
    context: str | None = None
    subscribed: bool | None = None
    desc: str | None = None


CALLBACK = msgspec.json.Decoder(Callback)
