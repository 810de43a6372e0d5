"""Loads the agencies: every department at the city and at each county, civil affairs at each township."""

from collections.abc import Iterator

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from hub.foundation.database import table_of
from hub.model.agencies import AgencyRow, Department
from hub.model.regions import RegionLevel, RegionRow

_agency = table_of(AgencyRow)
_region = table_of(RegionRow)

_ZONES = ("410171", "410172", "410173")
_TOWNSHIP_OFFICES = {"街道": "办事处", "镇": "人民政府", "乡": "人民政府"}


def load_agencies(connection: sa.Connection) -> None:
    """Insert the agencies of the loaded regions, and rename those whose name changed. Other agencies are not touched."""
    regions = connection.execute(
        sa.select(_region.c.code, _region.c.name, _region.c.level).where(
            _region.c.level.in_([RegionLevel.CITY, RegionLevel.COUNTY, RegionLevel.TOWNSHIP])
        )
    )
    held = {agency.id: agency.name for agency in connection.execute(sa.select(_agency.c.id, _agency.c.name))}
    rows = [
        agency
        for code, name, level in regions
        for agency in agencies_at(code, name, level)
        if held.get(agency["id"]) != agency["name"]
    ]
    if rows:
        insert = pg.insert(_agency)
        changed = {"name": insert.excluded.name}
        connection.execute(insert.on_conflict_do_update(index_elements=[_agency.c.id], set_=changed), rows)


def agencies_at(code: str, name: str, level: RegionLevel) -> Iterator[dict[str, str]]:
    """The agencies of one region, as rows."""
    if level is RegionLevel.TOWNSHIP:
        offices = (office for kind, office in _TOWNSHIP_OFFICES.items() if name.endswith(kind))
        yield _row(Department.CIVIL_AFFAIRS, code, name + next(offices, "管理委员会"))
        return
    for department in Department:
        yield _row(department, code, _seat(code, name, department) + department.rule.name)


def _seat(code: str, name: str, department: Department) -> str:
    if code not in _ZONES:
        return name
    return f"郑州{name}" if department.rule.society else f"郑州{name}管委会"


def _row(department: Department, region: str, name: str) -> dict[str, str]:
    return {"id": f"{department}@{region}", "department": department, "region": region, "name": name}
