"""Filters and orders: inputs in which each field declares the coordinate that guards it, and its SQL."""

from collections.abc import Callable, Collection, Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import cache
from typing import Any

import sqlalchemy as sa
import strawberry
from sqlalchemy import ColumnElement, FromClause
from strawberry.utils.str_converters import to_camel_case

from auth.grant import Grant
from hub.foundation.texts import Form, InvalidValue
from schema.engine.declare import ids
from schema.engine.declare.bind_parameters import ArgumentValue, unusable
from schema.engine.declare.enums import declare_enum
from schema.engine.declare.field_sources import Connect, Where
from schema.engine.declare.input_validation import normalised
from schema.engine.declare.paging import OrderDirection

_BOTH = 2
_NULL = InvalidValue("null is no filter; leave it out", "不得为空,不筛选时请省略")
_EMPTY = InvalidValue(
    "an empty list matches nothing; leave it out", "列表为空,不会匹配任何内容,不筛选时请省略"
)


@strawberry.input(description="金额区间(元) A span of money in yuan; either end may be left open")
class YuanRange:
    """Both ends are included."""

    gte: Decimal | None = strawberry.field(
        default=strawberry.UNSET,
        description="不低于(元) At least this many yuan, as 500.00; left out: no lower end",
    )
    lte: Decimal | None = strawberry.field(
        default=strawberry.UNSET,
        description="不高于(元) At most this many yuan, as 1500.00; left out: no upper end",
    )


@strawberry.input(description="日期区间 A span of days; either end may be left open")
class DateRange:
    """Both ends are included."""

    gte: date | None = strawberry.field(
        default=strawberry.UNSET,
        description="不早于 On this day (YYYY-MM-DD) or later; left out: no first day",
    )
    lte: date | None = strawberry.field(
        default=strawberry.UNSET,
        description="不晚于 On this day (YYYY-MM-DD) or earlier; left out: no last day",
    )


def in_range(column: ColumnElement[Any], span: ArgumentValue) -> ColumnElement[bool]:
    """Whether a column lies in a range; raises InvalidInput for a range without ends, a null end, or, when values are bound,
    an end before the beginning."""
    if not span.value:
        raise unusable(InvalidValue("the range has no end", "范围两端均未填"), span.steps)
    for name, end in span.value.items():
        if end is None:
            raise unusable(
                InvalidValue("null is no end; leave it out", "不得为空,不限时请省略", name), span.steps
            )
    ends = {name: span.bind(column.type, _end(name)) for name in span.value}
    return sa.and_(*(column >= end if name == "gte" else column <= end for name, end in ends.items()))


def _end(name: str) -> Callable[[Mapping[str, Any]], Any]:
    """One end of a range; raises InvalidValue if the range ends before it begins."""

    def end(span: Mapping[str, Any]) -> Any:
        ends = {}
        for bound, value in span.items():
            try:
                ends[bound] = normalised(value, Form.LINE)
            except InvalidValue as unfit:
                raise InvalidValue(unfit.reason, unfit.reason_zh, bound) from unfit
        if len(ends) == _BOTH and ends["gte"] > ends["lte"]:
            raise InvalidValue("gte lies after lte", "下限大于上限")
        return ends[name]

    return end


def _texts(values: list[Any]) -> list[str]:
    return [getattr(value, "value", value) for value in values]


def one_of(
    column: ColumnElement[Any], values: ArgumentValue, among: Collection[str] | None = None
) -> ColumnElement[bool]:
    """Whether a column has one of the values. `among` are its possible values; others are refused."""

    def possible(values: list[Any]) -> list[str]:
        texts = _texts(values)
        for place, text in enumerate(texts):
            if among is not None and text not in among:
                words = ", ".join(among)
                raise InvalidValue(
                    f"this one never occurs here, only {words}", f"此处不会出现该值,可填 {words}", place
                )
        return texts

    return column == sa.any_(values.bind(sa.ARRAY(sa.Text), possible))


def one_of_codes(column: ColumnElement[Any], codes: ArgumentValue) -> ColumnElement[bool]:
    """Whether a column has one of the codes."""
    return column == sa.any_(codes.bind(sa.ARRAY(sa.Text), form=Form.CODE))


def is_value(column: ColumnElement[Any], value: ArgumentValue) -> ColumnElement[bool]:
    """Whether a column has the value."""
    return column == value.bind(sa.Text, lambda member: getattr(member, "value", member), form=Form.LINE)


def key_part(id: ArgumentValue, name: str, parts: int, place: int) -> ColumnElement[Any]:
    """One part of the key in a row's id; the key has `parts` parts."""
    return id.bind(sa.Uuid, lambda text: ids.key_of(text, name, parts, ())[place])


@cache
def filters_of(filter_by: Any) -> Mapping[str, Where]:
    """The fields of a filter, by their GraphQL names."""
    fields = filter_by.__strawberry_definition__.fields
    return {
        field.graphql_name or to_camel_case(field.python_name): field.metadata["where"] for field in fields
    }


def predicate(
    read: Connect, argument: ArgumentValue | None, table: FromClause, grant: Grant
) -> ColumnElement[bool]:
    """The SQL of a filter: all its fields must hold; true without a filter.

    Raises InvalidInput for a null, which may be a mistake in the caller's code and must not widen a filter to everything, and
    for an empty list, which would narrow it to nothing.
    """
    if argument is None:
        return sa.true()
    if argument.value is None:
        raise unusable(_NULL, argument.steps)
    for name, value in argument.value.items():
        if value is None:
            raise unusable(_NULL, (*argument.steps, name))
        if value == []:
            raise unusable(_EMPTY, (*argument.steps, name))
    parts = {name: argument.part(name) for name in argument.value}
    filters = filters_of(read.filter_by)
    return sa.and_(
        sa.true(),
        *(filters[name].sql(table, part, grant) for name, part in parts.items() if part is not None),
    )


def order_input(noun: str, noun_zh: str, columns: Mapping[str, tuple[str, str, str]]) -> type:
    """An order over a noun: names of the order's fields -> (column, coordinate that guards it, description).

    Returns an input `<Noun>Order {field, direction}` with `order_columns` and `order_coordinates` by enum member.
    """
    fields = Enum(f"{noun}OrderField", {name: name for name in columns})  # type: ignore[misc]
    declare_enum(
        fields,
        f"{noun_zh}排序字段 What a list of {noun} can be ordered by",
        {name: description for name, (_, _, description) in columns.items()},
    )
    namespace = {
        "__annotations__": {"field": fields, "direction": OrderDirection},
        "field": strawberry.field(description="排序字段 By what the list is ordered"),
        "direction": strawberry.field(
            default=OrderDirection.ASC, description="排序方向 Which way; left out: ascending"
        ),
        "__doc__": f"How a list of {noun} is ordered.",
    }
    made: Any = strawberry.input(
        type(f"{noun}Order", (), namespace),
        description=f"{noun_zh}排序 The order of a list of {noun}; left out: the order that the list names",
    )
    made.order_columns = {fields[name]: column for name, (column, _, _) in columns.items()}
    made.order_coordinates = {name: coordinate for name, (_, coordinate, _) in columns.items()}
    order: type = made
    return order
