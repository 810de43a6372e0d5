"""Keyset paging: a total order over a table, its predicate after a cursor, and the cursor itself.

Null counts as the largest value, as in PostgreSQL's indexes. A cursor is the values of the order's columns, sealed
(AES-SIV) for one client, one connection and one order: nobody can read what it holds, nor use it elsewhere.
"""

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from hub.errors import HubError
from hub.secrecy import Secrecy, Unreadable
from schema.reads import Order, Reads


class InvalidCursor(HubError):
    """The cursor does not belong to this client, connection and order; start again from the first page.
    游标不属于本客户端、本列表或本排序,请从第一页重新开始。
    """


@dataclass(frozen=True)
class Keyset:
    """A total order over the rows of a type: its columns, each with whether it descends."""

    columns: tuple[tuple[str, bool], ...]

    @classmethod
    def of(cls, reads: Reads, order: Order, *, backwards: bool = False) -> "Keyset":
        """The order, made total by the key of the type, and turned around for `last`."""
        named = {name for name, _ in order.columns}
        descends = order.columns[-1][1]
        columns = (*order.columns, *((name, descends) for name in reads.key if name not in named))
        return cls(tuple((name, descending != backwards) for name, descending in columns))

    def order_by(self, table: FromClause) -> list[ColumnElement[Any]]:
        """The ORDER BY."""
        return [
            table.c[name].desc() if descending else table.c[name].asc() for name, descending in self.columns
        ]

    def beyond(self, table: FromClause, values: Sequence[Any]) -> ColumnElement[bool]:
        """The rows after a cursor. A row comparison where an index can answer it, else spelled out."""
        columns = [table.c[name] for name, _ in self.columns]
        directions = {descending for _, descending in self.columns}
        if len(directions) == 1 and not any(column.nullable for column in columns):
            left, right = sa.tuple_(*columns), sa.tuple_(*values)
            return left < right if directions == {True} else left > right
        return _spelled_out(columns, [descending for _, descending in self.columns], values)


def _spelled_out(
    columns: Sequence[ColumnElement[Any]], descending: Sequence[bool], values: Sequence[Any]
) -> ColumnElement[bool]:
    """(a beyond x) or (a = x and b beyond y) or …, with null as the largest value."""
    alternatives: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    for column, down, value in zip(columns, descending, values, strict=True):
        alternatives.append(sa.and_(*equal, _further(column, down, value)))
        equal.append(column.is_(None) if value is None else column == value)
    return sa.or_(*alternatives)


def _further(column: ColumnElement[Any], down: bool, value: Any) -> ColumnElement[bool]:
    if value is None:
        return column.is_not(None) if down else sa.false()
    return column < value if down else sa.or_(column > value, column.is_(None))


def _parse(kind: type, text: str) -> Any:
    if kind is date:
        return date.fromisoformat(text)
    if kind is datetime:
        return datetime.fromisoformat(text)
    return kind(text)


_PLAIN = {date, datetime, Decimal, UUID, int, str}


@dataclass(frozen=True)
class Cursors:
    """Seals and opens the cursors of one connection for one client."""

    secrecy: Secrecy
    audience: bytes

    @classmethod
    def of(cls, secrecy: Secrecy, client: str, coordinate: str, keyset: Keyset) -> "Cursors":
        """`keyset` is the order as asked, before it is turned around."""
        return cls(secrecy, orjson.dumps([client, coordinate, keyset.columns]))

    def seal(self, keyset: Keyset, row: Mapping[str, Any]) -> str:
        """The cursor of a row."""
        values = [None if row[name] is None else str(row[name]) for name, _ in keyset.columns]
        return (
            base64.urlsafe_b64encode(self.secrecy.seal_cursor(orjson.dumps(values), self.audience))
            .decode()
            .rstrip("=")
        )

    def open(self, keyset: Keyset, table: FromClause, cursor: str) -> list[Any]:
        """The values in a cursor; raises InvalidCursor."""
        try:
            sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            values = orjson.loads(self.secrecy.open_cursor(sealed, self.audience))
        except (ValueError, Unreadable) as error:
            raise InvalidCursor from error
        kinds = [table.c[name].type.python_type for name, _ in keyset.columns]
        return [
            None if value is None else _parse(kind if kind in _PLAIN else str, value)
            for kind, value in zip(kinds, values, strict=True)
        ]
