"""Reading one table under its row rule in each way that the hub does, compared with plain Python."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from auth.grant import Grant
from hub.foundation.database import Database
from hub.model.every_table import metadata
from hub.policy.permissions.jurisdiction import grant_parameters
from hub.policy.permissions.row_policies import ForGrants, visible
from tests.hub.policy.permissions.sight import Everything, Key, household_column


class Reading:
    """One table: read alone, counted as a whole, and joined to a household in sight.

    Each statement is stored once for all grants of a shape, as the hub does, so that a statement made for another grant would
    be found out.
    """

    def __init__(self, database: Database, everything: Everything, table: str) -> None:
        self._database = database
        self._everything = everything
        self._table = metadata.tables[table]
        self._alone = ForGrants(self._by_itself)
        self._counted = ForGrants(lambda grant: self._by_itself(grant, counted=True))
        self._joined = ForGrants(self._with_its_household)

    async def compare(self, grants: Iterable[Grant]) -> None:
        """Read the table for each grant; fails if a row is missing, is not allowed, or comes twice."""
        name = self._table.name
        async with self._database.read() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None
            for grant in grants:
                for statement, expected in (
                    (self._alone, self._everything.seen(name, grant)),
                    (self._counted, self._everything.seen(name, grant)),
                    (self._joined, self._everything.seen_with_their_household(name, grant)),
                ):
                    rendered = statement.rendered(grant)
                    rows = await driver.fetch(rendered.text, *rendered.values(grant_parameters(grant)))
                    keys: list[Key] = [tuple(row) for row in rows]
                    assert len(keys) == len(set(keys)), "a row came twice"
                    assert set(keys) == expected, (
                        f"{name} for {grant.agency} in {grant.regions} with {len(grant.scopes)} scopes:"
                        f" {len(set(keys) - expected)} too many,"
                        f" {len(expected - set(keys))} missing"
                    )

    def _keys(self, source: sa.FromClause) -> sa.Select[Any]:
        return sa.select(*(source.c[column.name] for column in self._table.primary_key))

    def _by_itself(self, grant: Grant, *, counted: bool = False) -> sa.Select[Any]:
        source = self._table.alias()
        return self._keys(source).where(visible(source, grant, counted=counted))

    def _with_its_household(self, grant: Grant) -> sa.Select[Any]:
        source, of = self._table.alias(), household_column(self._table.name)
        within = self._keys(source).where(visible(source, grant, household_seen=True))
        if of is None:
            return within
        household = metadata.tables["household"].alias()
        return within.where(sa.exists().where(household.c.id == source.c[of], visible(household, grant)))
