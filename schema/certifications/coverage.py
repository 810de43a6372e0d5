"""The members that the subsistence allowance covers today, for a grant (46-2.3).

The same statement reads the household or the member by its own row rule, and the other rows by theirs.
"""

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from auth.grant import Grant
from hub.foundation.calendar import TODAY
from hub.policy.facts import persons
from hub.policy.facts.sight import beside


def covered_member(person: FromClause, grant: Grant) -> ColumnElement[bool]:
    """Whether a person is a present and covered member of the household."""
    return sa.and_(persons.present(person), persons.covered(person, TODAY, beside(grant)))


def partly_covered(household: FromClause, grant: Grant) -> ColumnElement[bool]:
    """Whether some present members of a household are covered and others are not."""
    return persons.partly_covered(household, TODAY, beside(grant))
