"""Finds unusual accesses among the records that an auditor may read: the counts of a client, person and day that reach the
bound."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from auth.grant import Grant
from hub.evaluation.access.rules import FIRST_HOUR, LAST_HOUR, UnusualAccessKind
from hub.foundation.calendar import CHINA, day_of, hour_of, is_workday
from hub.foundation.database import table_of
from hub.foundation.errors import InvalidInput
from hub.model.households import HouseholdRow
from hub.model.ledger import AccessOutcome, AccessRecordRow
from hub.policy.permissions.row_policies import visible

MOST_DAYS = 31
MOST_FOUND = 500
"""At most this many findings are returned, those furthest over their bound."""
_REFUSED_CREDENTIALS = (
    "invalid_client",
    "TOKEN_MISSING",
    "TOKEN_INVALID",
    "TOKEN_EXPIRED",
    "TOKEN_NOT_YET_VALID",
)


@dataclass(frozen=True, slots=True)
class UnusualAccess:
    """A finding. `count`: what the kind counts, in one day in China. `bound`: unusual from this number. `agency` and `client`
    are None if the caller was not authenticated. `household` is set if the kind counts by household."""

    kind: UnusualAccessKind
    agency: str | None
    client: str | None
    person: str | None
    day: date
    count: int
    bound: int
    household: UUID | None


async def find_unusual(
    connection: AsyncConnection, grant: Grant, since: datetime, until: datetime
) -> Sequence[UnusualAccess]:
    """The unusual accesses from `since` until before `until`, furthest over the bound first. Raises InvalidInput for a wrong
    span."""
    _check_span(since, until)
    rows = await connection.execute(_statement(grant, since, until))
    return [_finding(row) for row in rows.mappings()]


def _check_span(since: datetime, until: datetime) -> None:
    if not timedelta() < until - since <= timedelta(days=MOST_DAYS):
        raise InvalidInput(
            path=("until",),
            field="until",
            reason=f"after `from`, and at most {MOST_DAYS} days after it",
            reason_zh=f"须晚于“from”,且相隔不超过 {MOST_DAYS} 天",
        )


def _finding(row: Mapping[str, Any]) -> UnusualAccess:
    kind = UnusualAccessKind(row["kind"])
    return UnusualAccess(
        kind,
        row["agency_id"] or None,
        row["client_id"] or None,
        row["person"],
        row["day"],
        row["count"],
        row["bound"],
        row["household_id"],
    )


def _statement(grant: Grant, since: datetime, until: datetime) -> sa.Select[Any]:
    record = table_of(AccessRecordRow).alias()
    seen = (
        sa.select(
            record.c.id, record.c.at, record.c.agency_id, record.c.client_id, record.c.person, record.c.household_ids,
            record.c.forbidden, record.c.numbers_named, record.c.rows, record.c.kept, record.c.refused, record.c.outcome,
            record.c.code, day_of(record.c.at).label("day"),
        )
        .where(record.c.at >= since, record.c.at < until, visible(record, grant))
        .cte("seen")
    )  # fmt: skip
    counts = {
        UnusualAccessKind.VOLUME: _of_households(seen, sa.true()),
        UnusualAccessKind.OUT_OF_HOURS: _of_records(seen, _out_of_hours(seen, since, until)),
        UnusualAccessKind.ELSEWHERE: _elsewhere(seen),
        UnusualAccessKind.SAME_HOUSEHOLD: _of_each_household(seen),
        UnusualAccessKind.FORBIDDEN: _of_records(seen, sa.func.cardinality(seen.c.forbidden) > 0),
        UnusualAccessKind.NOTHING_FOUND: _of_records(
            seen, sa.func.cardinality(seen.c.numbers_named) > 0, seen.c.rows == 0, seen.c.kept == 0
        ),
        UnusualAccessKind.REFUSED_CREDENTIALS: _of_records(
            seen,
            seen.c.outcome == AccessOutcome.REFUSED.value,
            seen.c.code.in_(_REFUSED_CREDENTIALS),
            count=sa.func.sum(seen.c.refused),
        ),
    }
    found = sa.union_all(*(_over_bound(kind, counted) for kind, counted in counts.items())).subquery()
    over = sa.cast(found.c.count, sa.Float) / found.c.bound
    return sa.select(found).order_by(over.desc(), *found.c).limit(MOST_FOUND)


_BY = ("agency_id", "client_id", "person", "day")


def _keys(seen: sa.FromClause) -> list[sa.ColumnElement[Any]]:
    return [seen.c[name] for name in _BY]


def _of_records(
    seen: sa.CTE, *conditions: sa.ColumnElement[bool], count: sa.ColumnElement[Any] | None = None
) -> sa.Select[Any]:
    """Counts the records for which the conditions hold."""
    nobody = sa.cast(sa.null(), sa.Uuid).label("household_id")
    counted = sa.func.count() if count is None else count
    return sa.select(*_keys(seen), nobody, counted.label("count")).where(*conditions).group_by(*_keys(seen))


def _households(seen: sa.CTE) -> sa.FromClause:
    """The households of each record, in a row each."""
    column = sa.column("household", sa.Uuid)
    return sa.func.unnest(seen.c.household_ids).table_valued(column).render_derived("named")


def _of_households(seen: sa.CTE, *conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """Counts the different households of the records."""
    named = _households(seen)
    nobody = sa.cast(sa.null(), sa.Uuid).label("household_id")
    counted = sa.func.count(sa.distinct(named.c.household)).label("count")
    return (
        sa.select(*_keys(seen), nobody, counted)
        .select_from(seen.join(named, sa.true()))
        .where(*conditions)
        .group_by(*_keys(seen))
    )


def _elsewhere(seen: sa.CTE) -> sa.Select[Any]:
    """Counts the different households that are registered outside the agency's own region."""
    named = _households(seen)
    household = table_of(HouseholdRow).alias()
    own = sa.func.split_part(seen.c.agency_id, "@", 2)
    nobody = sa.cast(sa.null(), sa.Uuid).label("household_id")
    return (
        sa.select(*_keys(seen), nobody, sa.func.count(sa.distinct(household.c.id)).label("count"))
        .select_from(seen.join(named, sa.true()).join(household, household.c.id == named.c.household))
        .where(sa.not_(sa.func.starts_with(household.c.region, own)))
        .group_by(*_keys(seen))
    )


def _of_each_household(seen: sa.CTE) -> sa.Select[Any]:
    """Counts the records of each household."""
    named = _households(seen)
    return (
        sa.select(*_keys(seen), named.c.household.label("household_id"), sa.func.count().label("count"))
        .select_from(seen.join(named, sa.true()))
        .group_by(*_keys(seen), named.c.household)
    )


def _out_of_hours(seen: sa.CTE, since: datetime, until: datetime) -> sa.ColumnElement[bool]:
    """Whether offices are closed: outside working hours, or on a day that is no working day of the calendar."""
    first = since.astimezone(CHINA).date()
    span = range((until.astimezone(CHINA).date() - first).days + 1)
    closed = [day for day in (first + timedelta(days=number) for number in span) if not is_workday(day)]
    hour = hour_of(seen.c.at)
    return sa.or_(hour < FIRST_HOUR, hour >= LAST_HOUR, seen.c.day.in_(closed))


def _over_bound(kind: UnusualAccessKind, counted: sa.Select[Any]) -> sa.Select[Any]:
    """The counts that reach their bound, with the bound. Without a bound no count is unusual."""
    of = counted.subquery()
    bounds = (sa.literal(kind.rule.person, sa.Integer), sa.literal(kind.rule.machine, sa.Integer))
    bound = sa.case((of.c.person.is_not(None), bounds[0]), else_=bounds[1])
    columns = (*(of.c[name] for name in _BY), of.c.household_id, of.c.count, bound.label("bound"))
    return sa.select(sa.literal(kind.value, sa.Text).label("kind"), *columns).where(of.c.count >= bound)
