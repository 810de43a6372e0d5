"""Loads the regions of residence: Henan, Zhengzhou, its counties, townships and villages.

GB/T 2260 and GB/T 10114; the development zones 410171 to 410173 are codes of the statistical list.
"""

import csv
from importlib.resources import files

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from hub.foundation.database import table_of
from hub.model.regions import RegionRow

_region = table_of(RegionRow)


def load_regions(connection: sa.Connection) -> None:
    """Insert the regions of `zhengzhou.csv` and rename those with a new name, in one statement. Unchanged rows are not
    touched, so the statement does not wait for their locks.

    Regions that are no longer in the file stay, because households may refer to them.
    """
    rows = list(
        csv.DictReader(files("hub.regions").joinpath("zhengzhou.csv").read_text("utf-8").splitlines())
    )
    names = ("code", "name", "level", "parent")
    wanted = (
        sa.func.unnest(*(sa.cast([row[name] or None for row in rows], pg.ARRAY(sa.Text)) for name in names))
        .table_valued(*names)
        .render_derived("wanted")
    )
    unchanged = sa.exists().where(_region.c.code == wanted.c.code, _region.c.name == wanted.c.name)
    insert = pg.insert(_region).from_select(
        names, sa.select(*(wanted.c[name] for name in names)).where(~unchanged)
    )
    connection.execute(
        insert.on_conflict_do_update(
            index_elements=[_region.c.code],
            set_={"name": insert.excluded.name},
        )
    )
