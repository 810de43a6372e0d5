"""JSON in SQL: objects, and each kind of value as the reference executor answers it."""

import re
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from graphql import GraphQLEnumType, GraphQLNamedType
from sqlalchemy import ColumnElement
from sqlalchemy.dialects import postgresql as pg

from schema.instants import instant_text

_NAME = re.compile(r"[_A-Za-z][_0-9A-Za-z]*")
_PAIRS_AT_ONCE = 50
"""PostgreSQL's functions take a hundred arguments."""

NULL: ColumnElement[Any] = sa.null()
EMPTY_LIST: ColumnElement[Any] = sa.literal_column("'[]'::json")


def name_sql(name: str) -> ColumnElement[str]:
    """A GraphQL name as a literal; raises ValueError for anything else. Names are the one thing of a document that
    stands in a statement's text, and the grammar leaves them no character that could mean anything in SQL."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a GraphQL name: {name!r}")
    return sa.literal_column(f"'{name}'", sa.Text)


def object_sql(fields: Sequence[tuple[str, ColumnElement[Any]]]) -> ColumnElement[Any]:
    """A JSON object, however many fields it has."""
    parts = [
        sa.func.json_build_object(
            *(
                part
                for name, value in fields[start : start + _PAIRS_AT_ONCE]
                for part in (name_sql(name), value)
            )
        )
        for start in range(0, max(len(fields), 1), _PAIRS_AT_ONCE)
    ]
    if len(parts) == 1:
        return parts[0]
    inner = [sa.func.left(sa.func.substr(sa.cast(part, sa.Text), 2), -1) for part in parts]
    return sa.cast(sa.func.concat("{", sa.func.concat_ws(",", *inner), "}"), sa.JSON)


def list_sql(
    item: ColumnElement[Any], only: ColumnElement[bool] | None = None, order: ColumnElement[Any] | None = None
) -> ColumnElement[Any]:
    """A JSON list of a select's rows; empty rather than null."""
    listed = sa.func.json_agg(item if order is None else pg.aggregate_order_by(item, order))
    return sa.func.coalesce(listed if only is None else listed.filter(only), EMPTY_LIST)


def value_sql(column: ColumnElement[Any], output: GraphQLNamedType) -> ColumnElement[Any]:
    """A value as its GraphQL type is written in JSON."""
    if isinstance(output, GraphQLEnumType):
        stored = {
            name: str(getattr(value.value, "value", value.value)) for name, value in output.values.items()
        }
        renamed = {old: name for name, old in stored.items() if old != name}
        text = sa.type_coerce(column, sa.Text)
        if not renamed:
            return text
        return sa.case(*((text == old, name_sql(new)) for old, new in renamed.items()), else_=text)
    match output.name:
        case "Decimal":
            return sa.cast(column, sa.Text)
        case "DateTime":
            return instant_text(column)
        case _:
            return column
