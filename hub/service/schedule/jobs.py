"""The jobs as data: what each does, with its clause. Every job can be interrupted and run again at any time."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from hub.evaluation.coverage.refreshing import refresh_coverage
from hub.evaluation.live.refreshing import refresh_stale
from hub.evaluation.monitoring.run import run_monitoring
from hub.foundation.calendar import today
from hub.foundation.database import Database
from hub.foundation.months import month_of
from hub.model.scheduled_jobs import Job
from hub.referrals.reminders import remind_all

Counts = Mapping[str, int]
Progress = Callable[[int, int], None]
"""Called with the amount of work done and the total."""


@dataclass(frozen=True, slots=True)
class JobRule:
    """A description of the job, the clause of its duty, and the function that runs it, reports its progress and returns its
    result in numbers."""

    words: str
    words_zh: str
    clause: str
    run: Callable[[Database, Progress], Awaitable[Counts]]


async def _monitor(database: Database, progress: Progress) -> Counts:
    await refresh_stale(database)
    results = (await run_monitoring(database, today(), progress=progress)).values()
    return {name: sum(getattr(one, name) for one in results) for name in ("found", "raised", "closed")}


async def _count_coverage(database: Database, progress: Progress) -> Counts:
    return {"counties": await refresh_coverage(database, month_of(None), progress)}


async def _remind(database: Database, _progress: Progress) -> Counts:
    told = await remind_all(database)
    return {"reminded": told.reminded, "escalated": told.escalated}


JOBS: Mapping[Job, JobRule] = MappingProxyType(
    {
        Job.MONITORING: JobRule("looks for every finding", "监测预警", "46-2.3", _monitor),
        Job.COVERAGE: JobRule(
            "counts entitlements and what came of them", "统计覆盖情况", "46-2.1", _count_coverage
        ),
        Job.REMINDERS: JobRule(
            "brings referrals to mind, and tells of those overdue", "催办", "46-2.1", _remind
        ),
    }
)
