"""Public disclosure lists as they were published, and objections to them (46-4.3)."""

from datetime import date, datetime

import sqlalchemy as sa
import strawberry

from hub.foundation.database import table_of
from hub.foundation.months import first_day
from hub.model.aid import AidKind
from hub.model.certifications import Category
from hub.model.disclosures import DisclosureEntryRow, DisclosureRow, ListOf, ObjectionRow
from hub.policy.facts.disclosures import public
from schema.engine.declare.field_sources import Join, Reads
from schema.engine.declare.fields import column, connection, derived, to_many, to_one, where
from schema.engine.declare.filters import one_of
from schema.engine.declare.paging import Connection
from schema.engine.declare.row_types import Node, OnRows, on_rows
from schema.orders import BY_NUMBER, NEWEST_OBJECTION
from schema.regions.arguments import in_region
from schema.regions.types import Agency, Region
from schema.type_names import LazyAlert, LazyHousehold


@on_rows(
    Reads("DisclosureObjection", table_of(ObjectionRow), ("household_id", "id"), ("household_id", "id")),
    "公示异议 An objection to a line of a published list, and the alert to check it. The objector is not recorded",
)
class DisclosureObjection(OnRows, Node):
    """公示异议."""

    number: int | None = column("number", "条目序号 The line of the list")
    ground: str | None = column("ground", "异议内容 The content of the objection")
    objected_on: date | None = column("objected_on", "提出日期 When")
    agency: Agency | None = to_one("Agency", {"id": "agency_id"}, "受理单位 The agency that received it")
    recorded_at: datetime | None = column("recorded_at", "登记时间 When the hub recorded it")
    household: LazyHousehold | None = to_one("Household", {"id": "household_id"}, "家庭 The household")
    alert: LazyAlert | None = to_one(
        "Alert",
        {"household_id": "household_id", "id": "alert_id"},
        "预警 The alert that it led to",
    )


@on_rows(
    Reads("DisclosureEntry", table_of(DisclosureEntryRow), ("disclosure_id", "number")),
    "公示条目 One line of a published list: only what the law requires",
)
class DisclosureEntry(OnRows):
    """公示条目."""

    number: int | None = column("number", "序号 From 1")
    place: Region | None = to_one("Region", {"code": "region"}, "所在村(社区) The village")
    masked_name: str | None = column(
        "masked_name", "姓名(隐去部分) The name, masked; null: a minor is not named"
    )
    category: Category | None = column("category", "救助类别 On a list of who is certified")
    aid_kind: AidKind | None = column("aid_kind", "救助类型 On a list of who was helped")
    since: date | None = column("since", "起始日期 Certified from, or first helped in the month")


@on_rows(
    Reads("Disclosure", table_of(DisclosureRow), ("id",), ("id",)),
    "公示名单 A public list of who is certified, or was helped, in a township or village (46-4.3)",
)
class Disclosure(OnRows, Node):
    """公示名单."""

    region: Region | None = to_one("Region", {"code": "region"}, "区划 The township or village")
    month: date | None = column("month", "月份 The month, by its first day")
    list_of: ListOf | None = column("list_of", "公示内容 Whom it names")
    published_by: Agency | None = to_one("Agency", {"id": "agency_id"}, "公示单位 Who published it")
    published_at: datetime | None = column("published_at", "公示时间 When it was published")
    policy_basis: str | None = column("policy_basis", "依据条款 Clause")
    entry_count: int | None = derived(lambda listed, _: listed.c.entries, "条目数 How many lines it has")
    entries: Connection[DisclosureEntry] | None = connection(
        "DisclosureEntry",
        "条目 Its lines, as they were published",
        order=BY_NUMBER,
        join=Join({"disclosure_id": "id"}),
    )
    objections: list[DisclosureObjection] | None = to_many(
        "DisclosureObjection",
        Join({"disclosure_id": "id"}),
        NEWEST_OBJECTION,
        "异议 Objections to it, newest first",
    )
    withdrawn_at: datetime | None = column(
        "withdrawn_at", "撤回时间 When it was withdrawn; null: not withdrawn"
    )
    withdraw_reason: str | None = column("withdraw_reason", "撤回原因 Why it was withdrawn")
    version: int | None = column("version", "版本 For expectedVersion")


@strawberry.input(description="公示筛选 Which lists; all fields must match")
class DisclosureFilter:
    """Each filter needs the scopes of the field that it uses."""

    region: str | None = where(
        "Disclosure.region",
        lambda d, v, _: in_region(d.c.region, v),
        "区划 Of this region, or of one inside it",
    )
    month: date | None = where(
        "Disclosure.month",
        lambda d, v, _: d.c.month == v.bind(sa.Date, first_day),
        "月份 Of this month, named by its first day, as 2026-11-01; another day is refused 须填当月首日",
    )
    list_of: list[ListOf] | None = where(
        "Disclosure.listOf", lambda d, v, _: one_of(d.c.list_of, v), "公示内容 One of these"
    )
    stands: bool | None = where(
        "Disclosure.withdrawnAt",
        lambda d, v, _: public(d) == v.bind(sa.Boolean),
        "是否有效 It was not withdrawn",
    )
