"""The current version of a row, in tables that keep every version."""

from sqlalchemy import ColumnElement, FromClause


def current(versioned: FromClause) -> ColumnElement[bool]:
    """Whether the row is the current version."""
    return versioned.c.superseded_at.is_(None)
