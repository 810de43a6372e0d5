"""Whether the regions and agencies that a read names exist. They are public: what is not there is told."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import ColumnElement
from sqlalchemy.dialects import postgresql as pg

from hub.foundation.database import CODE, Database, table_of
from hub.foundation.prepared_sql import render
from hub.foundation.texts import Unfit
from hub.model.agencies import AgencyRow
from hub.model.regions import RegionRow
from schema.compile.misgiven import Misgiven
from schema.given import Named, Steps, unusable

_CODES = {Named.REGION: table_of(RegionRow).c.code, Named.AGENCY: table_of(AgencyRow).c.id}
_UNKNOWN = {
    Named.REGION: Unfit(
        "no region has this code; the codes are those of GB/T 2260 and GB/T 10114, as in 410105",
        "没有此代码的行政区划,请按 GB/T 2260、GB/T 10114 填写,如 410105",
    ),
    Named.AGENCY: Unfit(
        "no agency has this code; it is department@region, as in education@410105",
        "没有此代码的单位,代码写作 部门@区划,如 education@410105",
    ),
}


@dataclass(frozen=True, slots=True)
class NamedCode:
    """A code that a request names: in the arguments of the field `at`, and where in them."""

    names: Named
    code: str
    at: tuple[str, ...]
    steps: Steps


def _found(names: Named) -> ColumnElement[list[str]]:
    column = _CODES[names]
    given = sa.bindparam(names.value, type_=pg.ARRAY(CODE))
    return sa.func.array(sa.select(column).where(column == sa.any_(given)).scalar_subquery()).label(
        names.value
    )


_FOUND = render(sa.select(*(_found(names) for names in Named)))


class Existing:
    """The codes that this process found in the database. Regions and agencies stay once they are there, so that what was
    found need not be looked for again."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._found: dict[Named, set[str]] = {names: set() for names in Named}

    async def check(self, named: Sequence[NamedCode]) -> None:
        """Raise Misgiven for the first code that nothing has."""
        if all(one.code in self._found[one.names] for one in named):
            return
        sought = {names.value: [one.code for one in named if one.names is names] for names in Named}
        row = await self._database.fetch_row(_FOUND.text, _FOUND.values(sought))
        for names in Named:
            self._found[names].update(row[names.value])
        for one in named:
            if one.code not in self._found[one.names]:
                raise Misgiven(unusable(_UNKNOWN[one.names], one.steps), one.at)
