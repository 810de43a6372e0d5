"""The monthly supplement of 100 yuan (46-3.1): the classes of members that have it, each under the scopes of its fact.

Reports of a registry count if the grant opens the registry. Where only a closed registry could decide, the value is unknown
(null), not false.
"""

from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from auth.grant import Grant
from hub.aid.supplements import CLAUSE, YUAN_A_MONTH
from hub.circumstances.rules import REGISTRIES_OF
from hub.foundation.calendar import TODAY
from hub.foundation.database import YUAN, table_of
from hub.model.agencies import Department
from hub.model.circumstances import CircumstanceKind
from hub.model.persons import PersonRow
from hub.policy.facts.circumstances import dead
from hub.policy.facts.sight import beside
from hub.policy.facts.supplements import CLASSES, of_any_class, of_class
from hub.policy.permissions.registry_scopes import read_scope
from schema.certifications.coverage import covered_member
from schema.engine.declare.field_sources import Reads
from schema.engine.declare.fields import derived
from schema.engine.declare.row_types import OnRows, on_rows


def _month() -> sa.ColumnElement[date]:
    """The first day of the current month in China."""
    month: sa.ColumnElement[date] = sa.cast(sa.func.date_trunc("month", TODAY), sa.Date)
    return month


def _fact_of(name: str) -> str:
    """The coordinate of the fact of a class."""
    return f"Person.{CLASSES[name].rests_on}"


def _reads_reports(grant: Grant, *kinds: CircumstanceKind | None) -> bool:
    """Whether a grant reads every registry that reports one of the kinds."""
    registries = {registry for kind in kinds if kind is not None for registry in REGISTRIES_OF[kind]}
    return all(read_scope(registry) in grant.scopes for registry in registries)


def _known(holds: ColumnElement[bool], *, whole: bool) -> ColumnElement[bool]:
    """The condition under a grant: true if it holds; otherwise false if the grant reads all facts behind it (`whole`), else
    null."""
    return holds if whole else sa.case((holds, sa.true()), else_=sa.null())


def _of_class(name: str, description: str) -> Any:
    reported = CLASSES[name].reported
    note = "" if reported is None else "; null if only a registry that your scopes do not open could decide"
    return derived(
        lambda person, grant: _known(
            of_class(name, person, _month(), beside(grant)), whole=_reads_reports(grant, reported)
        ),
        description + note,
        made_of=(_fact_of(name),),
    )


def _yuan(person: FromClause, grant: Grant) -> ColumnElement[Any]:
    """100 for a living, covered member of a class, else 0; null where only a report that the grant does not read could
    decide."""
    covered = covered_member(person, grant)
    any_class = of_any_class(person, _month(), beside(grant))
    kinds = [supplement.reported for supplement in CLASSES.values()]
    reads_deaths = read_scope(Department.CIVIL_AFFAIRS) in grant.scopes
    no_yuan = sa.not_(covered)
    if reads_deaths:
        no_yuan = sa.or_(no_yuan, dead(person, TODAY, beside(grant)))
    if _reads_reports(grant, *kinds):
        no_yuan = sa.or_(no_yuan, sa.not_(any_class))
    amount = sa.case(
        (no_yuan, Decimal(0)),
        *([(any_class, YUAN_A_MONTH)] if reads_deaths else []),
        else_=sa.null(),
    )
    return sa.cast(amount, YUAN)


@on_rows(
    Reads("MonthlySupplement", table_of(PersonRow), ("household_id", "id")),
    "分类施保增发 Whether a member has the supplement of 100 yuan this month, once for any number of classes"
    " (46-3.1); by the township's registration and the reports of registries that your scopes open",
)
class MonthlySupplement(OnRows):
    """分类施保增发."""

    severely_disabled: bool | None = _of_class("severely_disabled", "重度残疾人 Disability of grade 1 or 2")
    seriously_ill: bool | None = _of_class("seriously_ill", "重病患者 Serious illness")
    aged: bool | None = _of_class("aged", "70周岁以上老年人 Aged 70 or over on the first of the month")
    in_college: bool | None = _of_class("in_college", "在校大学生 In college")
    minor: bool | None = _of_class("minor", "未成年人 Under 18 on the first of the month")
    covered: bool | None = derived(
        covered_member,
        "低保对象 Covered by subsistence allowance today",
        made_of=("Certification.category", "Certification.endedOn", "Certification.validUntil"),
    )
    yuan: Decimal | None = derived(
        _yuan,
        "增发(元/月) Yuan a month by the rule: 100 for a living, covered member of any class, else 0; null if only a"
        " registry that your scopes do not open could decide",
        made_of=(*dict.fromkeys(map(_fact_of, CLASSES)), "Certification.category"),
    )
    policy_basis: str | None = derived(lambda _person, _grant: sa.literal(CLAUSE, sa.Text), "依据条款 Clause")
