"""Filters and orders: inputs whose every field says which coordinate guards it and what SQL it is."""

from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any

import sqlalchemy as sa
import strawberry
from sqlalchemy import ColumnElement, FromClause

from auth.grant import Grant
from hub.errors import InvalidInput
from schema.paging import OrderDirection
from schema.reads import Where


@strawberry.input(description="A span of money in yuan; either end may be left open")
class YuanRange:
    """Both ends belong to the span."""

    gte: Decimal | None = None
    lte: Decimal | None = None


@strawberry.input(description="A span of days; either end may be left open")
class DateRange:
    """Both ends belong to the span."""

    gte: date | None = None
    lte: date | None = None


def in_range(column: ColumnElement[Any], span: YuanRange | DateRange) -> ColumnElement[bool]:
    """Whether a column lies in a span; raises InvalidInput for a span without ends."""
    if span.gte is None and span.lte is None:
        raise InvalidInput(
            path=("filter",), field="filter", reason="the range has no end", reason_zh="范围两端均未填"
        )
    ends = []
    if span.gte is not None:
        ends.append(column >= span.gte)
    if span.lte is not None:
        ends.append(column <= span.lte)
    return sa.and_(*ends)


def one_of(column: ColumnElement[Any], values: list[Any]) -> ColumnElement[bool]:
    """Whether a column has one of the values; an empty list matches nothing."""
    return column.in_([getattr(value, "value", value) for value in values])


def _null(name: str) -> InvalidInput:
    """A null may come from a mistake in the caller's own code, and must never widen a filter to everything."""
    return InvalidInput(
        path=("filter",),
        field=name,
        reason="null is no filter; leave it out",
        reason_zh="不能为 null,不筛选时请省略",
    )


def given(filter_by: Any) -> Iterator[tuple[str, Where, Any]]:
    """The fields of a filter that were given: (name, its Where, value). Raises InvalidInput for a null."""
    definition = filter_by.__strawberry_definition__
    for field in definition.fields:
        value = getattr(filter_by, field.python_name)
        if value is strawberry.UNSET:
            continue
        if value is None:
            raise _null(field.python_name)
        yield field.python_name, field.metadata["where"], value


def predicate(filter_by: Any, table: FromClause, grant: Grant) -> ColumnElement[bool]:
    """The SQL of a filter: all its fields must hold. Raises InvalidInput."""
    if filter_by is strawberry.UNSET:
        return sa.true()
    if filter_by is None:
        raise _null("filter")
    return sa.and_(sa.true(), *(where.sql(table, value, grant) for _, where, value in given(filter_by)))


def order_input(noun: str, columns: Mapping[str, tuple[str, str]]) -> type:
    """An order over a noun: names of the order's fields -> (column, coordinate that guards it).

    Answers an input `<Noun>Order {field, direction}` with `order_columns` and `order_coordinates` by enum member.
    """
    fields = Enum(f"{noun}OrderField", {name: name for name in columns})  # type: ignore[misc]
    strawberry.enum(fields, description=f"What a list of {noun} can be ordered by")
    namespace = {
        "__annotations__": {"field": fields, "direction": OrderDirection},
        "direction": OrderDirection.ASC,
        "__doc__": f"How a list of {noun} is ordered.",
    }
    made: Any = strawberry.input(
        type(f"{noun}Order", (), namespace), description=f"The order of a list of {noun}"
    )
    made.order_columns = {fields[name]: column for name, (column, _) in columns.items()}
    made.order_coordinates = {name: coordinate for name, (_, coordinate) in columns.items()}
    order: type = made
    return order
