"""Regions and agencies of Zhengzhou in every migrated database."""

import pytest
import sqlalchemy as sa

from hub.agencies.load import load_agencies
from hub.foundation.database import Database, table_of
from hub.model.agencies import AgencyRow, Department
from hub.model.regions import RegionLevel, RegionRow
from hub.regions.load import load_regions

pytestmark = pytest.mark.anyio

COUNTIES = (
    "410102", "410103", "410104", "410105", "410106", "410108", "410122", "410171", "410172", "410173",
    "410181", "410182", "410183", "410184", "410185",
)  # fmt: skip
LENGTHS = {
    RegionLevel.PROVINCE: 2,
    RegionLevel.CITY: 4,
    RegionLevel.COUNTY: 6,
    RegionLevel.TOWNSHIP: 9,
    RegionLevel.VILLAGE: 12,
}

region, agency = table_of(RegionRow), table_of(AgencyRow)


async def test_all_counties_and_development_zones_are_there(database: Database) -> None:
    async with database.read() as connection:
        found = await connection.scalars(
            sa.select(region.c.code).where(region.c.level == RegionLevel.COUNTY).order_by(region.c.code)
        )
        assert tuple(found) == COUNTIES


async def test_every_code_extends_its_parents(database: Database) -> None:
    async with database.read() as connection:
        rows = (await connection.execute(sa.select(region))).all()
    assert len(rows) > 3500
    for row in rows:
        assert len(row.code) == LENGTHS[row.level]
        assert row.name == row.name.strip() != ""
        assert row.parent is None if row.level is RegionLevel.PROVINCE else row.code.startswith(row.parent)


async def test_every_department_sits_in_every_county_and_civil_affairs_in_every_township(
    database: Database,
) -> None:
    async with database.read() as connection:
        rows = (await connection.execute(sa.select(agency))).all()
        townships = set(
            await connection.scalars(sa.select(region.c.code).where(region.c.level == RegionLevel.TOWNSHIP))
        )
    assert {(row.department, row.region) for row in rows} == {
        *((department, place) for department in Department for place in ("4101", *COUNTIES)),
        *((Department.CIVIL_AFFAIRS, township) for township in townships),
    }
    assert all(row.id == f"{row.department}@{row.region}" for row in rows)


@pytest.mark.parametrize(
    ("agency_id", "name"),
    [
        ("education@4101", "郑州市教育局"),
        ("education@410105", "金水区教育局"),
        ("disabled_federation@410122", "中牟县残疾人联合会"),
        ("civil_affairs@410171", "郑州经济技术开发区管委会民政局"),
        ("disabled_federation@410171", "郑州经济技术开发区残疾人联合会"),
        ("civil_affairs@410105001", "经八路街道办事处"),
        ("civil_affairs@410185100", "大金店镇人民政府"),
        ("civil_affairs@410185204", "石道乡人民政府"),
        ("civil_affairs@410183401", "伏羲山风景区管理委员会"),
    ],
)
async def test_agencies_bear_the_names_people_know(database: Database, agency_id: str, name: str) -> None:
    async with database.read() as connection:
        assert await connection.scalar(sa.select(agency.c.name).where(agency.c.id == agency_id)) == name


def test_loading_again_restores_a_name_and_changes_nothing_else(database_url: str) -> None:
    engine = sa.create_engine(sa.make_url(database_url).set(drivername="postgresql+psycopg"))

    def held(connection: sa.Connection) -> list[tuple[object, ...]]:
        rows = connection.execute(sa.select(region).order_by(region.c.code))
        return [*map(tuple, rows), *map(tuple, connection.execute(sa.select(agency).order_by(agency.c.id)))]

    with engine.begin() as connection:
        before = held(connection)
        connection.execute(sa.update(region).where(region.c.code == "410105").values(name="旧名"))
        connection.execute(sa.update(agency).where(agency.c.id == "audit@4101").values(name="旧名"))
        load_regions(connection)
        load_agencies(connection)
        assert held(connection) == before
    engine.dispose()
