"""Keyset paging: a total order over a table, its predicate after a cursor, and the cursor itself.

Null counts as the largest value, and is compared as infinity (of numbers, dates and instants). A cursor holds the values of
the order's columns, sealed (AES-SIV) for one agency, one connection and one order: it can be neither read nor used elsewhere.
Another client of the same agency can use it: an agency that gets a new client, with a new secret, keeps its position.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from hub.foundation.encryption import Secrecy, Unreadable
from hub.foundation.errors import HubError
from schema.engine.declare.field_sources import Order, Reads
from schema.engine.declare.instants import INSTANT, instant_text

_INFINITIES: dict[type[Any], ColumnElement[Any]] = {
    sa.Numeric: sa.literal_column("'infinity'::numeric"),
    sa.Date: sa.literal_column("'infinity'::date"),
    sa.TIMESTAMP: sa.literal_column("'infinity'::timestamptz"),
}
_PLAIN = {date, datetime, Decimal, UUID, int, str}


class InvalidCursor(HubError):
    """The cursor does not belong to this agency, connection and order; start again from the first page.
    游标不属于本单位、本列表或本排序,请从第一页重新开始。
    """


@dataclass(frozen=True)
class Keyset:
    """A total order over the rows of a type: its columns, all ascending or all descending."""

    columns: tuple[str, ...]
    descending: bool

    @classmethod
    def of(
        cls, reads: Reads, order: Order, *, backwards: bool = False, every_version: bool = False
    ) -> "Keyset":
        """The order, made total by the type's key (without the version, if only present versions are read) unless one of its
        columns is unique, and reversed for `last`."""
        key = reads.key if every_version or reads.current is None else reads.id_key
        if any(reads.table.c[name].unique for name in order.columns):
            key = ()
        columns = (*order.columns, *(name for name in key if name not in order.columns))
        return cls(columns, order.descending != backwards)

    def order_by(self, table: FromClause) -> list[ColumnElement[Any]]:
        """The ORDER BY."""
        keys = [_comparable(table.c[name], table.c[name]) for name in self.columns]
        return [key.desc() if self.descending else key.asc() for key in keys]

    def beyond(self, table: FromClause, values: Sequence[Any]) -> ColumnElement[bool]:
        """The rows after a cursor: one row comparison, so that an index in this order serves any page. `values` are those of
        the cursor, plain or as parameters."""
        columns = [table.c[name] for name in self.columns]
        left = sa.tuple_(*(_comparable(column, column) for column in columns))
        right = sa.tuple_(
            *(
                _comparable(
                    column, value if isinstance(value, ColumnElement) else sa.literal(value, column.type)
                )
                for column, value in zip(columns, values, strict=True)
            )
        )
        return left < right if self.descending else left > right


def _comparable(column: ColumnElement[Any], value: ColumnElement[Any]) -> ColumnElement[Any]:
    """The expression by which a column is ordered; an index must use the same expression.

    Raises TypeError for a column that may be null and has no infinity.
    """
    if not getattr(column, "nullable", False):
        return value
    infinity = _INFINITIES.get(type(column.type))
    if infinity is None:
        raise TypeError(f"{column} may be null and has no largest value; nothing can be ordered by it")
    return sa.func.coalesce(value, infinity)


def plain(value: Any) -> str | None:
    """The text of a value in a cursor; `plain_sql` makes the same text in the database."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime(INSTANT)
    return None if value is None else str(value)


def plain_sql(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """The text of a column in a cursor."""
    return instant_text(column) if isinstance(column.type, sa.TIMESTAMP) else sa.cast(column, sa.Text)


def _parse(kind: type, text: str) -> Any:
    if kind is date:
        return date.fromisoformat(text)
    if kind is datetime:
        return datetime.fromisoformat(text)
    return kind(text)


@dataclass(frozen=True)
class Cursors:
    """Seals and opens the cursors of one connection for one agency."""

    secrecy: Secrecy
    audience: bytes

    @classmethod
    def of(cls, secrecy: Secrecy, agency: str, coordinate: str, keyset: Keyset) -> "Cursors":
        """`keyset` is the requested order, before it is reversed."""
        return cls(secrecy, orjson.dumps([agency, coordinate, keyset.descending, keyset.columns]))

    def seal(self, values: Sequence[str | None]) -> str:
        """The cursor of a row, from the plain values of the order's columns."""
        sealed = self.secrecy.seal_cursor(orjson.dumps(values), self.audience)
        return base64.urlsafe_b64encode(sealed).decode().rstrip("=")

    def open(self, keyset: Keyset, table: FromClause, cursor: str) -> list[Any]:
        """The values in a cursor, without surrounding spaces; raises InvalidCursor."""
        cursor = cursor.strip()
        try:
            sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
            values = orjson.loads(self.secrecy.open_cursor(sealed, self.audience))
        except (ValueError, Unreadable) as error:
            raise InvalidCursor from error
        kinds = [table.c[name].type.python_type for name in keyset.columns]
        return [
            None if value is None else _parse(kind if kind in _PLAIN else str, value)
            for kind, value in zip(kinds, values, strict=True)
        ]
