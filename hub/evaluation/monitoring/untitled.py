"""Aid without a certification or a fact that justifies it, and urgent aid whose documents were never supplied (46-2.4,
46-3.3, 46-4.3)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select

from hub.evaluation.monitoring.household_part import AID, DAY, PERSON, Condition, Conditions, facts, in_part
from hub.foundation.calendar import years_before
from hub.foundation.database import table_of
from hub.model.agencies import Department
from hub.model.aid import DETAIL_OF, AidKind, BasicLivingForm, OtherForm
from hub.model.alerts import Finding
from hub.model.certifications import Category
from hub.model.circumstances import CircumstanceKind
from hub.policy.facts.aid import begins_within, counts, last_month_by, papers_overdue
from hub.policy.facts.certifications import SUPPORTED_BY_EVENT, certified, in_force_between, in_force_in_month
from hub.policy.facts.circumstances import is_reported
from hub.policy.facts.conditions import disabled
from hub.policy.facts.sight import everything
from hub.policy.permissions.aid_scopes import read_scope as read_scope_of_kind
from hub.policy.permissions.field_scopes import CERTIFICATION as FIELDS_OF_CERTIFICATION
from hub.policy.permissions.field_scopes import PERSON as FIELDS_OF_PERSON
from hub.policy.permissions.registry_scopes import read_scope

_SA, _EH = Category.SUBSISTENCE_ALLOWANCE, Category.EXTREME_HARDSHIP


@dataclass(frozen=True, slots=True)
class Title:
    """What justifies aid of some forms of a kind: a certification in one of the `categories` on a day of its period
    (`monthly`: also in the last month of the period until today), and with `of_disabled` a known disability."""

    kind: AidKind
    forms: tuple[StrEnum, ...]
    categories: tuple[Category, ...]
    monthly: bool = False
    of_disabled: bool = False


TITLES: tuple[Title, ...] = (
    Title(AidKind.BASIC_LIVING, (BasicLivingForm.SUBSISTENCE_ALLOWANCE,), (_SA,), monthly=True),
    Title(AidKind.BASIC_LIVING, (BasicLivingForm.EXTREME_HARDSHIP_SUPPORT,), (_EH,), monthly=True),
    Title(AidKind.OTHER, (OtherForm.HEATING, OtherForm.ELECTRICITY, OtherForm.WATER, OtherForm.GAS), SUPPORTED_BY_EVENT),
    Title(AidKind.OTHER, (OtherForm.DISABILITY_LIVING, OtherForm.CHILD_REHABILITATION, OtherForm.BARRIER_FREE), (),
          of_disabled=True),
)  # fmt: skip
"""46-3.1, 46-3.5. Other aid may go to other people too (public rental), on a condition of its department, or in any trouble."""


def aid_without_title() -> Select[Any]:
    """46-4.3, 杜绝“人情保”“关系保”: aid of the last twelve months that nothing justifies; one fact for a subject and form."""
    every = sa.union(*(_without(title) for title in TITLES)).subquery()
    return sa.select(every)


def _without(title: Title) -> Select[Any]:
    aid, detail = AID.alias(), table_of(DETAIL_OF[title.kind]).alias()
    form = sa.cast(detail.c.form, sa.Text)
    same = (detail.c[name] == aid.c[name] for name in ("household_id", "id", "version"))
    return (
        facts(aid.c.household_id, aid.c.person_id, form)
        .join_from(aid, detail, sa.and_(*same))
        .where(
            in_part(aid.c.household_id),
            counts(aid),
            aid.c.kind == title.kind,
            detail.c.form.in_(title.forms),
            begins_within(aid, years_before(DAY, 1), DAY),
            sa.not_(sa.and_(*_carried(aid, title))),
        )
    )


def _carried(aid: FromClause, title: Title) -> list[ColumnElement[bool]]:
    person = sa.case((aid.c.person_id.is_not(None), aid.c.person_id))
    conditions = []

    def held(holds: Any, day: ColumnElement[date]) -> ColumnElement[bool]:
        of_person = certified(aid.c.household_id, person, day, everything, *title.categories, holds=holds)
        of_any = certified(aid.c.household_id, None, day, everything, *title.categories, holds=holds)
        return sa.case((aid.c.person_id.is_(None), of_any), else_=of_person)

    if title.categories:
        conditions.append(
            held(lambda row, _: in_force_between(row, aid.c.period_from, aid.c.period_until), DAY)
        )
    if title.monthly:
        conditions.append(held(in_force_in_month, last_month_by(aid, DAY)))
    if title.of_disabled:
        conditions.append(_some_disabled(aid))
    return conditions


def _some_disabled(aid: FromClause) -> ColumnElement[bool]:
    """Whether the person is registered or reported as disabled. For aid to the household: whether any member is."""
    member = PERSON.alias()
    known = sa.or_(disabled(member), is_reported(member, DAY, everything, CircumstanceKind.DISABILITY))
    return (
        sa.exists()
        .where(
            member.c.household_id == aid.c.household_id,
            sa.or_(aid.c.person_id.is_(None), member.c.id == aid.c.person_id),
            known,
        )
        .correlate_except(member)
    )


def papers_missing() -> Select[Any]:
    """46-3.3, 补齐相关手续或证明材料: urgent aid whose documents are overdue."""
    aid = AID.alias()
    return facts(aid.c.household_id, aid.c.person_id, sa.cast(aid.c.id, sa.Text)).where(
        in_part(aid.c.household_id), counts(aid), aid.c.kind == AidKind.TEMPORARY, papers_overdue(aid, DAY)
    )


CONDITIONS: Conditions = {
    Finding.AID_WITHOUT_TITLE: Condition(
        aid_without_title,
        (
            FIELDS_OF_CERTIFICATION.only("category"),
            *sorted({read_scope_of_kind(title.kind) for title in TITLES}),
            FIELDS_OF_PERSON.only("disabilityGrade"),
            read_scope(Department.DISABLED_FEDERATION),
        ),
    ),
    Finding.PAPERS_OVERDUE: Condition(papers_missing, (read_scope_of_kind(AidKind.TEMPORARY),)),
}
