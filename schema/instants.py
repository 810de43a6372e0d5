"""Instants as clients read them: ISO 8601 in UTC with six digits, the same from Python and from the database."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
import strawberry
from graphql import GraphQLError
from sqlalchemy import ColumnElement

INSTANT = "%Y-%m-%dT%H:%M:%S.%fZ"
_PATTERN = sa.literal_column("""'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'""", sa.Text)


def instant_text(column: ColumnElement[Any]) -> ColumnElement[str]:
    """The text of an instant, in a session whose TimeZone is UTC."""
    return sa.func.to_char(column, _PATTERN)


def _serialize(value: datetime) -> str:
    return value.astimezone(UTC).strftime(INSTANT)


def _parse(value: object) -> datetime:
    """An instant with its offset; raises GraphQLError. Without an offset nobody knows which instant is meant."""
    try:
        instant = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        instant = None
    if instant is None or instant.tzinfo is None:
        raise GraphQLError("An instant is written as 2026-03-31T08:00:00+08:00, with its offset or Z.")
    return instant


INSTANTS: dict[object, Any] = {
    datetime: strawberry.scalar(
        name="DateTime",
        description="An instant: ISO 8601 with its offset; answered in UTC with six digits",
        serialize=_serialize,
        parse_value=_parse,
    )
}
"""Strawberry's scalar for `datetime`, for the schema's configuration."""
