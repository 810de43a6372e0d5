"""What no field of an input can hold, whatever it means: told once for all mutations, before the command looks at it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from strawberry.utils.str_converters import to_camel_case

from hub.database import MOST_YUAN
from hub.errors import InvalidInput
from hub.exchange.cells import YEARS
from hub.texts import UNSTORABLE

_Reasons = tuple[str, str]
"""Why not, in English and in Chinese."""

_TEXT = "it holds a control character", "含有控制字符"
_NUMBER = f"at most {MOST_YUAN} with at most two decimals", f"须不超过 {MOST_YUAN},最多两位小数"
_DAY = "a day from 1900 to 2099", "须为 1900 年至 2099 年间的日期"


def unfit(input: Any) -> InvalidInput | None:
    """The first value of an input that cannot be held, with its place; None where there is none.

    An item of a list that makes a draft of its own is not looked at: its batch answers it in its place, from `fit`.
    """
    return next(_unfit(input, ()), None)


def fit(item: Any) -> None:
    """Raise InvalidInput for the first value of an item that cannot be held, with its place in it."""
    if error := unfit(item):
        raise error


def _unfit(value: Any, at: tuple[str | int, ...]) -> Iterator[InvalidInput]:
    for place, part in _parts(value):
        if check := _CHECKS.get(type(part)):
            if reasons := check(part):
                reason, reason_zh = reasons
                yield InvalidInput(path=(*at, place), field=place, reason=reason, reason_zh=reason_zh)
        elif type(part) is list or _fields(type(part)):
            yield from _unfit(part, (*at, place))


def _parts(value: Any) -> Iterable[tuple[str | int, Any]]:
    """The parts of an input or a list, each with its place."""
    if type(value) is list:
        return [(place, item) for place, item in enumerate(value) if not hasattr(item, "to_draft")]
    return [(told, getattr(value, name)) for name, told in _fields(type(value))]


_Fields = tuple[tuple[str, str], ...]
_KNOWN: dict[type, _Fields] = {}


def _fields(kind: type) -> _Fields:
    """The fields of a kind of input, each with its name in GraphQL; none where it is no input."""
    if kind not in _KNOWN:
        named = fields(kind) if is_dataclass(kind) else ()
        _KNOWN[kind] = tuple((one.name, to_camel_case(one.name)) for one in named)
    return _KNOWN[kind]


def _text(value: str) -> _Reasons | None:
    return _TEXT if UNSTORABLE.search(value) else None


def _number(value: Decimal) -> _Reasons | None:
    exponent = value.as_tuple().exponent
    held = isinstance(exponent, int) and exponent >= -2 and abs(value) <= MOST_YUAN
    return None if held else _NUMBER


def _day(value: date) -> _Reasons | None:
    return None if value.year in YEARS else _DAY


_CHECKS: Mapping[type, Callable[[Any], _Reasons | None]] = {
    str: _text, Decimal: _number, date: _day, datetime: _day,
}  # fmt: skip
"""By the very type of a value: words of an enum are texts too, and need no look. A batch brings thousands of values."""
