"""Instants as clients read them: ISO 8601 in UTC with six decimals, in the same form from Python and from the database."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

INSTANT = "%Y-%m-%dT%H:%M:%S.%fZ"
_PATTERN = sa.literal_column("""'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'""", sa.Text)


def instant_text(column: ColumnElement[Any]) -> ColumnElement[str]:
    """The text of an instant, in a session whose TimeZone is UTC."""
    return sa.func.to_char(column, _PATTERN)
