"""Regions and agencies as arguments: codes that every department knows, so an unknown code is an error and not an empty
result."""

import re

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from hub.foundation.database import CODE
from hub.foundation.texts import InvalidValue
from hub.policy.permissions.jurisdiction import end_of
from schema.engine.declare.bind_parameters import ArgumentValue, Named

_REGION = re.compile(r"[0-9]{2}|[0-9]{4}|[0-9]{6}|[0-9]{9}|[0-9]{12}")


def _code(text: str) -> str:
    """The code of a region of any level; raises InvalidValue."""
    if not _REGION.fullmatch(text):
        raise InvalidValue("a region code has 2, 4, 6, 9 or 12 digits", "区划代码为 2、4、6、9 或 12 位数字")
    return text


def region_of(value: ArgumentValue) -> ColumnElement[str]:
    """The code of an existing region, as a parameter."""
    return value.bind(CODE, names=Named.REGION)


def in_region(column: ColumnElement[str], value: ArgumentValue, most: int = 12) -> ColumnElement[bool]:
    """Whether a column holds a region inside the named one, or inside the wider one of its first `most` digits."""
    end = value.bind(CODE, lambda text: end_of(_code(text)[:most]))
    first = sa.func.left(region_of(value), sa.literal_column(str(most)), type_=CODE)
    return sa.and_(column >= first, column < end)


def is_agency(column: ColumnElement[str], value: ArgumentValue) -> ColumnElement[bool]:
    """Whether a column holds the code of the named agency, which exists."""
    return column == value.bind(CODE, names=Named.AGENCY)
