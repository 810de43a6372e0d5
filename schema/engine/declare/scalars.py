"""The scalars of the schema: days, instants, quantities. Each accepts exactly one form.

Literals in a document and variables are read in the same way: a text unchanged, a whole number by its digits. A number with a
fraction is refused, since JSON parsers turn it into binary and its digits may change.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import strawberry
from graphql import GraphQLError
from strawberry.scalars import JSON

from hub.foundation.amounts import amount_of
from schema.engine.declare.instants import INSTANT

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})[Tt]([0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?)[0-9]*"
    r"([Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)
_NO_NUMBERS = frozenset({"NaN", "Infinity", "-Infinity"})
"""Texts that programs write for a missing number. `input_validation` refuses them with their path, so that only their item of
a batch is refused."""
_LEAP = re.compile(r".{17}60", re.DOTALL)


def _refused(message: str, message_zh: str) -> GraphQLError:
    return GraphQLError(message, extensions={"messageZh": message_zh})


def _day(value: object) -> date:
    """A day; raises GraphQLError."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            pass
    raise _refused("A date is written as 2026-03-31.", "日期写作 2026-03-31。")


def _instant(value: object) -> datetime:
    """An instant, to the microsecond; raises GraphQLError. Without an offset the instant is ambiguous."""
    if isinstance(value, str) and (written := _INSTANT.fullmatch(value)):
        day, time, offset = written.groups()
        try:
            return datetime.fromisoformat(f"{day}T{time}{offset.upper()}")
        except ValueError:
            if _LEAP.match(value):
                raise _refused(
                    "A leap second (:60) cannot be kept; write the second after it.",
                    "无法保存闰秒(:60),请写其后一秒。",
                ) from None
    raise _refused(
        "An instant is written as 2026-03-31T08:00:00+08:00, with its offset or Z.",
        "时间写作 2026-03-31T08:00:00+08:00,须带时区偏移或 Z。",
    )


def _amount(value: object) -> Decimal:
    """A quantity; raises GraphQLError."""
    text = str(value) if type(value) is int and abs(value) < 10**18 else value
    if isinstance(text, str):
        try:
            return Decimal(text) if text in _NO_NUMBERS else amount_of(text)
        except ValueError:
            pass
    raise _refused(
        'An amount is written as a text of digits, "1500.00"; only a whole number may stand without quotes.',
        '金额和数量写作数字文本 "1500.00",仅整数可不加引号。',
    )


def _serialized(value: datetime) -> str:
    return value.astimezone(UTC).strftime(INSTANT)


def _as_is(value: Any) -> Any:
    return value


def _scalar(
    name: str, url: str, description: str, parse: Callable[[object], Any], serialize: Callable[[Any], Any]
) -> Any:
    return strawberry.scalar(
        name=name, specified_by_url=url, description=description, parse_value=parse, serialize=serialize
    )


SCALARS: dict[object, Any] = {
    date: _scalar(
        "Date", "https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
        "日期,写作 YYYY-MM-DD,不接受其他写法,例:2026-03-31。"
        " A day, written YYYY-MM-DD (full-date of RFC 3339) and in no other way, as in 2026-03-31",
        _day, date.isoformat,
    ),
    datetime: _scalar(
        "DateTime", "https://www.rfc-editor.org/rfc/rfc3339#section-5.6",
        "时间,写作 RFC 3339 的 date-time,须带时区偏移或 Z,精确到微秒,不接受闰秒;返回 UTC 时间,六位小数,"
        "例:2026-03-31T08:00:00+08:00。"
        " An instant, written as date-time of RFC 3339 with its offset or Z, as in 2026-03-31T08:00:00+08:00; kept to the"
        " microsecond, without leap seconds; answered in UTC with six digits, as in 2026-03-31T00:00:00.000000Z",
        _instant, _serialized,
    ),
    Decimal: _scalar(
        "Decimal", "https://www.w3.org/TR/xmlschema11-2/#decimal",
        "十进制数,金额以元为单位,写作数字文本,最多两位小数,例:\"1500.00\";仅整数可不加引号;"
        "不接受正号、指数、千分位、空格和全角数字。"
        " A number in decimal digits, of money in yuan: a text with at most two decimals, as in \"1500.00\". Only a whole number"
        " may stand without quotes. No plus sign, exponent, separators, spaces or digits of other scripts;"
        " 1500, 1500.0 and 1500.00 are the same",
        _amount, str,
    ),
    JSON: _scalar(
        "JSON", "https://www.rfc-editor.org/rfc/rfc8259",
        "任意 JSON 值,内容随所在字段而定。 Any JSON value; what it holds depends on its field",
        _as_is, _as_is,
    ),
}  # fmt: skip
"""Strawberry's scalars by Python type, for the schema's configuration."""
