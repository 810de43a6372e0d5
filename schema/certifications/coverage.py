"""非整户保: whom the subsistence allowance of a household covers, and whether that is only some of them (46-2.3).

The household, or the member, is itself read in the same statement behind its own rule; so are the rows beside it.
"""

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from auth.grant import Grant
from hub.certifications.rules import COVERED_BY_MEMBER
from hub.foundation.calendar import TODAY
from hub.foundation.database import table_of
from hub.model.certifications import CertificationRow
from hub.model.persons import PersonRow
from hub.policy.permissions.row_policies import visible

_certification = table_of(CertificationRow)
_person = table_of(PersonRow)


def standing(certification: FromClause) -> ColumnElement[bool]:
    """A certification that stands today."""
    return sa.and_(
        certification.c.ended_on.is_(None),
        sa.or_(certification.c.valid_until.is_(None), certification.c.valid_until >= TODAY),
    )


def covered(person: FromClause, grant: Grant) -> ColumnElement[bool]:
    """Whether a person has the allowance today: of its own, or with the household as a whole."""
    one = _certification.alias()
    return sa.exists().where(
        one.c.household_id == person.c.household_id,
        sa.or_(one.c.person_id.is_(None), one.c.person_id == person.c.id),
        one.c.category == COVERED_BY_MEMBER,
        standing(one),
        visible(one, grant, household_seen=True),
    )


def covered_member(person: FromClause, grant: Grant) -> ColumnElement[bool]:
    """Whether a person is a present member of the household, and covered."""
    return sa.and_(person.c.left_on.is_(None), covered(person, grant))


def partly_covered(household: FromClause, grant: Grant) -> ColumnElement[bool]:
    """Whether some present members of a household are covered, and some are not."""

    def some(of: ColumnElement[bool], member: FromClause) -> ColumnElement[bool]:
        present = sa.and_(member.c.household_id == household.c.id, member.c.left_on.is_(None))
        return sa.exists().where(present, of, visible(member, grant, household_seen=True))

    inside, outside = _person.alias(), _person.alias()
    return sa.and_(some(covered(inside, grant), inside), some(sa.not_(covered(outside, grant)), outside))
