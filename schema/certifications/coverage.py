"""Whom the subsistence allowance of a household covers today, for a grant (46-2.3).

The household, or the member, is itself read in the same statement behind its own rule; so are the rows beside it.
"""

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from auth.grant import Grant
from hub.foundation.calendar import TODAY
from hub.policy.facts import persons
from hub.policy.facts.sight import beside


def covered_member(person: FromClause, grant: Grant) -> ColumnElement[bool]:
    """Whether a person is a present member of the household, and covered."""
    return sa.and_(persons.present(person), persons.covered(person, TODAY, beside(grant)))


def partly_covered(household: FromClause, grant: Grant) -> ColumnElement[bool]:
    """Whether some present members of a household are covered, and some are not."""
    return persons.partly_covered(household, TODAY, beside(grant))
