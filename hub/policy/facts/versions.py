"""Which version of a row stands, of the tables that keep every version."""

from sqlalchemy import ColumnElement, FromClause


def current(versioned: FromClause) -> ColumnElement[bool]:
    """Whether it is the version that stands."""
    return versioned.c.superseded_at.is_(None)
