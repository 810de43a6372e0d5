"""Aid that is due and was not given (46-3), or not in time (46-3.1, 46-2.1)."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, Select

from hub.aid.supplements import REGISTRIES
from hub.evaluation.entitlements.windows import calendar_year, twelve_months
from hub.evaluation.monitoring.household_part import (
    AID,
    CERTIFICATION,
    DAY,
    PERSON,
    Condition,
    Conditions,
    facts,
    helped,
    in_part,
    of_part,
    reported,
)
from hub.foundation.calendar import beginning_of, years_before
from hub.foundation.database import table_of
from hub.model.agencies import Department
from hub.model.aid import AidKind, BasicLivingDetailRow, MedicalDetailRow
from hub.model.alerts import Finding
from hub.model.certifications import Category
from hub.model.circumstances import CircumstanceKind
from hub.model.referrals import ReferralRow
from hub.policy.facts.aid import counts, meets, month_due, paid_in_time
from hub.policy.facts.certifications import began_before, certified
from hub.policy.facts.labour import households_of_zero_employment
from hub.policy.facts.persons import present
from hub.policy.facts.referrals import overdue
from hub.policy.facts.school_years import school_year
from hub.policy.facts.sight import everything
from hub.policy.facts.subjects import concerns
from hub.policy.facts.supplements import supplemented
from hub.policy.permissions import aid_scopes
from hub.policy.permissions.field_scopes import CERTIFICATION as FIELDS_OF_CERTIFICATION
from hub.policy.permissions.field_scopes import PERSON as FIELDS_OF_PERSON
from hub.policy.permissions.field_scopes import REFERRAL as FIELDS_OF_REFERRAL
from hub.policy.permissions.registry_scopes import read_scope

_basic, _medical = table_of(BasicLivingDetailRow), table_of(MedicalDetailRow)
_referral = table_of(ReferralRow)
_YEAR, _MONTH = "YYYY", "YYYY-MM"


def _written(day: ColumnElement[Any], form: str) -> ColumnElement[str]:
    return sa.func.to_char(day, form)


def _without(
    kind: CircumstanceKind, aid_kind: AidKind, window: Any, evidence: ColumnElement[str] | None
) -> Select[Any]:
    """Persons with a circumstance and without aid of a kind in a window."""
    row, is_report = reported(kind)
    person, aid = PERSON.alias(), AID.alias()
    of_kind = sa.and_(aid.c.kind == aid_kind, meets(aid, *window))
    return (
        facts(row.c.household_id, row.c.person_id, evidence)
        .distinct()
        .join_from(
            row, person, sa.and_(person.c.household_id == row.c.household_id, person.c.id == row.c.person_id)
        )
        .where(
            is_report,
            present(person, DAY),
            sa.not_(helped(row.c.household_id, row.c.person_id, of_kind, aid=aid)),
        )
    )


def students_without_aid() -> Select[Any]:
    """46-3.2.2: hardship students without education aid this school year."""
    window = school_year(DAY)
    return _without(CircumstanceKind.HARDSHIP_STUDENT, AidKind.EDUCATION, window, _written(window[0], _YEAR))


def unemployed_without_aid() -> Select[Any]:
    """46-3.2.4: registered unemployed without employment aid within twelve months."""
    return _without(CircumstanceKind.REGISTERED_UNEMPLOYED, AidKind.EMPLOYMENT, twelve_months(DAY), None)


def zero_employment() -> Select[Any]:
    """46-3.2.4: a household with members who could work, none of whom works."""
    row = households_of_zero_employment(DAY, of_part).subquery()
    return facts(row.c.household_id, None)


def premium_not_in_full() -> Select[Any]:
    """46-3.2.1: persons in extreme hardship at the beginning of the year whose premium was not subsidised in full."""
    certification, aid, detail = CERTIFICATION.alias(), AID.alias(), _medical.alias()
    window = calendar_year(DAY)
    in_full = (
        sa.exists()
        .where(
            aid.c.household_id == certification.c.household_id,
            aid.c.person_id == certification.c.person_id,
            counts(aid),
            aid.c.kind == AidKind.MEDICAL,
            meets(aid, *window),
            detail.c.household_id == aid.c.household_id,
            detail.c.id == aid.c.id,
            detail.c.version == aid.c.version,
            detail.c.premium_in_full.is_(True),
        )
        .correlate_except(aid, detail)
    )
    return (
        facts(certification.c.household_id, certification.c.person_id, _written(window[0], _YEAR))
        .distinct()
        .where(
            in_part(certification.c.household_id),
            certification.c.category == Category.EXTREME_HARDSHIP,
            began_before(certification, window[0]),
            certified(
                certification.c.household_id,
                certification.c.person_id,
                DAY,
                everything,
                Category.EXTREME_HARDSHIP,
            ),
            sa.not_(in_full),
        )
    )


def supplement_missing() -> Select[Any]:
    """46-3.1: a monthly allowance without the supplement, paid for a person or a household that is entitled to it."""
    aid, detail, person = AID.alias(), _basic.alias(), PERSON.alias()
    month = month_due(DAY)
    somebody = (
        sa.exists()
        .where(
            person.c.household_id == aid.c.household_id,
            concerns(aid, person.c.id),
            present(person, DAY),
            supplemented(person, month[0]),
        )
        .correlate_except(person)
    )
    return (
        facts(aid.c.household_id, aid.c.person_id, _written(month[0], _MONTH))
        .distinct()
        .join_from(
            aid,
            detail,
            sa.and_(
                detail.c.household_id == aid.c.household_id,
                detail.c.id == aid.c.id,
                detail.c.version == aid.c.version,
            ),
        )
        .where(
            in_part(aid.c.household_id),
            counts(aid),
            aid.c.kind == AidKind.BASIC_LIVING,
            meets(aid, *month),
            detail.c.form == "SUBSISTENCE_ALLOWANCE",
            sa.func.coalesce(detail.c.month_supplement, 0) == 0,
            somebody,
        )
    )


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
            aid.c.period_from >= years_before(DAY, 1),
            aid.c.period_from <= DAY,
        )
    )


def referral_overdue() -> Select[Any]:
    """46-2.1: an open referral whose deadline has passed at the beginning of the day in China."""
    referral = _referral.alias()
    return facts(referral.c.household_id, referral.c.person_id, sa.cast(referral.c.id, sa.Text)).where(
        in_part(referral.c.household_id), overdue(referral, beginning_of(DAY))
    )


_CERTIFIED, _PAID = FIELDS_OF_CERTIFICATION.only("category"), aid_scopes.read_scope(AidKind.BASIC_LIVING)

CONDITIONS: Conditions = {
    Finding.STUDENT_WITHOUT_AID: Condition(students_without_aid, (read_scope(Department.EDUCATION),)),
    Finding.UNEMPLOYED_WITHOUT_AID: Condition(
        unemployed_without_aid, (read_scope(Department.HUMAN_RESOURCES),)
    ),
    Finding.ZERO_EMPLOYMENT: Condition(zero_employment, (FIELDS_OF_PERSON.only("employment"),)),
    Finding.PREMIUM_NOT_IN_FULL: Condition(
        premium_not_in_full, (_CERTIFIED, aid_scopes.read_scope(AidKind.MEDICAL))
    ),
    Finding.SUPPLEMENT_MISSING: Condition(
        supplement_missing,
        (
            _CERTIFIED,
            _PAID,
            *map(FIELDS_OF_PERSON.only, ("health", "disabilityGrade", "educationStage")),
            *map(read_scope, REGISTRIES),
        ),
    ),
    Finding.ALLOWANCE_LATE: Condition(allowance_late, (_CERTIFIED, _PAID)),
    Finding.REFERRAL_OVERDUE: Condition(referral_overdue, (FIELDS_OF_REFERRAL.only("need"),)),
}
