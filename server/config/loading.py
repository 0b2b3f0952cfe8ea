"""Reading the configuration: file, environment, files of secrets; and saying what is wrong with it."""

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import msgspec

from server.config.checks import check
from server.config.sections import Config, NotNegative, Port, Positive
from server.errors import ConfigError

_PREFIX = "CENTRALA__"
_IN_WORDS: dict[Any, str] = {
    Port: "a whole number from 0 to 65535",
    Positive: "a whole number, 1 or more",
    NotNegative: "a whole number, 0 or more",
    bool: "true or false",
    str: "a text in quotes",
    tuple[str, ...]: "a list of texts",
}


def load(path: Path | None = None, environ: Mapping[str, str] | None = None) -> Config:
    """The configuration of this process.

    ``path`` must exist when given; without it ``config.toml`` in the working directory is read if it is there.
    """
    environ = os.environ if environ is None else environ
    values: dict[str, Any] = _read(path)
    _override(values, environ)
    _read_files(values)
    try:
        config = msgspec.convert(values, Config, strict=True)
    except msgspec.ValidationError as error:
        raise ConfigError(_explain(str(error))) from None
    check(config)
    return config


def _read(path: Path | None) -> dict[str, Any]:
    if path is None:
        path = Path("config.toml")
        if not path.exists():
            return {}
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path}: there is no such file") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: not valid TOML: {error}") from None


def _override(values: dict[str, Any], environ: Mapping[str, str]) -> None:
    for name, text in environ.items():
        if not name.startswith(_PREFIX):
            continue
        section, _, key = name.removeprefix(_PREFIX).lower().partition("__")
        section_type = _section_type(section)
        if section_type is None or not key:
            raise ConfigError(
                f"{name}: there is no such section or key; sections are {', '.join(_sections())}"
            )
        table = values.setdefault(section, {})
        if not isinstance(table, dict):
            raise ConfigError(f"{section}: expected a table")
        table[key] = _typed(text, section_type, key)


def _typed(text: str, section: Any, key: str) -> Any:
    """Environment values are text; numbers, true and false, and lists are recognised by the type of the key they are for."""
    expected = _types(section).get(key)
    if expected in (Port, Positive, NotNegative):
        return int(text) if text.strip().lstrip("-").isdecimal() and text.isascii() else text
    if expected is bool:
        return {"true": True, "false": False}.get(text.strip().lower(), text)
    if expected == tuple[str, ...]:
        return [part.strip() for part in text.split(",") if part.strip()]
    return text


def _types(section: Any) -> dict[str, Any]:
    """The keys of a section with their types; none for a section that there is not."""
    return {} if section is None else {f.name: f.type for f in msgspec.structs.fields(section)}


def _section_type(name: str) -> Any:
    return _types(Config).get(name)


def _read_files(values: dict[str, Any]) -> None:
    for section, table in values.items():
        if not isinstance(table, dict):
            continue
        for key in [k for k in table if k.endswith("_file")]:
            file = Path(str(table.pop(key)))
            try:
                text = file.read_text(encoding="utf-8").strip()
            except OSError as error:
                raise ConfigError(f"{section}.{key}: can't read {file}: {error.strerror}") from None
            except UnicodeDecodeError:
                raise ConfigError(f"{section}.{key}: {file} is not UTF-8 text") from None
            if not text:
                # As a value it would be the default: another database, other keys than those that were meant.
                raise ConfigError(f"{section}.{key}: expected a value in {file}, which is empty")
            name = key.removesuffix("_file")
            table[name] = _typed(text, _section_type(section), name)


def _sections() -> list[str]:
    return list(_types(Config))


def _explain(message: str) -> str:
    """The path, and what was expected in words; msgspec's own speak of Python's types and of patterns."""
    text, _, where = message.partition(" - at `$")
    path = where.rstrip("`").lstrip(".")
    unknown = re.fullmatch(r"Object contains unknown field `(.+)`", text)
    if unknown is not None:
        known = _types(_section_type(path)) if path else _types(Config)
        what = "keys are" if path else "sections are"
        full = f"{path}.{unknown[1]}" if path else unknown[1]
        return f"{full}: there is no such key; {what} {', '.join(known)}"
    section, _, key = path.partition(".")
    expected = _types(_section_type(section)).get(key)
    if get_origin(expected) is Literal:
        choices = ", ".join(repr(choice) for choice in get_args(expected))
        return f"{path}: expected one of {choices}"
    if expected in _IN_WORDS:
        return f"{path}: expected {_IN_WORDS[expected]}"
    return f"{path or 'config'}: {text[0].lower()}{text[1:]}"
