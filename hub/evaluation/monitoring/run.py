"""One run of monitoring: compares the facts of every finding with the open alerts, for each search and each part of the
households.

A new fact raises an alert. An alert whose fact is gone is closed. Both are events in the household's chain, in the same
transaction. So an interrupted run leaves complete parts, and the next run does the rest. The database returns only
differences, so memory does not grow with the population.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.scopes import Scope
from hub.agencies.shown import renew_sight
from hub.evaluation.monitoring.duplicates import link_alerts, open_missing_cases
from hub.evaluation.monitoring.household_part import HOUSEHOLD, Part
from hub.evaluation.monitoring.rules import CONDITIONS, FINDINGS
from hub.evaluation.monitoring.searches import Search, differences, searches
from hub.foundation.calendar import after_workdays
from hub.foundation.database import Database, copy_rows, new_id, now, table_of, with_limits_of_jobs
from hub.foundation.errors import HubError
from hub.foundation.prepared_sql import fetch
from hub.ledger.chain import Author, EventDraft, append_events, lock_households
from hub.model.alerts import AlertRow, AlertStatus, ClosedBecause, Finding
from hub.model.ledger import EventType
from hub.model.monitoring import MonitoringResultRow, MonitoringRunRow
from hub.shares.lateness import look_for_late

PLATFORM = "civil_affairs@4101"
"""The agency that runs the platform and raises its findings (46-2.1)."""
REGION = PLATFORM.partition("@")[2]
"""The region that contains every household of a run."""
CLIENT = "monitoring"
HOUSEHOLDS_IN_PART = 20_000
_RUNS = 4_600_002
"""The advisory lock of runs; the number is arbitrary."""

_alert, _run = table_of(AlertRow), table_of(MonitoringRunRow)
_ALERT_COLUMNS = [column.name for column in _alert.columns]
_LARGEST_WRITE = 5_000

Progress = Callable[[int, int], None]
"""Called after each part of each search, with the number of finished parts and the number of all parts."""


class MonitoringRunning(HubError):
    """Monitoring is already running; wait until it is done.
    监测正在运行,请待其结束后再试。
    """


@dataclass
class Result:
    """The result of one finding. `seconds`: the time of a search, divided equally among its findings."""

    found: int = 0
    raised: int = 0
    closed: int = 0
    seconds: float = 0.0


async def run_monitoring(
    database: Database,
    as_of: date,
    findings: Sequence[Finding] = FINDINGS,
    progress: Progress | None = None,
    *,
    households_in_part: int = HOUSEHOLDS_IN_PART,
) -> Mapping[Finding, Result]:
    """Search for findings as of a day; returns the counts of each finding. Raises MonitoringRunning if another run is
    active."""
    async with database.write() as guard:
        if not await guard.scalar(sa.select(sa.func.pg_try_advisory_xact_lock(_RUNS))):
            raise MonitoringRunning
        run_id = await _begin(database, as_of)
        parts = await _parts(guard, as_of, households_in_part)
        results = {finding: Result() for finding in findings}
        if Finding.MONTHLY_SHARE_LATE in results:
            await _look_for_late_lists(database, as_of, results[Finding.MONTHLY_SHARE_LATE])
        every = searches(findings)
        for place, search in enumerate(every):
            started = time.perf_counter()
            for number, part in enumerate(parts):
                await _look(database, run_id, search, part, results)
                if progress is not None:
                    progress(place * len(parts) + number + 1, len(every) * len(parts))
            for finding in search:
                results[finding].seconds = (time.perf_counter() - started) / len(search)
        await _finish(database, run_id, results)
    return results


async def _begin(database: Database, as_of: date) -> UUID:
    run_id = new_id()
    async with database.write() as session:
        await session.execute(sa.insert(_run).values(id=run_id, region=REGION, as_of=as_of, started_at=now()))
    return run_id


def _needs(finding: Finding) -> tuple[Scope, ...]:
    return CONDITIONS[finding].needs if finding in CONDITIONS else ()


async def _finish(database: Database, run_id: UUID, results: Mapping[Finding, Result]) -> None:
    async with database.write() as session:
        session.add_all(
            MonitoringResultRow(
                run_id=run_id,
                finding=finding,
                found=result.found,
                raised=result.raised,
                closed=result.closed,
                milliseconds=round(result.seconds * 1000),
                needs=[scope.value for scope in _needs(finding)],
            )
            for finding, result in results.items()
        )
        await session.execute(sa.update(_run).where(_run.c.id == run_id).values(finished_at=now()))


async def _look_for_late_lists(database: Database, as_of: date, result: Result) -> None:
    """Look for late lists, from the month of the first run on. A new hub expects no list from an earlier month."""
    started = time.perf_counter()
    async with database.write() as session:
        first = await session.scalar(sa.select(sa.func.min(_run.c.as_of)))
        late = await look_for_late(session, first or as_of, as_of)
    result.found, result.raised, result.closed = late.found, late.raised, late.closed
    result.seconds = time.perf_counter() - started


async def _parts(session: AsyncSession, as_of: date, size: int) -> list[Part]:
    """All households, split by id into parts of about `size`."""
    numbered = sa.select(
        HOUSEHOLD.c.id, sa.func.row_number().over(order_by=HOUSEHOLD.c.id).label("place")
    ).subquery()
    part = (numbered.c.place - 1) / size
    edges = sa.select(
        sa.func.min(sa.cast(numbered.c.id, sa.Text)).label("first"),
        sa.func.max(sa.cast(numbered.c.id, sa.Text)).label("last"),
    )
    rows = await session.execute(edges.group_by(sa.cast(part, sa.Integer)).order_by("first"))
    return [Part(as_of, UUID(row.first), UUID(row.last)) for row in rows]


async def _look(
    database: Database, run_id: UUID, search: Search, part: Part, results: Mapping[Finding, Result]
) -> None:
    """Compare the findings of one search in one part and write the differences, in one transaction."""
    async with database.write() as session:
        await with_limits_of_jobs(session)
        if Finding.DUPLICATE_AID in search:
            await open_missing_cases(session, part)
        rows = await fetch(session, differences(search), part.parameters)
        for row in rows:
            results[Finding(row["finding"])].found += row["found"]
        changed = [row for row in rows if row["household_id"] is not None]
        if not changed:
            return
        await lock_households(session, (row["household_id"] for row in changed))
        for finding in search:
            of_finding = [row for row in changed if row["finding"] == finding]
            new = [row for row in of_finding if row["id"] is None]
            gone = [row for row in of_finding if row["id"] is not None]
            for start in range(0, len(new), _LARGEST_WRITE):
                await _raise(session, run_id, finding, part, new[start : start + _LARGEST_WRITE])
            for start in range(0, len(gone), _LARGEST_WRITE):
                await _close(session, finding, gone[start : start + _LARGEST_WRITE])
            results[finding].raised += len(new)
            results[finding].closed += len(gone)
        if Finding.DUPLICATE_AID in search:
            await link_alerts(session, part)


async def _raise(
    session: AsyncSession, run_id: UUID, finding: Finding, part: Part, rows: Sequence[Mapping[str, Any]]
) -> None:
    at = now()
    due_at, needs = after_workdays(at, finding.rule.within), [need.value for need in _needs(finding)]
    alerts: list[dict[str, Any]] = []
    for row in rows:
        alert = dict.fromkeys(_ALERT_COLUMNS) | {
            "household_id": row["household_id"],
            "id": new_id(),
            "person_id": row["person_id"],
            "finding": finding.value,
            "severity": finding.rule.severity.value,
            "evidence": row["evidence"],
            "needs": needs,
            "policy_basis": finding.clause,
            "raised_by": PLATFORM,
            "to_agency": row["to_agency"] or PLATFORM,
            "raised_at": at,
            "due_at": due_at,
            "status": AlertStatus.OPEN.value,
            "run_id": run_id,
            "as_of": part.day,
            "version": 1,
        }
        alerts.append(alert)
    await copy_rows(
        session, "alert", _ALERT_COLUMNS, ([alert[name] for name in _ALERT_COLUMNS] for alert in alerts)
    )
    due = due_at.isoformat(timespec="seconds")
    await _record_events(
        session,
        finding,
        EventType.ALERT_RAISED,
        alerts,
        lambda alert: {"to": alert["to_agency"], "dueAt": due},
    )


async def _close(session: AsyncSession, finding: Finding, rows: Sequence[Mapping[str, Any]]) -> None:
    await session.execute(
        sa.update(_alert)
        .where(
            _alert.c.household_id.in_([row["household_id"] for row in rows]),
            _alert.c.id.in_([row["id"] for row in rows]),
        )
        .values(
            status=AlertStatus.CLOSED,
            closed_at=now(),
            closed_because=ClosedBecause.FACT_GONE,
            version=_alert.c.version + 1,
        )
    )
    await _record_events(
        session, finding, EventType.ALERT_CLOSED, rows, lambda _: {"because": ClosedBecause.FACT_GONE.value}
    )
    await renew_sight(session, Author(PLATFORM, CLIENT), [row["household_id"] for row in rows])


async def _record_events(
    session: AsyncSession,
    finding: Finding,
    kind: EventType,
    rows: Sequence[Mapping[str, Any]],
    more: Callable[[Mapping[str, Any]], Mapping[str, Any]],
) -> None:
    """Append one event to the chain of each household, readable by those who may read the facts."""
    still_open = kind is not EventType.ALERT_RAISED
    events = [
        EventDraft(
            row["household_id"],
            kind,
            {"finding": finding.value, "evidence": row["evidence"], **more(row)},
            row["person_id"],
            row["id"],
            finding.clause,
            needs=_needs(finding),
            answers=(row["id"],) if still_open else (),
        )
        for row in rows
    ]
    await append_events(session, Author(PLATFORM, CLIENT), events)
