"""What no field of an input can hold, whatever it means: told once for all mutations, before the command looks at it."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from strawberry.utils.str_converters import to_camel_case

from hub.errors import InvalidInput
from hub.texts import UNSTORABLE

_MOST = Decimal("9999999999.99")
_YEARS = range(1900, 2100)
"""As in imported files."""

_TEXT = "it holds a control character", "含有控制字符"
_NUMBER = f"at most {_MOST} with at most two decimals", f"须不超过 {_MOST},最多两位小数"
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
    if is_dataclass(value):
        for one in fields(value):
            yield from _unfit(getattr(value, one.name), (*at, to_camel_case(one.name)))
    elif isinstance(value, list):
        for place, item in enumerate(value):
            if not hasattr(item, "to_draft"):
                yield from _unfit(item, (*at, place))
    elif reasons := _wrong(value):
        reason, reason_zh = reasons
        yield InvalidInput(path=at, field=at[-1], reason=reason, reason_zh=reason_zh)


def _wrong(value: Any) -> tuple[str, str] | None:
    match value:
        case str() if UNSTORABLE.search(value):
            return _TEXT
        case Decimal() if not value.is_finite() or abs(value) > _MOST or not _two_decimals(value):
            return _NUMBER
        case date() if value.year not in _YEARS:
            return _DAY
    return None


def _two_decimals(value: Decimal) -> bool:
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -2
