"""One run of monitoring: compares every finding with the open alerts, part by part of the households.

A new fact raises an alert; an alert whose fact is gone is closed. Both are events in the household's chain, in the same
transaction. So an interrupted run leaves complete parts, and the next run does the rest. Only differences leave the
database, so memory does not grow with the population.
"""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from auth.scopes import Scope
from hub.agencies.nearest import nearest_agency
from hub.agencies.shown import renew_sight
from hub.evaluation.monitoring.duplicates import link_alerts, take_up
from hub.evaluation.monitoring.household_part import DAY, HOUSEHOLD, Part, in_part
from hub.evaluation.monitoring.rules import CONDITIONS, FINDINGS
from hub.foundation.calendar import after_workdays
from hub.foundation.database import Database, copy_rows, new_id, now, table_of, with_limits_of_jobs
from hub.foundation.errors import HubError
from hub.foundation.prepared_sql import PreparedSql, fetch, render
from hub.ledger.chain import Author, EventDraft, append_events, lock_households
from hub.model.agencies import Department
from hub.model.alerts import AlertRow, AlertStatus, ClosedBecause, Finding
from hub.model.ledger import EventType
from hub.model.monitoring import MonitoringResultRow, MonitoringRunRow
from hub.policy.facts.alerts import refuted
from hub.shares.lateness import look_for_late

PLATFORM = "civil_affairs@4101"
"""The agency that runs the platform and raises its findings (46-2.1)."""
REGION = PLATFORM.partition("@")[2]
"""Of all whose households are looked at."""
CLIENT = "monitoring"
HOUSEHOLDS_IN_PART = 20_000
_RUNS = 4_600_002
"""The advisory lock of runs; the number is arbitrary."""

_alert, _run = table_of(AlertRow), table_of(MonitoringRunRow)
_ALERT_COLUMNS = [column.name for column in _alert.columns]
_LARGEST_WRITE = 5_000

Progress = Callable[[int, int], None]
"""Called after each part of each finding, with the numbers of finished parts and of all parts."""


class MonitoringRunning(HubError):
    """Monitoring is already running; wait until it is done.
    监测正在运行,请待其结束后再试。
    """


@dataclass
class Result:
    """What came of one finding."""

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
        results: dict[Finding, Result] = {}
        for place, finding in enumerate(findings):
            results[finding] = result = Result()
            started = time.perf_counter()
            if finding is Finding.MONTHLY_SHARE_LATE:
                await _look_for_late_lists(database, as_of, result)
            for number, part in enumerate(parts):
                if finding in CONDITIONS:
                    await _look(database, run_id, finding, part, result)
                if progress is not None:
                    progress(place * len(parts) + number + 1, len(findings) * len(parts))
            result.seconds = time.perf_counter() - started
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
    """Look for late lists from the month of the first run on; a new hub expects no list from before it."""
    async with database.write() as session:
        first = await session.scalar(sa.select(sa.func.min(_run.c.as_of)))
        late = await look_for_late(session, first or as_of, as_of)
    result.found, result.raised, result.closed = late.found, late.raised, late.closed


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


@cache
def _differences(finding: Finding) -> PreparedSql:
    """The facts without an alert, the alerts without a fact, and the number of facts."""
    fact = CONDITIONS[finding].facts().cte("fact")
    alert = _alert.alias()
    subject = sa.func.coalesce(fact.c.person_id, fact.c.household_id)
    same = sa.and_(
        alert.c.household_id == fact.c.household_id,
        sa.func.coalesce(alert.c.person_id, alert.c.household_id) == subject,
        alert.c.evidence == fact.c.evidence,
    )
    open_alert = sa.and_(
        alert.c.finding == finding, alert.c.closed_at.is_(None), in_part(alert.c.household_id)
    )
    of_finding = sa.and_(alert.c.finding == finding, in_part(alert.c.household_id))
    denied = sa.exists().where(of_finding, refuted(alert, DAY), same).correlate_except(alert)
    there = sa.or_(sa.exists().where(open_alert, same).correlate_except(alert), denied)
    to = nearest_agency(Department.CIVIL_AFFAIRS, HOUSEHOLD.c.region)
    nobody, nothing = sa.cast(sa.null(), sa.Uuid), sa.cast(sa.null(), sa.Text)
    new = (
        sa.select(
            nobody.label("id"),
            fact.c.household_id,
            fact.c.person_id,
            fact.c.evidence,
            to.label("to_agency"),
            sa.cast(0, sa.BigInteger).label("found"),
        )
        .join_from(fact, HOUSEHOLD, HOUSEHOLD.c.id == fact.c.household_id)
        .where(sa.not_(there))
    )
    gone = sa.select(
        alert.c.id,
        alert.c.household_id,
        alert.c.person_id,
        alert.c.evidence,
        nothing,
        sa.cast(0, sa.BigInteger),
    ).where(open_alert, sa.not_(sa.exists().where(same).correlate_except(fact)))
    count = sa.select(nobody, nobody, nobody, nothing, nothing, sa.func.count()).select_from(fact)
    return render(sa.union_all(new, gone, count))


async def _look(database: Database, run_id: UUID, finding: Finding, part: Part, result: Result) -> None:
    """Compare one finding in one part and write the differences, in one transaction."""
    async with database.write() as session:
        await with_limits_of_jobs(session)
        if finding is Finding.DUPLICATE_AID:
            await take_up(session, part)
        rows = await fetch(session, _differences(finding), part.parameters)
        result.found += sum(row["found"] for row in rows)
        new = [row for row in rows if row["household_id"] is not None and row["id"] is None]
        gone = [row for row in rows if row["id"] is not None]
        if not new and not gone:
            return
        await lock_households(session, (row["household_id"] for row in (*new, *gone)))
        for start in range(0, len(new), _LARGEST_WRITE):
            await _raise(session, run_id, finding, part, new[start : start + _LARGEST_WRITE])
        for start in range(0, len(gone), _LARGEST_WRITE):
            await _close(session, finding, gone[start : start + _LARGEST_WRITE])
        if finding is Finding.DUPLICATE_AID:
            await link_alerts(session, part)
        result.raised += len(new)
        result.closed += len(gone)


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
    """Append one event to the chain of each household, for readers who may know the facts."""
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
