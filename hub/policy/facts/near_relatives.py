"""When a near-relative declaration is in force, defined once."""

from sqlalchemy import ColumnElement, FromClause


def in_force(declaration: FromClause) -> ColumnElement[bool]:
    """Whether a declaration was not withdrawn (46-4.3)."""
    return declaration.c.ended_on.is_(None)
