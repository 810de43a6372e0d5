"""Keeps what the evaluation finds: evaluates the households whose rows hold no more, and writes the differences.

The rules are those of `hub.evaluation.entitlements` and `hub.evaluation.visits`, in the same statements. Whoever writes of a
household holds its lock and has its row of `live_household` set to `NOT_EVALUATED`; this locks that row before it evaluates. So
a household is evaluated after the last write of it that is committed, or once more.
"""

from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncSession

from hub.evaluation.entitlements.entitled import entitled
from hub.evaluation.live.needs import EVERYTHING, NEEDS
from hub.evaluation.visits.ranking import to_visit
from hub.foundation.calendar import TODAY
from hub.foundation.database import CODE, Database, table_of, with_limits_of_jobs
from hub.foundation.prepared_sql import PreparedSql, fetch, render
from hub.model.households import HouseholdRow
from hub.model.live import LiveEntitlementRow, LiveHouseholdRow
from hub.policy.facts.persons import partly_covered
from hub.policy.facts.sight import everything

HOUSEHOLDS_IN_PART = 200
"""Few, since a write waits for the part that evaluates its household."""

_household = table_of(HouseholdRow)
_live, _entitlement = table_of(LiveHouseholdRow), table_of(LiveEntitlementRow)
_ids = sa.bindparam("household_ids", type_=sa.ARRAY(sa.Uuid))


def _among(household: FromClause) -> ColumnElement[bool]:
    return household.c.id == sa.any_(_ids)


def holds(live: FromClause) -> ColumnElement[bool]:
    """Whether the rows of a household hold today, by the rules of this version of the hub."""
    return sa.and_(live.c.evaluation == sa.literal(evaluation()), live.c.next_change_on > TODAY)


def holds_no_more(live: FromClause) -> ColumnElement[bool]:
    """The opposite, as three ranges of one index."""
    ours = sa.literal(evaluation())
    return sa.or_(
        live.c.evaluation < ours,
        live.c.evaluation > ours,
        sa.and_(live.c.evaluation == ours, live.c.next_change_on <= TODAY),
    )


@cache
def evaluation() -> str:
    """Names the rules of this version of the hub, by a digest of the statements that evaluate them."""
    return sha256((_entitlements().text + render(_found()).text).encode()).hexdigest()[:16]


@cache
def _to_evaluate() -> PreparedSql:
    """Some households whose rows hold no more, locked; those that another process evaluates are left to it."""
    return render(
        sa.select(_live.c.household_id)
        .where(holds_no_more(_live))
        .order_by(_live.c.household_id)
        .limit(sa.bindparam("most", type_=sa.Integer))
        .with_for_update(skip_locked=True)
    )


@cache
def _entitlements() -> PreparedSql:
    """Brings the entitlements of households up to date: a row whose status is what it was stays as it is."""
    claim = entitled(EVERYTHING, TODAY, within=_among)
    needs = {
        code: sa.cast(pg.array(sorted(scope.value for scope in scopes), type_=CODE), pg.ARRAY(CODE))
        for code, scopes in NEEDS.items()
    }
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
        .values(status=sa.null(), since=TODAY)
        .cte("gone")
    )
    insert = pg.insert(_entitlement).from_select(
        [*names, "to_check", "since", "needs"],
        sa.select(
            *(found.c[name] for name in names), found.c.to_check, TODAY, sa.case(needs, value=found.c.rule)
        ),
    )
    changed = _entitlement.c.status.is_distinct_from(insert.excluded.status)
    return render(
        insert.on_conflict_do_update(
            index_elements=[_entitlement.c[name] for name in names[:3]],
            set_={
                "status": insert.excluded.status,
                "since": sa.case((changed, insert.excluded.since), else_=_entitlement.c.since),
                "needs": insert.excluded.needs,
                "to_check": insert.excluded.to_check,
            },
            where=sa.or_(
                changed,
                _entitlement.c.needs != insert.excluded.needs,
                _entitlement.c.to_check != insert.excluded.to_check,
            ),
        ).add_cte(gone)
    )


def _found() -> sa.Select[Any]:
    """What the rows of households hold."""
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


@cache
def _households() -> PreparedSql:
    """Brings the rows of households up to date, until tomorrow: much changes by time alone."""
    found = _found().subquery("found")
    return render(
        sa.update(_live)
        .where(_live.c.household_id == found.c.id)
        .values(
            next_change_on=TODAY + 1,
            evaluation=sa.literal(evaluation()),
            region=found.c.region,
            visit_rank=found.c.rank,
            visit_reasons=found.c.reasons,
            partly_covered=found.c.partly_covered,
        )
    )


async def refresh(session: AsyncSession, household_ids: Sequence[UUID]) -> None:
    """Evaluate some households, whose rows the caller has locked, and write what came of it."""
    given = {"household_ids": household_ids}
    await fetch(session, _entitlements(), given)
    await fetch(session, _households(), given)


async def refresh_stale(database: Database, households_in_part: int = HOUSEHOLDS_IN_PART) -> int:
    """Evaluate every household whose rows hold no more, part by part in transactions of their own; answers how many they were.
    Any number of processes may do so at once."""
    evaluated = 0
    while True:
        async with database.write() as session:
            await with_limits_of_jobs(session)
            rows = await fetch(session, _to_evaluate(), {"most": households_in_part})
            if not rows:
                return evaluated
            await refresh(session, [row["household_id"] for row in rows])
        evaluated += len(rows)
