"""Some value of each type of input."""

from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from graphql import GraphQLEnumType, GraphQLInputObjectType, GraphQLNonNull, is_list_type

from schema.engine.declare.ids import encode

OF_ACCESS_RECORDS = {
    "id": encode("AccessRecord", [UUID(int=1)]),
    "household": encode("Household", [UUID(int=1)]),
    "subject": encode("Person", [UUID(int=1), UUID(int=2)]),
    "number": "0" * 64,
}
"""What of a question of access records has a form of its own."""


def sample_value(kind: Any) -> Any:
    """Some value of an input type."""
    if isinstance(kind, GraphQLNonNull):
        return sample_value(kind.of_type)
    if is_list_type(kind):
        return [sample_value(kind.of_type)]
    if isinstance(kind, GraphQLEnumType):
        value = next(iter(kind.values.values())).value
        return value.value if isinstance(value, Enum) else value
    if isinstance(kind, GraphQLInputObjectType):
        return {
            name: OF_ACCESS_RECORDS.get(name)
            if kind.name == "AccessRecordFilter" and name in OF_ACCESS_RECORDS
            else sample_value(field.type)
            for name, field in kind.fields.items()
        }
    days = {"Date": date(2026, 1, 1), "DateTime": datetime(2026, 1, 1, tzinfo=UTC)}
    return {"Boolean": True, "Int": 1, "Decimal": Decimal(1), **days}.get(kind.name, "4101")
