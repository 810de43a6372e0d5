"""Which rows a fact looks at: those that a grant may see, or all of them."""

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

Seen = Callable[[FromClause], ColumnElement[bool]]
"""The condition of the rows of a table that are looked at."""


def everything(_table: FromClause) -> ColumnElement[bool]:
    """All rows: for what the hub reckons for itself."""
    return sa.true()
