"""Which rows a fact looks at: those that a grant may see, or all of them."""

from collections.abc import Callable

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from auth.grant import Grant
from hub.policy.permissions.row_policies import visible

Condition = Callable[[FromClause], ColumnElement[bool]]
"""A condition of the rows of a table."""
Seen = Condition
"""The condition of the rows of a table that are looked at."""


def everything(_table: FromClause) -> ColumnElement[bool]:
    """All rows: for what the hub reckons for itself."""
    return sa.true()


def beside(grant: Grant) -> Seen:
    """The rows in sight of a household that is itself read in the same statement, behind its own rule."""
    return lambda table: visible(table, grant, household_seen=True)
