"""Options of counties (46-3.5). They are public, like the standard lines."""

from datetime import date, datetime

import sqlalchemy as sa
import strawberry

from hub.county_options.commands import CLAUSE
from hub.foundation.database import table_of
from hub.model.aid import OtherForm
from hub.model.certifications import Category
from hub.model.county_options import CountyOptionRow
from hub.policy.facts.county_options import in_force
from schema.engine.declare.field_sources import Reads
from schema.engine.declare.fields import column, derived, to_one, where
from schema.engine.declare.filters import is_value
from schema.engine.declare.row_types import Node, OnRows, on_rows
from schema.regions.arguments import in_region
from schema.regions.types import Agency, Region

_COUNTY = 6


@on_rows(
    Reads("CountyOption", table_of(CountyOptionRow), ("id",), ("id",)),
    "延伸事项 What a county extended to a category, where the policy leaves it to the county (46-3.5)",
)
class CountyOption(OnRows, Node):
    """延伸事项."""

    county: Region = to_one("Region", {"code": "county"}, "区县 The county")
    item: OtherForm = column("item", "事项 What is extended")
    category: Category = column("category", "类别 To whom")
    since: date = column("since", "起始日期 Its first day")
    document: str = column("document", "依据 The county's document")
    agency: Agency = to_one("Agency", {"id": "agency_id"}, "登记单位 Who recorded it")
    recorded_at: datetime = column("recorded_at", "登记时间 When the hub recorded it")
    ended_on: date | None = column("ended_on", "终止日期 The first day on which it is no longer in force")
    end_reason: str | None = column("end_reason", "终止原因 Why it ended")
    policy_basis: str = derived(lambda _option, _grant: sa.literal(CLAUSE, sa.Text), "依据条款 Clause")
    version: int = column("version", "版本 For expectedVersion")


@strawberry.input(description="延伸事项筛选 Which options; all fields must match")
class CountyOptionFilter:
    """By county, item, category and day."""

    region: str | None = where(
        "CountyOption.county",
        lambda option, v, _: in_region(option.c.county, v, _COUNTY),
        "区划 Of the counties inside this region, or of the county that it lies in",
    )
    item: OtherForm | None = where(
        "CountyOption.item", lambda option, v, _: is_value(option.c.item, v), "事项 This item"
    )
    category: Category | None = where(
        "CountyOption.category", lambda option, v, _: is_value(option.c.category, v), "类别 To this category"
    )
    in_force_on: date | None = where(
        "CountyOption.since",
        lambda option, v, _: in_force(option, v.bind(sa.Date)),
        "有效日期 In force on this day",
    )
