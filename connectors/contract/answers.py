"""What a provider tells when it is asked: of a person, a file, or the account itself."""

import msgspec


class Media(msgspec.Struct, frozen=True, kw_only=True):
    data: bytes
    name: str | None = None
    mime: str | None = None


class Profile(msgspec.Struct, frozen=True, kw_only=True):
    name: str | None = None
    language: str | None = None
    picture: str | None = None
    """Their picture, for the same connector's :meth:`Connector.fetch`, now; never stored."""


class Registration(msgspec.Struct, frozen=True, kw_only=True):
    """The provider's view of our webhook."""

    url: str | None = None
    pending: int | None = None
    error: str | None = None
    """Why it does not call us: our sentence, or the provider's own."""
    code: str | None = None
    """Our own stable word for ``error``; None: it is the provider's."""


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """What a provider says of a channel that runs; all None: it is well."""

    pending: int | None = None
    """Messages that wait at the provider, where it tells."""
    error: str | None = None
    """Why nothing comes in, for a person.  Never holds a value of a secret."""
    code: str | None = None
    """Our own stable word for ``error``, as a :class:`~connectors.errors.Failure` has one."""
    said: str | None = None
    """What ``error`` or ``mended`` is about, or how the provider puts it, word for word."""
    error_at_ms: int | None = None
    """When the provider last met the error; None: it holds now."""
    mended: str | None = None
    """What was wrong and was put right just now."""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Whose credentials they are, as the provider names it."""

    id: str
    name: str


class Trouble(msgspec.Struct, frozen=True, kw_only=True):
    """Why the settings will not work, and what a person can do about it.  Never holds a value of a secret."""

    text: str
    code: str = "rejected"
    """Our own stable word, mostly that of a :class:`~connectors.errors.Failure`."""
    key: str | None = None
    """The setting to look at; None when it is none of them."""
    said: str | None = None
    """What the sentence is about (a host, a number), or how the provider puts it, word for word."""


class Checked(msgspec.Struct, frozen=True, kw_only=True):
    """What the provider says of the settings; no problems: they work."""

    account: Account | None = None
    problems: tuple[Trouble, ...] = ()
    unchecked: tuple[Trouble, ...] = ()
    """What could not be found out, where a person may take it for checked."""
    preview: str | None = None
    """What a message will look like to the provider, where the settings make it up; without secrets."""
