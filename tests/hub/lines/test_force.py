"""The lines in every migrated database, and the line in force on a day."""

from datetime import date
from decimal import Decimal

import pytest
import sqlalchemy as sa

from hub.foundation.database import Database, table_of
from hub.lines.force import lines_in_force
from hub.model.certifications import Category
from hub.model.households import Residence
from hub.model.lines import PovertyLineRow
from hub.model.regions import RegionLevel, RegionRow

pytestmark = pytest.mark.anyio

line, region = table_of(PovertyLineRow), table_of(RegionRow)
LOW = Category.SUBSISTENCE_ALLOWANCE


async def test_every_county_has_every_line_of_a_category_with_one(database: Database) -> None:
    async with database.read() as connection:
        counties = set(
            await connection.scalars(sa.select(region.c.code).where(region.c.level == RegionLevel.COUNTY))
        )
        rows = (await connection.execute(sa.select(line.c.county, line.c.residence, line.c.category))).all()
    categories = set(Category) - {Category.OTHER_HARDSHIP}
    assert set(rows) == {
        (county, here, category) for county in counties for here in Residence for category in categories
    }


async def test_the_line_in_force_is_the_newest_that_has_begun(database: Database) -> None:
    async with database.write() as session:
        await session.execute(
            sa.insert(line),
            {
                "county": "410105",
                "residence": Residence.URBAN,
                "category": LOW,
                "from_month": date(2026, 7, 1),
                "version": 1,
                "yuan": Decimal(800),
                "source": "文",
                "client_id": "test",
            },
        )
        before, on = date(2026, 6, 30), date(2026, 7, 1)
        places = [
            ("410105", Residence.URBAN, LOW, before),
            ("410105001001", Residence.URBAN, LOW, on),
            ("410105", Residence.RURAL, LOW, on),
            ("410105", Residence.URBAN, LOW, date(2019, 12, 31)),
            ("410105", Residence.URBAN, Category.OTHER_HARDSHIP, on),
        ]
        found = await lines_in_force(session, places)
        await session.rollback()
    assert [found.get(place) for place in places] == [Decimal(760), Decimal(800), Decimal(560), None, None]
