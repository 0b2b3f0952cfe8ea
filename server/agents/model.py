"""Rules about agents, free of any database: what an acceptable name, address, role and password is."""

import re
import unicodedata
from collections.abc import Iterable
from typing import get_args

import msgspec

from server import reasons
from server.agents.guessable import is_guessable
from server.entities import Entity, Role
from server.errors import Invalid

ROLES: tuple[Role, ...] = get_args(Role)
PASSWORD_MIN = 12
PASSWORD_MAX = 256

_EMAIL = re.compile(r"[^\s@\x00-\x1f\x7f]+@[^\s@\x00-\x1f\x7f]+")
_EMAIL_MAX = 254
_NAME_MAX = 120


class SignedIn(Entity, frozen=True, kw_only=True):
    """The agent that a session belongs to, as the agent itself sees it."""

    id: str
    name: str
    role: Role
    email: str
    locale: str


class ApiToken(Entity, frozen=True, kw_only=True):
    """A bearer token as it can be shown: never the token itself."""

    id: str
    created_at: str
    expires_at: str | None
    last_used_at: str | None
    """To the minute; null when it was never used."""


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """A row of ``agent`` as the rules of signing in need it."""

    id: int
    email: str
    name: str
    role: Role
    active: bool
    locale: str
    password_hash: str | None


def clean_email(text: str) -> str:
    """An e-mail address in the one form in which it is stored and compared.  Raises Invalid."""
    email = email_key(text)
    if len(email) > _EMAIL_MAX or not _EMAIL.fullmatch(email) or not _encodable(email):
        raise Invalid(reasons.BAD_EMAIL, field="email")
    return email


def email_key(text: str) -> str:
    """Any text as an address to look up; what can't be an address is simply never found."""
    return unicodedata.normalize("NFC", text.strip()).casefold()


def clean_name(text: str) -> str:
    name = " ".join(text.split())
    if not name or len(name) > _NAME_MAX or not name.isprintable() or not _encodable(name):
        raise Invalid(reasons.BAD_NAME.of(max=_NAME_MAX), field="name")
    return name


def check_role(text: str) -> Role:
    for role in ROLES:
        if text == role:
            return role
    raise Invalid(reasons.BAD_ROLE.of(roles=", ".join(ROLES)), field="role")


def check_password(password: str, about: Iterable[str] = ()) -> None:
    """Long enough and none that everybody tries: rules about what it must contain make worse passwords.

    ``about`` is what anybody knows of whose it is, such as name and e-mail address.
    Raises Invalid.  Takes a tenth of a second the first time; in a server call ``Passwords.check``.
    """
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise Invalid(reasons.PASSWORD_LENGTH.of(min=PASSWORD_MIN, max=PASSWORD_MAX), field="password")
    if not _encodable(password):
        raise Invalid(reasons.PASSWORD_UNICODE, field="password")
    if len(set(password)) == 1:
        raise Invalid(reasons.PASSWORD_REPEATS, field="password")
    if is_guessable(password, about):
        raise Invalid(
            reasons.PASSWORD_GUESSABLE,
            field="password",
        )


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
