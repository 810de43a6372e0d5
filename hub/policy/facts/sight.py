"""Which rows a fact reads: the rows that a grant may see, or all rows."""

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from auth.grant import Grant
from hub.policy.permissions.row_policies import visible

Condition = Callable[[FromClause], ColumnElement[bool]]
"""A condition on the rows of a table."""
Seen = Condition
"""The condition that selects the rows to read."""


def everything(_table: FromClause) -> ColumnElement[bool]:
    """All rows, for computations of the hub itself."""
    return sa.true()


def beside(grant: Grant) -> Seen:
    """The visible rows of a household; the same statement applies the household's own row rule."""
    return lambda table: visible(table, grant, household_seen=True)
