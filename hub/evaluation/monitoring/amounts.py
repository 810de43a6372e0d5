"""Payments compared with the certified amounts: more or less than certified, and supplements that are not paid in full
(46-3.1, 46-4.3: 按时足额)."""

from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select

from hub.aid.supplements import REGISTRIES, YUAN_A_MONTH
from hub.evaluation.monitoring.household_part import (
    AID,
    CERTIFICATION,
    DAY,
    DEATHS,
    PERSON,
    Condition,
    Conditions,
    facts,
    in_part,
)
from hub.foundation.calendar import years_before
from hub.foundation.database import table_of
from hub.model.aid import AidKind, BasicLivingDetailRow, BasicLivingForm
from hub.model.alerts import Finding
from hub.model.certifications import Category
from hub.policy.facts.aid import begins_within, counts, meets, month_due, months_of, paid
from hub.policy.facts.certifications import in_force_in_month
from hub.policy.facts.persons import present
from hub.policy.facts.subjects import concerns
from hub.policy.facts.supplements import supplemented
from hub.policy.permissions.aid_scopes import read_scope as read_scope_of_kind
from hub.policy.permissions.field_scopes import CERTIFICATION as FIELDS_OF_CERTIFICATION
from hub.policy.permissions.field_scopes import PERSON as FIELDS_OF_PERSON
from hub.policy.permissions.registry_scopes import read_scope

_basic = table_of(BasicLivingDetailRow)
_MONTH = "YYYY-MM"
_FORM_OF = (
    (Category.SUBSISTENCE_ALLOWANCE, BasicLivingForm.SUBSISTENCE_ALLOWANCE),
    (Category.EXTREME_HARDSHIP, BasicLivingForm.EXTREME_HARDSHIP_SUPPORT),
)


def supplement_missing() -> Select[Any]:
    """46-3.1, 每人每月增发100元: a monthly allowance with less than 100 yuan for each entitled person that it covers."""
    aid, detail, person = AID.alias(), _basic.alias(), PERSON.alias()
    month = month_due(DAY)
    entitled = (
        sa.select(sa.func.count())
        .select_from(person)
        .where(
            person.c.household_id == aid.c.household_id,
            concerns(aid, person.c.id),
            present(person, DAY),
            supplemented(person, month[0]),
        )
        .correlate_except(person)
        .scalar_subquery()
    )
    return (
        facts(aid.c.household_id, aid.c.person_id, sa.func.to_char(month[0], _MONTH))
        .distinct()
        .join_from(aid, detail, _of(detail, aid))
        .where(
            in_part(aid.c.household_id),
            counts(aid),
            aid.c.kind == AidKind.BASIC_LIVING,
            meets(aid, *month),
            detail.c.form == BasicLivingForm.SUBSISTENCE_ALLOWANCE,
            sa.func.coalesce(detail.c.month_supplement, 0) < YUAN_A_MONTH * entitled,
        )
    )


def amount_differs() -> Select[Any]:
    """46-4.3, 足额发放: a month of the last twelve in which a certification with an amount is in force, but none with the
    paid amount. Several payments of one period are added up. For a period of several months the certified amount is
    multiplied by the months."""
    every = sa.union(*(_differing(category, form) for category, form in _FORM_OF)).subquery()
    return sa.select(every)


def _differing(category: Category, form: BasicLivingForm) -> Select[Any]:
    aid, detail = AID.alias(), _basic.alias()
    payment = (
        sa.select(
            aid.c.household_id,
            aid.c.person_id,
            aid.c.period_from,
            months_of(aid).label("months"),
            sa.func.sum(aid.c.amount).label("yuan"),
        )
        .join_from(aid, detail, _of(detail, aid))
        .where(
            in_part(aid.c.household_id),
            counts(aid),
            paid(aid),
            aid.c.kind == AidKind.BASIC_LIVING,
            detail.c.form == form,
            begins_within(aid, years_before(DAY, 1), DAY),
        )
        .group_by(aid.c.household_id, aid.c.person_id, aid.c.period_from, aid.c.period_until)
        .subquery()
    )
    month = sa.cast(sa.func.date_trunc("month", sa.cast(payment.c.period_from, sa.TIMESTAMP)), sa.Date)
    return facts(
        payment.c.household_id, payment.c.person_id, sa.func.to_char(payment.c.period_from, _MONTH)
    ).where(
        _certified(payment, category, month),
        sa.not_(_certified(payment, category, month, payment.c.yuan)),
    )


def _certified(
    payment: FromClause,
    category: Category,
    month: ColumnElement[date],
    yuan: ColumnElement[Any] | None = None,
) -> ColumnElement[bool]:
    """Whether the subject has a certification in force in a month, with any amount (`yuan` None) or with the paid amount."""
    certification = CERTIFICATION.alias()
    amount = certification.c.certified_amount
    return (
        sa.exists()
        .where(
            certification.c.household_id == payment.c.household_id,
            certification.c.person_id.is_not_distinct_from(payment.c.person_id),
            certification.c.category == category,
            in_force_in_month(certification, month),
            amount.is_not(None) if yuan is None else amount * payment.c.months == yuan,
        )
        .correlate_except(certification)
    )


def _of(detail: FromClause, aid: FromClause) -> ColumnElement[bool]:
    return sa.and_(*(detail.c[name] == aid.c[name] for name in ("household_id", "id", "version")))


_CERTIFIED, _PAID = FIELDS_OF_CERTIFICATION.only("category"), read_scope_of_kind(AidKind.BASIC_LIVING)

CONDITIONS: Conditions = {
    Finding.SUPPLEMENT_MISSING: Condition(
        supplement_missing,
        (
            _CERTIFIED,
            _PAID,
            DEATHS,
            *map(FIELDS_OF_PERSON.only, ("health", "disabilityGrade", "educationStage")),
            *map(read_scope, REGISTRIES),
        ),
    ),
    Finding.AMOUNT_DIFFERS: Condition(amount_differs, (_CERTIFIED, _PAID)),
}
