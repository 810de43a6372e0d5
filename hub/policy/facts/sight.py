"""Which rows a fact reads: those that a grant may see, or all."""

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
    """The visible rows of a household that the same statement reads by its own row rule."""
    return lambda table: visible(table, grant, household_seen=True)
