"""The current version of a row, in tables that store every version."""

from datetime import datetime

from sqlalchemy import ColumnElement, FromClause


def current(versioned: FromClause) -> ColumnElement[bool]:
    """Whether the row is the current version."""
    return versioned.c.superseded_at.is_(None)


def is_replaced(superseded_at: datetime | None) -> bool:
    """Whether a later version replaced this row."""
    return superseded_at is not None
