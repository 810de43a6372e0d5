"""A value of each input type, for SQL that is built and never run."""

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLNonNull, is_list_type

from schema.engine.declare.ids import encode

_IDS = {
    "id": encode("AccessRecord", [UUID(int=1)]),
    "household": encode("Household", [UUID(int=1)]),
    "person": encode("Person", [UUID(int=1), UUID(int=2)]),
    "subject": encode("Person", [UUID(int=1), UUID(int=2)]),
    "number": "0" * 64,
}
"""Values with a form of their own, by the names of filter fields."""


def sample_value(kind: Any) -> Any:
    """A value of an input type."""
    if isinstance(kind, GraphQLNonNull):
        return sample_value(kind.of_type)
    if is_list_type(kind):
        return [sample_value(kind.of_type)]
    if isinstance(kind, GraphQLEnumType):
        value = next(iter(kind.values.values())).value
        return value.value if isinstance(value, Enum) else value
    if isinstance(kind, GraphQLInputObjectType):
        return {
            name: _IDS[name] if name in _IDS and field.type is not kind else sample_value(field.type)
            for name, field in kind.fields.items()
        }
    instant = datetime(2026, 1, 1, tzinfo=UTC)
    some = {"Boolean": True, "Int": 1, "Date": date(2026, 1, 1), "DateTime": instant, "Decimal": Decimal(1)}
    return some.get(kind.name, "4101")
