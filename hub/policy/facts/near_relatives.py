"""When a near-relative declaration is in force, defined once."""

from datetime import date

from sqlalchemy import ColumnElement, FromClause


def in_force(declaration: FromClause) -> ColumnElement[bool]:
    """Whether a declaration was not withdrawn (46-4.3)."""
    return declaration.c.ended_on.is_(None)


def has_ended(ended_on: date | None) -> bool:
    """Whether one declaration was withdrawn."""
    return ended_on is not None
