"""The facts of 46-2.3 for a household, as SQL. Each fact applies the row rules of the tables that it reads. The outer
statement has checked the household itself."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from auth.grant import Grant
from hub.foundation.calendar import TODAY
from hub.foundation.database import table_of
from hub.model.aid import AidKind, AidRecordRow
from hub.model.alerts import AlertRow, Finding
from hub.model.circumstances import CircumstanceKind, CircumstanceRow
from hub.policy.facts.aid import counts, decided_since
from hub.policy.facts.alerts import not_closed
from hub.policy.facts.certifications import SUPPORTED, covers
from hub.policy.facts.circumstances import is_reported, reports
from hub.policy.facts.conditions import disabled, ill
from hub.policy.facts.labour import without_labour
from hub.policy.facts.persons import partly_covered as is_partly_covered
from hub.policy.facts.persons import some_member
from hub.policy.facts.sight import beside

URGENT_FOR = 180
"""The number of days for which urgent help is a reason to visit. The policy gives no number; this one is the office's own."""

_circumstance, _aid, _alert = table_of(CircumstanceRow), table_of(AidRecordRow), table_of(AlertRow)
URGENT = (AidKind.TEMPORARY, AidKind.DISASTER)
"""The kinds of urgent help (46-3.3, 46-3.2.5)."""


def _has_row(of: FromClause, household: FromClause, grant: Grant, *conditions: Any) -> ColumnElement[bool]:
    """Whether a household has a visible row that meets conditions."""
    own = sa.and_(of.c.household_id == household.c.id, beside(grant)(of))
    return sa.exists().where(own, *conditions).correlate_except(of)


def disabled_not_covered(household: FromClause, grant: Grant) -> ColumnElement[bool]:
    """A present member is registered as disabled, and has neither subsistence allowance nor extreme hardship support."""
    return some_member(
        household, None, beside(grant), lambda row: sa.and_(disabled(row), _unsupported(row, grant))
    )


def certified_disabled_not_covered(household: FromClause, grant: Grant) -> ColumnElement[bool]:
    """The same for a member with a certificate of the disabled persons' federation."""

    def known(member: FromClause) -> ColumnElement[bool]:
        return is_reported(member, TODAY, beside(grant), CircumstanceKind.DISABILITY)

    return some_member(
        household, None, beside(grant), lambda row: sa.and_(known(row), _unsupported(row, grant))
    )


def _unsupported(member: FromClause, grant: Grant) -> ColumnElement[bool]:
    return sa.not_(covers(member, TODAY, beside(grant), *SUPPORTED))


def partly_covered(household: FromClause, grant: Grant) -> ColumnElement[bool]:
    """Some present members have the subsistence allowance, and others do not (非整户保)."""
    return is_partly_covered(household, TODAY, beside(grant))


def little_labour(household: FromClause, grant: Grant) -> ColumnElement[bool]:
    """Every present member is known to have no or weak ability to work."""
    return without_labour(household, None, beside(grant))


def registered_ill(household: FromClause, grant: Grant) -> ColumnElement[bool]:
    """A present member registered with serious or chronic illness."""
    return some_member(household, None, beside(grant), ill)


def reported_ill(household: FromClause, grant: Grant) -> ColumnElement[bool]:
    """A report of serious or chronic illness in a registry that the grant reads."""
    circumstance = _circumstance.alias()
    kinds = CircumstanceKind.SERIOUS_ILLNESS, CircumstanceKind.CHRONIC_ILLNESS
    return _has_row(circumstance, household, grant, reports(circumstance, TODAY, *kinds))


def struck(household: FromClause, grant: Grant) -> ColumnElement[bool]:
    """A disaster that still lasts."""
    circumstance = _circumstance.alias()
    return _has_row(circumstance, household, grant, reports(circumstance, TODAY, CircumstanceKind.DISASTER))


def helped_urgently(household: FromClause, grant: Grant) -> ColumnElement[bool]:
    """Urgent or disaster aid decided within six months."""
    aid = _aid.alias()
    recent = decided_since(aid, TODAY - sa.literal_column(str(URGENT_FOR), sa.Integer))
    return _has_row(aid, household, grant, aid.c.kind.in_(URGENT), counts(aid), recent)


def found_on_the_spot(household: FromClause, grant: Grant) -> ColumnElement[bool]:
    """An open alert that an agency raised."""
    alert = _alert.alias()
    return _has_row(alert, household, grant, alert.c.finding == Finding.FOUND_ON_THE_SPOT, not_closed(alert))
