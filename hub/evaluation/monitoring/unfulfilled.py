"""Aid that is due and was not granted (46-3), or not in time (46-3.1, 46-2.1)."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select

from hub.evaluation.entitlements.rules import RULE_BY_CODE
from hub.evaluation.entitlements.windows import twelve_months
from hub.evaluation.monitoring.absent import EMPLOYMENT, absences, needs_of
from hub.evaluation.monitoring.household_part import (
    AID,
    DAY,
    DEATHS,
    HOUSEHOLD,
    PERSON,
    Condition,
    Conditions,
    facts,
    helped,
    in_part,
    living_of_part,
    reported,
)
from hub.foundation.calendar import beginning_of, years_before
from hub.foundation.database import table_of
from hub.model.aid import AidKind, BasicLivingDetailRow
from hub.model.alerts import Finding
from hub.model.circumstances import CircumstanceKind
from hub.model.referrals import ReferralRow
from hub.policy.facts.aid import begins_within, counts, meets, paid_in_time
from hub.policy.facts.certifications import certified, covers
from hub.policy.facts.labour import households_of_zero_employment
from hub.policy.facts.lines import above_every_line
from hub.policy.facts.persons import living
from hub.policy.facts.referrals import overdue
from hub.policy.facts.sight import everything
from hub.policy.permissions import aid_scopes
from hub.policy.permissions.field_scopes import CERTIFICATION as FIELDS_OF_CERTIFICATION
from hub.policy.permissions.field_scopes import HOUSEHOLD as FIELDS_OF_HOUSEHOLD
from hub.policy.permissions.field_scopes import PERSON as FIELDS_OF_PERSON
from hub.policy.permissions.field_scopes import REFERRAL as FIELDS_OF_REFERRAL

_basic = table_of(BasicLivingDetailRow)
_referral = table_of(ReferralRow)
_MONTH = "YYYY-MM"


def _written(day: ColumnElement[Any], form: str) -> ColumnElement[str]:
    return sa.func.to_char(day, form)


def unemployed_without_aid() -> Select[Any]:
    """46-3.2.4: certified members who are entitled to employment aid and got none within twelve months. Also registered
    unemployed people without such aid whose household is in another category, or in no category and not above every line."""
    row, is_report = reported(CircumstanceKind.REGISTERED_UNEMPLOYED)
    person, aid = PERSON.alias(), AID.alias()
    of_kind = sa.and_(aid.c.kind == AidKind.EMPLOYMENT, meets(aid, *twelve_months(DAY)))
    others = (
        facts(row.c.household_id, row.c.person_id)
        .join_from(
            row, person, sa.and_(person.c.household_id == row.c.household_id, person.c.id == row.c.person_id)
        )
        .where(
            is_report,
            living(person, DAY, everything),
            sa.not_(covers(person, DAY, everything, *RULE_BY_CODE[EMPLOYMENT.rule].categories)),
            _low_income(row.c.household_id),
            sa.not_(helped(row.c.household_id, row.c.person_id, of_kind, aid=aid)),
        )
    )
    return sa.select(sa.union(absences(EMPLOYMENT), others).subquery())


def _low_income(household_id: ColumnElement[Any]) -> ColumnElement[bool]:
    """Whether a household is in a category, or its income is not known to be above every line of its county."""
    household = HOUSEHOLD.alias()
    above = (
        sa.exists()
        .where(household.c.id == household_id, above_every_line(household, DAY))
        .correlate_except(household)
    )
    return sa.or_(certified(household_id, None, DAY, everything), sa.not_(above))


def zero_employment() -> Select[Any]:
    """46-3.2.4: a household with members who could work, none of whom works (确保零就业家庭动态“清零”). It is found as long
    as this lasts, with or without aid."""
    row = households_of_zero_employment(DAY, living_of_part).subquery()
    return facts(row.c.household_id, None).where(_low_income(row.c.household_id))


def allowance_late() -> Select[Any]:
    """46-3.1: an allowance of the last twelve months that was paid late or is not paid yet."""
    aid = AID.alias()
    late = paid_in_time(aid, DAY).is_(sa.false())
    return (
        facts(aid.c.household_id, aid.c.person_id, _written(aid.c.period_from, _MONTH))
        .distinct()
        .where(
            in_part(aid.c.household_id),
            counts(aid),
            aid.c.kind == AidKind.BASIC_LIVING,
            late,
            begins_within(aid, years_before(DAY, 1), DAY),
        )
    )


def referral_overdue() -> Select[Any]:
    """46-2.1: an open referral whose deadline has passed at the beginning of the day in China."""
    referral = _referral.alias()
    return facts(referral.c.household_id, referral.c.person_id, sa.cast(referral.c.id, sa.Text)).where(
        in_part(referral.c.household_id), overdue(referral, beginning_of(DAY))
    )


_INCOME = sorted(FIELDS_OF_HOUSEHOLD["incomePerCapita"][0])
_CERTIFIED, _PAID = FIELDS_OF_CERTIFICATION.only("category"), aid_scopes.read_scope(AidKind.BASIC_LIVING)

CONDITIONS: Conditions = {
    Finding.UNEMPLOYED_WITHOUT_AID: Condition(
        unemployed_without_aid, (*needs_of(EMPLOYMENT), *_INCOME), by_entitlements=True
    ),
    Finding.ZERO_EMPLOYMENT: Condition(
        zero_employment, (FIELDS_OF_PERSON.only("employment"), _CERTIFIED, DEATHS, *_INCOME)
    ),
    Finding.ALLOWANCE_LATE: Condition(allowance_late, (_CERTIFIED, _PAID)),
    Finding.REFERRAL_OVERDUE: Condition(referral_overdue, (FIELDS_OF_REFERRAL.only("need"),)),
}
