"""Households, their filter and their order."""

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
import strawberry
from sqlalchemy import ColumnElement, FromClause

from auth.grant import Grant, ScopeSets
from hub.circumstances.rules import REGISTRIES_OF
from hub.evaluation.entitlements.rules import RULES
from hub.evaluation.live.reading import missing
from hub.evaluation.live.reading import partly_covered as households_partly_covered
from hub.evaluation.monitoring.rules import findings_withheld
from hub.foundation.calendar import TODAY
from hub.foundation.database import table_of
from hub.foundation.database import words as word_type
from hub.model.aid import AidKind
from hub.model.alerts import Finding
from hub.model.certifications import Category, CertificationRow
from hub.model.circumstances import CircumstanceKind, CircumstanceRow
from hub.model.households import HouseholdRow, Residence
from hub.policy.facts.certifications import in_force
from hub.policy.facts.circumstances import lasting
from hub.policy.facts.persons import present
from hub.policy.facts.sight import beside
from hub.policy.permissions.field_scopes import ENTITLEMENT_EVIDENCE, HOUSEHOLD
from hub.policy.permissions.implied_facts import kind_is_there_for
from hub.policy.permissions.registry_scopes import read_scope
from hub.policy.permissions.scope_sets import any_of
from schema.audit.filters import AccessRecordFilter
from schema.certifications.coverage import covered_member, partly_covered
from schema.engine.declare.bind_parameters import ArgumentValue
from schema.engine.declare.field_sources import Join, Reads
from schema.engine.declare.fields import (
    column,
    connection,
    derived,
    inline,
    to_many,
    to_one,
    where,
)
from schema.engine.declare.filters import YuanRange, in_range, is_value, one_of, one_of_codes, order_input
from schema.engine.declare.paging import Connection
from schema.engine.declare.row_types import Node, OnRows, on_rows
from schema.entitlements.types import entitlements_withheld, texts
from schema.near_relatives.types import near_relative_declared
from schema.orders import (
    BY_ID,
    BY_PLACE,
    NEWEST_ACCESS,
    NEWEST_AID,
    NEWEST_ALERT,
    NEWEST_APPLICATION,
    NEWEST_CERTIFICATION,
    NEWEST_CIRCUMSTANCE,
    NEWEST_CONFERENCE,
    NEWEST_OVERLAP,
    NEWEST_RECOVERY,
    NEWEST_REFERRAL,
    NEWEST_VISIT,
)
from schema.provenance.types import OF_HOUSEHOLD
from schema.regions.arguments import in_region
from schema.regions.types import Region
from schema.type_names import (
    LazyAccessNotice,
    LazyAccessRecord,
    LazyAidRecord,
    LazyAlert,
    LazyApplication,
    LazyCertification,
    LazyChain,
    LazyCircumstance,
    LazyConference,
    LazyEntitlement,
    LazyOverlapCase,
    LazyPerson,
    LazyProvenance,
    LazyRecovery,
    LazyReferral,
    LazyVisit,
)

_certification = table_of(CertificationRow)
_circumstance = table_of(CircumstanceRow)


def _category(household: FromClause, grant: Grant) -> ColumnElement[str]:
    """The category with the most support that is in force today, by the rank of `Category`."""
    certification = _certification.alias()
    rank = sa.case(
        {category.value: place for place, category in enumerate(Category)}, value=certification.c.category
    )
    return (
        sa.select(certification.c.category)
        .where(
            certification.c.household_id == household.c.id,
            in_force(certification, TODAY),
            beside(grant)(certification),
        )
        .order_by(rank)
        .limit(1)
        .correlate_except(certification)
        .scalar_subquery()
    )


def _has_category(household: FromClause, categories: ArgumentValue, grant: Grant) -> ColumnElement[bool]:
    certification = _certification.alias()
    return sa.exists().where(
        certification.c.household_id == household.c.id,
        one_of(certification.c.category, categories),
        in_force(certification, TODAY),
        beside(grant)(certification),
    )


def _has_circumstance(household: FromClause, kinds: ArgumentValue, grant: Grant) -> ColumnElement[bool]:
    circumstance = _circumstance.alias()
    return sa.exists().where(
        circumstance.c.household_id == household.c.id,
        one_of(circumstance.c.kind, kinds),
        lasting(circumstance, TODAY),
        beside(grant)(circumstance),
    )


def _misses(household: FromClause, kinds: ArgumentValue, grant: Grant) -> ColumnElement[bool]:
    """Whether the household has an entitlement of these kinds that is neither received nor referred. Only rules count whose
    conditions the hub can all check."""
    kinds_asked = [AidKind(kind) for kind in kinds.value]
    known = [
        rule
        for rule in RULES
        if rule.kind in kinds_asked and (rule.to_check is None or rule.extends is not None)
    ]
    return household.c.id.in_(missing(known, grant))


def _has_near_relative(household: FromClause, argument: ArgumentValue, grant: Grant) -> ColumnElement[bool]:
    certification = _certification.alias()
    flagged = sa.exists().where(
        certification.c.household_id == household.c.id,
        in_force(certification, TODAY),
        near_relative_declared(certification, grant),
        beside(grant)(certification),
    )
    return flagged == argument.bind(sa.Boolean)


def _scopes_of_kinds(kinds: list[CircumstanceKind]) -> list[ScopeSets]:
    """A kind needs the scope of one of the registries that report it."""
    return [
        any_of(*(read_scope(registry) for registry in REGISTRIES_OF[CircumstanceKind(kind)]))
        for kind in kinds
    ]


@strawberry.input(description="家庭筛选 Which households; all fields must match")
class HouseholdFilter:
    """Each filter needs the scopes of the field that it uses."""

    code: list[str] | None = where(
        "Household.code", lambda h, v, _: one_of_codes(h.c.code, v), "户编号 One of these codes"
    )
    region: str | None = where(
        "Household.region",
        lambda h, v, _: in_region(h.c.region, v),
        "区划 Inside this region",
    )
    residence: Residence | None = where(
        "Household.residence", lambda h, v, _: is_value(h.c.residence, v), "城乡类别 Urban or rural"
    )
    category: list[Category] | None = where(
        "Household.category", _has_category, "救助类别 Certified today in one of these"
    )
    partly_covered: bool | None = where(
        "Household.partlyCovered",
        lambda h, v, grant: h.c.id.in_(households_partly_covered(grant)) == v.bind(sa.Boolean),
        "非整户保 The subsistence allowance covers some members and not all",
    )
    circumstance: list[CircumstanceKind] | None = where(
        "Household.circumstances",
        _has_circumstance,
        "困难情形 With one of these, reported by a registry that your scopes open",
        value_scopes=_scopes_of_kinds,
    )
    near_relative_declared: bool | None = where(
        "Certification.nearRelativeDeclared",
        _has_near_relative,
        "是否近亲属备案 Certified today, with a declared near relative of an official (46-4.3)",
        value_scopes=lambda _: [HOUSEHOLD.base],
    )
    missing: list[AidKind] | None = where(
        "Entitlement.status",
        _misses,
        "遗漏 With an entitlement to aid of one of these kinds, all of whose conditions the facts decide, that was neither"
        " received nor referred, as your scopes can tell",
        value_scopes=lambda kinds: [
            HOUSEHOLD.base,
            ENTITLEMENT_EVIDENCE["referrals"],
            *(kind_is_there_for(AidKind(kind)) for kind in kinds),
        ],
    )
    income_per_capita: YuanRange | None = where(
        "Household.incomePerCapita",
        lambda h, v, _: in_range(h.c.income_per_capita, v),
        "人均月收入 Yuan a month",
    )


HouseholdOrder = order_input(
    "Household",
    "家庭",
    {
        "CODE": ("code", "Household.code", "户编号 By code"),
        "REGION": ("region", "Household.region", "所在区划 By the code of the region"),
        "INCOME_PER_CAPITA": (
            "income_per_capita",
            "Household.incomePerCapita",
            "家庭人均月收入 By yuan a month for each member",
        ),
        "UPDATED_AT": ("updated_at", "Household.updatedAt", "更新时间 By when it last changed"),
    },
)


@on_rows(
    Reads("Household", table_of(HouseholdRow), ("id",), ("id",)),
    "家庭 A household: the unit of assistance, with its one assistance chain",
)
class Household(OnRows, Node):
    """户."""

    code: str = column("code", "户编号 Code")
    region: Region = to_one("Region", {"code": "region"}, "所在区划 The township or village it lives in")
    residence: Residence | None = column("residence", "城乡类别 Urban or rural")
    category: Category | None = derived(
        _category,
        "救助类别 The category in force today with the most support",
        made_of=("Certification.category",),
    )
    address: str | None = column("address", "住址 Address")
    income_per_capita: Decimal | None = column(
        "income_per_capita", "家庭人均月收入(元) Yuan a month for each member"
    )
    certifications: list[LazyCertification] | None = to_many(
        "Certification",
        Join({"household_id": "id"}),
        NEWEST_CERTIFICATION,
        "认定 Certifications, newest first",
    )
    partly_covered: bool | None = derived(
        partly_covered,
        "是否非整户保 The subsistence allowance covers some members and not all (46-2.3)",
        made_of=(
            "Certification.category",
            "Certification.endedOn",
            "Certification.validUntil",
            "Household.members",
        ),
    )
    covered_members: list[LazyPerson] | None = to_many(
        "Person",
        Join({"household_id": "id"}),
        BY_ID,
        "低保保障成员 The members covered today",
        where=covered_member,
    )
    circumstances: list[LazyCircumstance] | None = to_many(
        "Circumstance",
        Join({"household_id": "id"}),
        NEWEST_CIRCUMSTANCE,
        "困难情形 Facts of the registries that your scopes open",
    )
    members: list[LazyPerson] | None = to_many(
        "Person",
        Join({"household_id": "id"}),
        BY_ID,
        "成员 Members",
        where=lambda person, _: present(person),
    )
    aid_records: Connection[LazyAidRecord] | None = connection(
        "AidRecord",
        "救助记录 Aid to the household and its members, newest first",
        order=NEWEST_AID,
        join=Join({"household_id": "id"}),
    )
    recoveries: Connection[LazyRecovery] | None = connection(
        "Recovery",
        "追回 Recoveries from it and its members, newest first (46-4.3)",
        order=NEWEST_RECOVERY,
        join=Join({"household_id": "id"}),
    )
    referrals: Connection[LazyReferral] | None = connection(
        "Referral",
        "转办 Referrals, newest first",
        order=NEWEST_REFERRAL,
        join=Join({"household_id": "id"}),
    )
    applications: Connection[LazyApplication] | None = connection(
        "Application",
        "申请 Applications, newest first",
        order=NEWEST_APPLICATION,
        join=Join({"household_id": "id"}),
    )
    alerts: Connection[LazyAlert] | None = connection(
        "Alert",
        "预警 Alerts, newest first",
        order=NEWEST_ALERT,
        join=Join({"household_id": "id"}),
    )
    alerts_withheld: list[Finding] | None = derived(
        lambda _household, grant: sa.type_coerce(
            texts(findings_withheld(grant)), sa.ARRAY(word_type(Finding))
        ),
        "未列出的预警类型 The findings whose alerts are not shown to you, because your scopes do not open their facts",
    )
    visits: Connection[LazyVisit] | None = connection(
        "Visit",
        "走访 Visits, newest first",
        order=NEWEST_VISIT,
        join=Join({"household_id": "id"}),
    )
    conferences: Connection[LazyConference] | None = connection(
        "Conference",
        "一事一议 Case conferences, newest first",
        order=NEWEST_CONFERENCE,
        join=Join({"household_id": "id"}),
    )
    overlap_cases: Connection[LazyOverlapCase] | None = connection(
        "OverlapCase",
        "重复救助核实单 Cases of overlapping aid, newest first",
        order=NEWEST_OVERLAP,
        join=Join({"household_id": "id"}),
    )
    entitlements: list[LazyEntitlement] | None = to_many(
        "Entitlement",
        Join({"household_id": "id"}),
        BY_PLACE,
        "应享救助 The entitlements of the household and its members (46-3), with their status",
    )
    entitlements_withheld: list[str] | None = entitlements_withheld(of_persons=False)
    chain: LazyChain | None = inline(
        "Chain",
        {"household_id": "id", "person_id": None},
        "一户一条救助链 Everything done for it, in one order",
    )
    access_records: Connection[LazyAccessRecord] | None = connection(
        "AccessRecord",
        "访问记录 The requests that read this household, or named it in a write",
        order=NEWEST_ACCESS,
        join=Join({}, holds={"household_ids": "id"}),
        filter_by=AccessRecordFilter,
    )
    access_notices: Connection[LazyAccessNotice] | None = connection(
        "AccessNotice",
        "查阅告知 Who read its data and for what purpose, newest first, to inform a family that asks; only for"
        " households of your own regions",
        order=NEWEST_ACCESS,
        join=Join({"household_id": "id"}),
    )
    provenance: list[LazyProvenance] | None = to_many(
        "Provenance",
        OF_HOUSEHOLD,
        BY_PLACE,
        "数据来源 The source of each of its fields that your scopes open",
    )
    version: int | None = column("version", "版本 Version")
    updated_at: datetime | None = column("updated_at", "更新时间 Last changed")
