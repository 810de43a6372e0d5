"""The facts of 46-2.3 beside a household, as SQL, each behind the rules of the rows that it rests on. The household itself
passed its own rule in the same statement."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from auth.grant import Grant
from hub.certifications.rules import COVERED_BY_MEMBER
from hub.foundation.calendar import TODAY
from hub.foundation.database import table_of
from hub.model.aid import AidKind, AidRecordRow, AidStatus
from hub.model.alerts import AlertRow, Finding
from hub.model.certifications import Category, CertificationRow
from hub.model.circumstances import CircumstanceKind, CircumstanceRow
from hub.model.persons import Health, Labour, PersonRow
from hub.policy.permissions.row_policies import visible

URGENT_FOR = 180
"""Days for which urgent help is a reason to visit; the office's own, as the policy names none."""

_certification, _person = table_of(CertificationRow), table_of(PersonRow)
_circumstance, _aid, _alert = table_of(CircumstanceRow), table_of(AidRecordRow), table_of(AlertRow)
_SUPPORTED = (Category.SUBSISTENCE_ALLOWANCE, Category.EXTREME_HARDSHIP)
_URGENT = (AidKind.TEMPORARY, AidKind.DISASTER)


def _some(of: FromClause, household: FromClause, grant: Grant, *conditions: Any) -> ColumnElement[bool]:
    """Whether a household has a row in sight that fulfils conditions."""
    own = sa.and_(of.c.household_id == household.c.id, visible(of, grant, household_seen=True))
    return sa.exists().where(own, *conditions).correlate_except(of)


def _covered(person: FromClause, grant: Grant, *categories: Category) -> ColumnElement[bool]:
    """Whether a person has one of some categories today, of its own or with the household as a whole."""
    one = _certification.alias()
    return (
        sa.exists()
        .where(
            one.c.household_id == person.c.household_id,
            sa.or_(one.c.person_id.is_(None), one.c.person_id == person.c.id),
            one.c.category.in_(categories), one.c.ended_on.is_(None),
            sa.or_(one.c.valid_until.is_(None), one.c.valid_until >= TODAY),
            visible(one, grant, household_seen=True),
        )
        .correlate_except(one)
    )  # fmt: skip


def _lasts(one: FromClause, *kinds: CircumstanceKind) -> ColumnElement[bool]:
    return sa.and_(one.c.kind.in_(kinds), sa.or_(one.c.until.is_(None), one.c.until >= TODAY))


def disabled_outside(household: FromClause, grant: Grant) -> ColumnElement[bool]:
    """A present member registered as disabled, without subsistence allowance and extreme hardship support."""
    member = _person.alias()
    outside = sa.not_(_covered(member, grant, *_SUPPORTED))
    disabled = member.c.disability_grade.is_not(None)
    return _some(member, household, grant, member.c.left_on.is_(None), disabled, outside)


def certified_disabled_outside(household: FromClause, grant: Grant) -> ColumnElement[bool]:
    """The same of one whom the disabled persons' federation knows."""
    member, one = _person.alias(), _circumstance.alias()
    outside = sa.not_(_covered(member, grant, *_SUPPORTED))
    known = _some(
        one, household, grant, one.c.person_id == member.c.id, _lasts(one, CircumstanceKind.DISABILITY)
    )
    return _some(member, household, grant, member.c.left_on.is_(None), known, outside)


def partly_covered(household: FromClause, grant: Grant) -> ColumnElement[bool]:
    """Some present members have the subsistence allowance, and some have not (非整户保)."""
    inside, outside = _person.alias(), _person.alias()
    return sa.and_(
        _some(inside, household, grant, inside.c.left_on.is_(None), _covered(inside, grant, COVERED_BY_MEMBER)),
        _some(
            outside, household, grant, outside.c.left_on.is_(None),
            sa.not_(_covered(outside, grant, COVERED_BY_MEMBER)),
        ),
    )  # fmt: skip


def little_labour(household: FromClause, grant: Grant) -> ColumnElement[bool]:
    """There are present members, and it is known of each that it has no or weak ability to work."""
    somebody, able = _person.alias(), _person.alias()
    full = sa.or_(able.c.labour.is_(None), able.c.labour == Labour.FULL)
    return sa.and_(
        _some(somebody, household, grant, somebody.c.left_on.is_(None)),
        sa.not_(_some(able, household, grant, able.c.left_on.is_(None), full)),
    )


def ill(household: FromClause, grant: Grant) -> ColumnElement[bool]:
    """A present member registered with serious or chronic illness."""
    member = _person.alias()
    sick = member.c.health.in_((Health.SERIOUS, Health.CHRONIC))
    return _some(member, household, grant, member.c.left_on.is_(None), sick)


def reported_ill(household: FromClause, grant: Grant) -> ColumnElement[bool]:
    """Serious or chronic illness in a registry that the grant reads."""
    one = _circumstance.alias()
    kinds = CircumstanceKind.SERIOUS_ILLNESS, CircumstanceKind.CHRONIC_ILLNESS
    return _some(one, household, grant, _lasts(one, *kinds))


def struck(household: FromClause, grant: Grant) -> ColumnElement[bool]:
    """Struck by a disaster that lasts."""
    one = _circumstance.alias()
    return _some(one, household, grant, _lasts(one, CircumstanceKind.DISASTER))


def helped_urgently(household: FromClause, grant: Grant) -> ColumnElement[bool]:
    """Urgent or disaster aid decided within six months."""
    one = _aid.alias()
    counts = sa.and_(one.c.superseded_at.is_(None), one.c.status != AidStatus.REVOKED)
    recent = one.c.decided_on >= TODAY - sa.literal_column(str(URGENT_FOR), sa.Integer)
    return _some(one, household, grant, one.c.kind.in_(_URGENT), counts, recent)


def found_on_the_spot(household: FromClause, grant: Grant) -> ColumnElement[bool]:
    """An alert that an agency raised on the spot, and that is not closed."""
    one = _alert.alias()
    return _some(one, household, grant, one.c.finding == Finding.FOUND_ON_THE_SPOT, one.c.closed_at.is_(None))
