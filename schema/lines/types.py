"""Lines: the monthly standards and income lines of the categories; they are public."""

from datetime import date, datetime
from decimal import Decimal

import sqlalchemy as sa
import strawberry

from hub.foundation.database import table_of
from hub.model.certifications import Category
from hub.model.households import Residence
from hub.model.lines import PovertyLineRow
from hub.policy.facts.lines import in_force
from hub.policy.facts.versions import current
from schema.engine.declare.field_sources import Reads
from schema.engine.declare.fields import column, to_one, where
from schema.engine.declare.filters import is_value, one_of
from schema.engine.declare.row_types import OnRows, on_rows
from schema.regions.arguments import in_region
from schema.regions.types import Agency, Region

_line = table_of(PovertyLineRow)
_COUNTY = 6


@on_rows(
    Reads(
        "PovertyLine",
        _line,
        ("county", "residence", "category", "from_month", "version"),
        current=current,
    ),
    "标准线 A line of a county: yuan a month for one person, from a month on until a later line replaces it",
)
class PovertyLine(OnRows):
    """标准线."""

    county: Region = to_one("Region", {"code": "county"}, "区县 The county")
    residence: Residence = column("residence", "城乡 Urban or rural")
    category: Category = column(
        "category",
        "类别 Category: the monthly standard of subsistence allowance, the standard of support of extreme hardship,"
        " or for other categories the income per head that they must stay under",
    )
    from_month: date = column("from_month", "执行月份 First day of the month from which it holds")
    yuan: Decimal = column("yuan", "元/月 Yuan a month for one person")
    source: str = column("source", "依据 The document")
    recorded_by: Agency | None = to_one(
        "Agency", {"id": "recorded_by"}, "报送单位 The reporting agency; null: part of the hub"
    )
    recorded_at: datetime = column("recorded_at", "登记时间 When the hub recorded it")


@strawberry.input(description="标准线筛选 Which lines; all fields must match")
class PovertyLineFilter:
    """By county, month, residence and category."""

    region: str | None = where(
        "PovertyLine.county",
        lambda line, v, _: in_region(line.c.county, v, _COUNTY),
        "区划 Of the counties inside this region, or of the county that it lies in",
    )
    in_force_on: date | None = where(
        "PovertyLine.fromMonth",
        lambda line, v, _: in_force(line, v.bind(sa.Date)),
        "有效日期 In force on this day",
    )
    residence: Residence | None = where(
        "PovertyLine.residence", lambda line, v, _: is_value(line.c.residence, v), "城乡 Urban or rural"
    )
    category: list[Category] | None = where(
        "PovertyLine.category", lambda line, v, _: one_of(line.c.category, v), "类别 One of these"
    )
