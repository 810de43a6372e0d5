"""Coverage: the numbers of missing and duplicate aid of a region and month (46-2.1)."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
import strawberry
from sqlalchemy import ColumnElement, FromClause

from auth.grant import Grant
from hub.evaluation.coverage.withholding import STATUSES
from hub.evaluation.entitlements.rules import RULES
from hub.foundation.database import table_of
from hub.foundation.encryption import Secrecy
from hub.foundation.months import month_of
from hub.foundation.texts import Form
from hub.model.aid import AidKind
from hub.model.certifications import Category
from hub.model.coverage import CoverageCategoryRow, CoverageKindRow, CoverageRow
from hub.policy.permissions.aid_fields import AID_RECORD
from hub.policy.permissions.field_scopes import CERTIFICATION, HOUSEHOLD, PERSON, REFERRAL
from schema.engine.declare.bind_parameters import ArgumentValue
from schema.engine.declare.field_sources import Join, Order, Reads
from schema.engine.declare.fields import column, derived, lookup, to_many, to_one
from schema.engine.declare.row_types import OnRows, on_rows
from schema.orders import BY_CATEGORY, BY_REGION
from schema.regions.arguments import region_of
from schema.regions.types import Region
from schema.type_names import LazyCoverage

_COLUMNS = ("entitled", *STATUSES)
_SAME = {"region": "region", "month": "month"}
_coverage = table_of(CoverageRow)


def _exact_of_categories(grant: Grant) -> bool:
    """Whether a grant could itself count the households and their covered members."""
    return all(grant.covers(noun.base) for noun in (HOUSEHOLD, PERSON, CERTIFICATION))


def _exact_kinds(grant: Grant) -> list[AidKind]:
    """The kinds whose entitlements a grant could itself count: it reads all their rules and statuses."""
    answered = grant.covers(AID_RECORD.base) and grant.covers(REFERRAL.base)
    if not _exact_of_categories(grant) or not answered:
        return []
    return [
        kind for kind in AidKind if all(rule.can_be_counted_by(grant) for rule in RULES if rule.kind is kind)
    ]


def _is_published(numbers: FromClause, name: str, grant: Grant) -> ColumnElement[bool]:
    return sa.or_(
        numbers.c.aid_kind.in_(_exact_kinds(grant)), sa.literal(name, sa.Text) == sa.any_(numbers.c.told)
    )


def _number(name: str) -> Callable[[FromClause, Grant], ColumnElement[Any]]:
    return lambda numbers, grant: sa.case((_is_published(numbers, name, grant), numbers.c[name]))


def _of_category(name: str) -> Callable[[FromClause, Grant], ColumnElement[Any]]:
    return lambda numbers, grant: sa.case((_category_is_published(numbers, grant), numbers.c[name]))


def _category_is_published(numbers: FromClause, grant: Grant) -> ColumnElement[bool]:
    return sa.true() if _exact_of_categories(grant) else numbers.c.told


def _of_kind(name: str, description: str) -> Any:
    return derived(_number(name), description)


@on_rows(
    Reads("CategoryCoverage", table_of(CoverageCategoryRow), ("region", "month", "category")),
    "分类覆盖情况 Number of households and persons in a category; each household counts in its category with the most support",
)
class CategoryCoverage(OnRows):
    """分类人数."""

    category: Category | None = column("category", "类别 Category")
    households: int | None = derived(_of_category("households"), "户数 Households; null where it is withheld")
    persons: int | None = derived(_of_category("persons"), "人数 Covered members; null where it is withheld")
    suppressed: bool | None = derived(
        lambda numbers, grant: sa.not_(_category_is_published(numbers, grant)),
        "是否隐去 Numbers are withheld: they are under 5, or a number under 5 could be computed from them",
    )


@on_rows(
    Reads("KindCoverage", table_of(CoverageKindRow), ("region", "month", "category", "aid_kind")),
    "分类分项覆盖情况 The entitlements of a category's households to aid of a kind. Each has one status",
)
class KindCoverage(OnRows):
    """应享与落实."""

    category: Category | None = column("category", "类别 Category of the household")
    aid_kind: AidKind | None = column("aid_kind", "救助类型 Kind of aid")
    entitled: int | None = _of_kind(
        "entitled", "应享 Entitlements; those with a condition to check count after the check"
    )
    received: int | None = _of_kind("received", "已享 Received, or approved and on its way")
    referred: int | None = _of_kind("referred", "转办中 Referred, and not answered yet")
    missing: int | None = _of_kind("missing", "遗漏 Neither received nor referred")
    duplicated: int | None = _of_kind("duplicated", "重复 Given by two agencies at once")
    suppressed: bool | None = derived(
        lambda numbers, grant: sa.or_(
            sa.false(), *(sa.not_(_is_published(numbers, name, grant)) for name in _COLUMNS)
        ),
        "是否隐去 Numbers are withheld: they are under 5, or a number under 5 could be computed from them",
    )


@on_rows(
    Reads("Coverage", _coverage, ("region", "month")),
    "覆盖情况 The numbers of a region in a month. Callers who may read the households and all facts behind a number"
    " see every number. Others see no number under 5, and none from which such a number could be computed",
)
class Coverage(OnRows):
    """覆盖情况."""

    region: Region | None = to_one("Region", {"code": "region"}, "区划 Region")
    month: date | None = column("month", "月份 The month, by its first day")
    day: date | None = column("day", "数据日期 The facts are those of this day, as recorded at asOf")
    as_of: datetime | None = column("as_of", "统计时间 When it was counted")
    by_category: list[CategoryCoverage] | None = to_many(
        "CategoryCoverage", Join(_SAME), BY_CATEGORY, "分类 Households and persons by category"
    )
    by_kind: list[KindCoverage] | None = to_many(
        "KindCoverage",
        Join(_SAME),
        Order(("category", "aid_kind")),
        "分类分项 Entitlements by category and kind. households(filter: {missing}) lists the households with missing aid",
    )
    by_region: list[LazyCoverage] | None = to_many(
        "Coverage",
        Join({"parent": "region", "month": "month"}),
        BY_REGION,
        "下级区划 The regions inside it, down to townships",
    )


def _month(text: str) -> date:
    return month_of(text, at=())


def _of_month(coverage: FromClause, arguments: ArgumentValue, _secrecy: Secrecy) -> ColumnElement[bool]:
    """The region in a month; without a month, the last counted one."""
    region = arguments.part("region")
    assert region is not None
    of_region = coverage.c.region == region_of(region)
    if (month := arguments.part("month")) is not None:
        return sa.and_(of_region, coverage.c.month == month.bind(sa.Date, _month, form=Form.CODE))
    last = _coverage.alias()
    newest = (
        sa.select(sa.func.max(last.c.month))
        .where(last.c.region == coverage.c.region)
        .correlate_except(last)
        .scalar_subquery()
    )
    return sa.and_(of_region, coverage.c.month == newest)


@strawberry.type
class CoverageQueries:
    """Queries of coverage."""

    coverage: Coverage | None = lookup(
        "Coverage",
        "region",
        _of_month,
        "覆盖情况 The numbers of missing and duplicate aid of a region in a month",
        unique=True,
        means="区划 The code of a region, as in 410105",
        also={
            "month": "月份 As 2026-11 or 2026-11-01; left out: the last month that was counted 不填则为最近统计的月份"
        },
    )
