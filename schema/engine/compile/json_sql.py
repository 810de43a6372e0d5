"""JSON in SQL, written as text: objects, lists, and each kind of value in the form of the reference executor.

PostgreSQL's own functions look up the type of each value of each row. Here the types are known when the statement is built,
and joining texts takes half the time. Values with characters that JSON must escape are still written by `to_json`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from graphql import GraphQLEnumType, GraphQLNamedType
from sqlalchemy import ColumnElement
from sqlalchemy.dialects import postgresql as pg

from hub.foundation.prepared_sql import JoinedText
from schema.engine.declare.instants import instant_text

_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]*")


class Json(sa.Text):
    """JSON, as text."""


class Always(Json):
    """JSON that is never null."""


class Plain(sa.Text):
    """Text that needs no escaping in JSON: a code, an id, a mark."""


@dataclass(frozen=True)
class Value:
    """A value that PostgreSQL prints in JSON's form, its quotes, and whether it may be null."""

    printed: ColumnElement[Any]
    quote: str
    nullable: bool


NULL: ColumnElement[Any] = sa.null()
_NULL = "null"


def name_sql(name: str) -> ColumnElement[str]:
    """A GraphQL name as a literal; raises ValueError for anything else. Names are the only part of a document in the text of a
    statement, and the grammar allows no character in them that has a meaning in SQL."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a GraphQL name: {name!r}")
    return sa.literal_column(f"'{name}'", Plain)


def object_sql(fields: Sequence[tuple[str, ColumnElement[Any] | Value]]) -> ColumnElement[str]:
    """A JSON object with any number of fields; never null."""
    parts: list[str | ColumnElement[Any]] = []
    for name, value in fields:
        name_sql(name)
        parts += _field(f'{"," if parts else "{"}"{name}":', value)
    return _concatenated([*parts, "}" if parts else "{}"])


def list_sql(
    item: ColumnElement[str], only: ColumnElement[bool] | None = None, order: ColumnElement[Any] | None = None
) -> ColumnElement[str]:
    """A JSON list with one object for each row of a select; empty, never null."""
    comma: ColumnElement[Any] = _written(",")
    if order is not None:
        comma = pg.aggregate_order_by(comma, order)
    listed = sa.func.string_agg(_or_null(item), comma, type_=Json())
    return _concatenated(["[", listed if only is None else listed.filter(only), "]"])


def may_be_null(column: ColumnElement[Any]) -> bool:
    """Whether a column of a row may be null."""
    return getattr(column, "nullable", True) is not False


def value_sql(column: ColumnElement[Any], output: GraphQLNamedType) -> Value:
    """A value in the JSON form of its GraphQL type."""
    nullable = may_be_null(column)
    if isinstance(output, GraphQLEnumType) and not isinstance(column.type, sa.ARRAY):
        return _word(column, output, nullable)
    match output.name:
        case "Decimal" if isinstance(column.type, sa.Numeric):
            return Value(column, '"', nullable)
        case "Decimal":
            return _value(sa.cast(column, sa.Text), nullable)
        case "DateTime":
            return Value(instant_text(column), '"', nullable)
        case _:
            return _value(column, nullable)


def _word(column: ColumnElement[Any], output: GraphQLEnumType, nullable: bool) -> Value:
    """A value of an enum. A column that the database limits to the enum's values needs no escaping; other text does."""
    stored = {name: str(getattr(value.value, "value", value.value)) for name, value in output.values.items()}
    renamed = {old: name for name, old in stored.items() if old != name}
    text: ColumnElement[str] = sa.type_coerce(column, sa.Text)
    if renamed:
        text = sa.case(*((text == old, name_sql(new)) for old, new in renamed.items()), else_=text)
    return (
        Value(text, '"', nullable)
        if isinstance(column.type, sa.Enum)
        else _value(sa.cast(text, sa.Text), nullable)
    )


def _value(value: ColumnElement[Any], nullable: bool = True) -> Value:
    """A value by its SQL type; other types are left to `to_json`."""
    match value.type:
        case Json() | sa.Integer() | sa.JSON() if not nullable or isinstance(value.type, Json):
            return Value(value, "", nullable)
        case Plain():
            return Value(value, '"', nullable and not getattr(value, "is_literal", False))
        case sa.Date():
            return Value(value, '"', nullable)
        case sa.String():  # a constant in a statement has no type
            return Value(sa.func.to_json(sa.cast(value, sa.Text)), "", nullable)
        case _:
            return Value(sa.func.to_json(value), "", nullable)


def _field(key: str, value: ColumnElement[Any] | Value) -> list[str | ColumnElement[Any]]:
    """The parts of a field in an object."""
    if isinstance(value, sa.sql.elements.Null):
        return [key + _NULL]
    made = value if isinstance(value, Value) else _value(value)
    if not made.nullable:
        return [key + made.quote, made.printed, made.quote]
    if not made.quote:
        return [key, _or_null(made.printed)]
    return [JoinedText([key + made.quote, made.printed, made.quote], Json, if_null=key + _NULL)]


def _or_null(printed: ColumnElement[Any]) -> ColumnElement[Any]:
    made = isinstance(printed, JoinedText) or isinstance(printed.type, Always)
    return printed if made else sa.func.coalesce(printed, _written(_NULL))


def _concatenated(parts: Sequence[str | ColumnElement[Any]]) -> ColumnElement[str]:
    """The parts joined; null parts are empty."""
    pieces = _pieces(parts)
    if len(pieces) == 1 and isinstance(only := pieces[0], str):
        return _written(only)
    return JoinedText(pieces, Json)


def _pieces(parts: Sequence[str | ColumnElement[Any]]) -> list[str | ColumnElement[Any]]:
    """Joins neighbouring constants and drops empty ones."""
    pieces: list[str | ColumnElement[Any]] = []
    text = ""
    for part in parts:
        if isinstance(part, str):
            text += part
        else:
            pieces += [text, part] if text else [part]
            text = ""
    return [*pieces, text] if text else pieces


def _written(text: str) -> ColumnElement[str]:
    """Punctuation and names, which need no escaping in SQL."""
    return sa.literal_column(f"'{text}'", Json())
