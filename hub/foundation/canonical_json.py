"""RFC 8785 canonical JSON, for the values that the ledger hashes.

The ledger writes strings, integers, booleans, null, lists and objects with ASCII keys. For these, orjson's sorted output is
the canonical form, byte for byte (a property test compares it with the reference package). Floats are refused, since money is
a decimal string, and so are integers that a double cannot hold (section 3.2.2.3).
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson

_LARGEST = 2**53 - 1


class NotCanonical(Exception):
    """The value has no canonical form here: a float, an integer beyond 2**53 - 1, or a key that is not ASCII."""


def _check(value: Any) -> None:
    match value:
        case dict():
            if not _all_ascii(value):
                raise NotCanonical(f"{list(value)!r}: {NotCanonical.__doc__}")
            _check_each(value.values())
        case list() | tuple():
            _check_each(value)
        case float():
            raise NotCanonical(f"{value!r}: {NotCanonical.__doc__}")
        case int() if abs(value) > _LARGEST:
            raise NotCanonical(f"{value!r}: {NotCanonical.__doc__}")
        case _:
            pass


def _check_each(values: Iterable[Any]) -> None:
    for value in values:
        if value is not None and type(value) is not str:  # most values are texts: this saves time
            _check(value)


def _all_ascii(keys: Iterable[Any]) -> bool:
    try:
        return "".join(keys).isascii()
    except TypeError:  # a key that is not a text
        return False


def canonical(value: Any) -> bytes:
    """The canonical bytes of a value; raises NotCanonical."""
    _check(value)
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def canonical_digest(value: Any) -> bytes:
    """SHA-256 of the canonical bytes of a value; raises NotCanonical."""
    return hashlib.sha256(canonical(value)).digest()


def plain(value: object) -> object:
    """A value as the ledger writes it: money and dates as text, enum members as their value."""
    match value:
        case None | bool():
            return value
        case StrEnum():
            return value.value
        case Decimal():
            return f"{value:.2f}"
        case date() | UUID():
            return str(value)
        case _:
            return value


def whole(value: object) -> object:
    """A draft as JSON: texts without the spaces around them, every part as `plain` writes it. Fields of a draft that are None
    are left out, so that a field that is added later changes no digest; in a mapping, None is written."""
    match value:
        case StrEnum():
            return plain(value)
        case str():
            return value.strip()
        case Mapping():
            return {str(name): whole(part) for name, part in value.items()}
        case list() | tuple():
            return [whole(part) for part in value]
    if is_dataclass(value):
        said = {one.name: getattr(value, one.name) for one in fields(value)}
        return {name: whole(part) for name, part in said.items() if part is not None}
    return plain(value)
