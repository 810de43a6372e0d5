"""Regions and agencies: public data that every department knows."""

from hub.foundation.database import table_of
from hub.model.agencies import AgencyRow, Department
from hub.model.regions import RegionLevel, RegionRow
from schema.engine.declare.field_sources import Reads
from schema.engine.declare.fields import column, to_one
from schema.engine.declare.row_types import OnRows, on_rows


@on_rows(
    Reads("Region", table_of(RegionRow), ("code",)),
    "行政区划 A region: GB/T 2260 and GB/T 10114 code, hierarchical by prefix",
)
class Region(OnRows):
    """区划."""

    code: str = column("code", "代码 Code: 2, 4, 6, 9 or 12 digits")
    name: str = column("name", "名称 Name")
    level: RegionLevel = column("level", "层级 Level")


@on_rows(Reads("Agency", table_of(AgencyRow), ("id",)), "单位 An agency: a department at a region")
class Agency(OnRows):
    """单位."""

    code: str = column("id", "代码 Code, department@region, as in education@410105")
    name: str = column("name", "名称 Name")
    department: Department = column("department", "部门 Department")
    region: Region = to_one("Region", {"code": "region"}, "所在区划 Where it has jurisdiction")
