"""Stores the results of the evaluation: evaluates the households whose stored results are out of date, and writes the
differences.

The rules are those of `hub.evaluation.entitlements` and `hub.evaluation.visits`, in the same statements. A write for a
household holds the household's lock and sets its row of `live_household` to `NOT_EVALUATED`. The job locks that row before it
evaluates. So a household is evaluated after its last committed write, or it is evaluated again.
"""

from datetime import date
from functools import cache, lru_cache
from hashlib import sha256
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ClauseElement, ColumnElement, FromClause
from sqlalchemy.dialects import postgresql as pg

from hub.evaluation.entitlements.entitled import entitled
from hub.evaluation.entitlements.situation import Day
from hub.evaluation.live.needs import EVERYTHING
from hub.evaluation.visits.ranking import to_visit
from hub.foundation.calendar import TODAY
from hub.foundation.database import Database, table_of, with_limits_of_jobs
from hub.foundation.prepared_sql import PreparedSql, fetch, render
from hub.model.households import HouseholdRow
from hub.model.live import LiveEntitlementRow, LiveHouseholdRow
from hub.policy.facts.persons import partly_covered
from hub.policy.facts.sight import everything

HOUSEHOLDS_IN_PART = 200
"""A small number: a write waits for the part that evaluates its household."""

_household = table_of(HouseholdRow)
_live, _entitlement = table_of(LiveHouseholdRow), table_of(LiveEntitlementRow)
_ids = sa.bindparam("household_ids", type_=sa.ARRAY(sa.Uuid))


def _among(household: FromClause) -> ColumnElement[bool]:
    return household.c.id == sa.any_(_ids)


def holds(live: FromClause) -> ColumnElement[bool]:
    """Whether a household's stored results are up to date: evaluated today, by the rules of this version of the hub."""
    return sa.and_(live.c.evaluation == sa.literal(evaluation()), live.c.next_change_on > TODAY)


def holds_no_more(live: FromClause) -> ColumnElement[bool]:
    """Whether a household's stored results are out of date, as three ranges of one index."""
    ours = sa.literal(evaluation())
    return sa.or_(
        live.c.evaluation < ours,
        live.c.evaluation > ours,
        sa.and_(live.c.evaluation == ours, live.c.next_change_on <= TODAY),
    )


@cache
def evaluation() -> str:
    """An identifier of the rules of this version of the hub: a digest of the statements that evaluate them."""
    rules = render(_entitlements(TODAY)).text + render(_found()).text
    return sha256(rules.encode()).hexdigest()[:16]


@cache
def _to_evaluate() -> PreparedSql:
    """Some households with results out of date, locked, and the day. Households that another process evaluates are skipped."""
    return render(
        sa.select(_live.c.household_id, TODAY.label("day"))
        .where(holds_no_more(_live))
        .order_by(_live.c.household_id)
        .limit(sa.bindparam("most", type_=sa.Integer))
        .with_for_update(skip_locked=True)
    )


def _entitlements(day: Day) -> ClauseElement:
    """Writes the entitlements of households. A row whose values did not change is not written."""
    claim = entitled(EVERYTHING, day, within=_among)
    names = ("household_id", "rule", "subject_id", "person_id", "aid_kind", "status")
    to_check = claim.c.to_check.is_not(None).label("to_check")
    found = sa.select(*(claim.c[name] for name in names), to_check).cte("found")
    same = sa.and_(*(found.c[name] == _entitlement.c[name] for name in names[:3]))
    gone = (
        sa.update(_entitlement)
        .where(
            _entitlement.c.household_id == sa.any_(_ids),
            _entitlement.c.status.is_not(None),
            sa.not_(sa.exists().where(same).correlate(_entitlement)),
        )
        .values(status=sa.null(), since=day)
        .cte("gone")
    )
    insert = pg.insert(_entitlement).from_select(
        [*names, "to_check", "since"],
        sa.select(*(found.c[name] for name in names), found.c.to_check, day),
    )
    changed = _entitlement.c.status.is_distinct_from(insert.excluded.status)
    return insert.on_conflict_do_update(
        index_elements=[_entitlement.c[name] for name in names[:3]],
        set_={
            "status": insert.excluded.status,
            "to_check": insert.excluded.to_check,
            "since": sa.case((changed, insert.excluded.since), else_=_entitlement.c.since),
        },
        where=sa.or_(changed, _entitlement.c.to_check != insert.excluded.to_check),
    ).add_cte(gone)


def _found() -> sa.Select[Any]:
    """The results for the rows of households."""
    household = _household.alias()
    visit = to_visit(EVERYTHING, within=_among)
    return (
        sa.select(
            household.c.id,
            household.c.region,
            visit.c.rank,
            sa.cast(visit.c.reasons, pg.ARRAY(sa.Text)).label("reasons"),
            partly_covered(household, TODAY, everything).label("partly_covered"),
        )
        .select_from(household.outerjoin(visit, visit.c.household_id == household.c.id))
        .where(_among(household))
    )


def _households(day: Day) -> ClauseElement:
    """Writes the rows of households. They are valid until the next day, because many results change with time alone."""
    found = _found().subquery("found")
    return (
        sa.update(_live)
        .where(_live.c.household_id == found.c.id)
        .values(
            next_change_on=day + 1,
            evaluation=sa.literal(evaluation()),
            region=found.c.region,
            visit_rank=found.c.rank,
            visit_reasons=found.c.reasons,
            partly_covered=found.c.partly_covered,
        )
    )


@lru_cache(maxsize=2)
def _statements(day: date) -> tuple[PreparedSql, ...]:
    """Both statements for a day. The day is in their text, so PostgreSQL computes the windows once and not for every row."""
    on = sa.cast(sa.literal(day), sa.Date)
    return render(_entitlements(on)), render(_households(on))


async def refresh_stale(database: Database, households_in_part: int = HOUSEHOLDS_IN_PART) -> int:
    """Evaluate every household with results out of date, each part in a transaction; returns the number of households.
    Several processes may run this at once."""
    evaluated = 0
    while True:
        async with database.write() as session:
            await with_limits_of_jobs(session)
            rows = await fetch(session, _to_evaluate(), {"most": households_in_part})
            if not rows:
                return evaluated
            for statement in _statements(rows[0]["day"]):
                await fetch(session, statement, {"household_ids": [row["household_id"] for row in rows]})
        evaluated += len(rows)
