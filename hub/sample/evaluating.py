"""Evaluating a sample: monitored and counted once, so that alerts and coverage answer from its first minute. Afterwards the
service's own jobs do both every night (`hub.schedule`).

Each step is left alone where it was done, and goes on where it was cut: monitoring compares with the alerts that stand,
coverage counts the counties that were not.
"""

from collections.abc import Callable

import sqlalchemy as sa

from hub.coverage.refreshing import refresh_coverage
from hub.coverage.tables import CoverageRow
from hub.database import Database, table_of
from hub.monitoring.run import run_monitoring
from hub.monitoring.tables import MonitoringRunRow
from hub.regions.tables import RegionLevel, RegionRow
from hub.workdays.calendar import today
from hub.workdays.months import month_of

Progress = Callable[[int, int], None]
"""Called with how much is done and how much there is."""

_run, _coverage, _region = table_of(MonitoringRunRow), table_of(CoverageRow), table_of(RegionRow)


async def monitor_once(database: Database, progress: Progress) -> None:
    """Look for every finding (46-2.3), where no run of monitoring was ever finished. Raises MonitoringRuns."""
    async with database.read() as connection:
        if await connection.scalar(sa.select(sa.exists().where(_run.c.finished_at.is_not(None)))):
            return
    await run_monitoring(database, today(), progress=progress)


async def count_once(database: Database, progress: Progress) -> None:
    """Count the coverage of the month that runs (46-2.1), where it was not counted to its end: up to the province."""
    month = month_of(None)
    counted = sa.exists().where(
        _coverage.c.region == _region.c.code,
        _coverage.c.month == month,
        _region.c.level == RegionLevel.PROVINCE,
    )
    async with database.read() as connection:
        if await connection.scalar(sa.select(counted)):
            return
    await refresh_coverage(database, month, progress)
