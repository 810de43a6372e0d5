"""A population for monitoring, and the alerts that it raises."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date

import psycopg
import pytest
import sqlalchemy as sa

from hub.evaluation.monitoring.run import Result, run_monitoring
from hub.foundation.database import Database, table_of
from hub.foundation.settings import Settings
from hub.model.alerts import AlertRow, AlertStatus, Finding
from hub.model.households import HouseholdRow

_alert, _household = table_of(AlertRow), table_of(HouseholdRow)
SMALL = 70
"""Households in a part, so that the sample has several parts."""


@dataclass(frozen=True)
class Population:
    """A copy of the sample, its owner's URL, and the day for which it was made."""

    database: Database
    url: str
    day: date

    async def monitor(self, *findings: Finding) -> dict[Finding, Result]:
        """Run monitoring for some findings, or for all, in small parts."""
        chosen = (findings,) if findings else ()
        return dict(await run_monitoring(self.database, self.day, *chosen, households_in_part=SMALL))

    async def alerts(self, *statuses: AlertStatus) -> dict[str, list[str]]:
        """The codes of the households with an alert in one of some statuses (any, if none is named), by finding."""
        wanted = _alert.c.status.in_(statuses) if statuses else sa.true()
        async with self.database.read() as connection:
            rows = await connection.execute(
                sa.select(_alert.c.finding, _household.c.code)
                .join_from(_alert, _household, _household.c.id == _alert.c.household_id)
                .where(wanted)
                .order_by(_alert.c.finding, _household.c.code, _alert.c.evidence)
            )
            found: dict[str, list[str]] = {}
            for row in rows:
                found.setdefault(row.finding.value, []).append(row.code)
        return found

    def change(self, statement: str, *values: object) -> None:
        """Change a fact without the hub's commands, as a registry's list would."""
        with psycopg.connect(self.url) as owner:
            assert owner.execute(statement.encode(), values).rowcount > 0, "nothing was changed"

    async def number(self, query: str) -> int:
        """The count that a query returns."""
        async with self.database.read() as connection:
            counted: int = await connection.scalar(sa.text(query))
        return counted


@pytest.fixture
async def population(sample_copy_url: str, settings: Settings) -> AsyncIterator[Population]:
    """The sample, to be changed."""
    database = Database(sample_copy_url, settings)
    async with database.read() as connection:
        day = await connection.scalar(sa.text("select sample_as_of from installation"))
    yield Population(database, sample_copy_url, day)
    await database.close()
