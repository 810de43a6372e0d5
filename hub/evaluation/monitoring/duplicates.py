"""DUPLICATE_AID and the cases of overlapping aid: each pair that is found becomes a case, and the alert refers to an open
case."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Select
from sqlalchemy.ext.asyncio import AsyncSession

from hub.evaluation.monitoring.household_part import Condition, Conditions, Part, facts, in_part
from hub.foundation.database import table_of
from hub.ledger.chain import lock_households
from hub.model.alerts import AlertRow, Finding
from hub.model.overlaps import OverlapCaseRow, OverlapCode
from hub.overlaps.cases import Pair, open_cases
from hub.overlaps.pairs import cases_in_force, pairs_without_case
from hub.policy.facts.alerts import not_closed
from hub.policy.permissions.field_scopes import OVERLAP_CASE

_alert, _case = table_of(AlertRow), table_of(OverlapCaseRow)


def duplicate_aid() -> Select[Any]:
    """46-2.1: a case whose two records are both in force, reported for the household of the later record."""
    case, source, both_stand = cases_in_force()
    return (
        facts(case.c.household_id, case.c.person_id, sa.cast(case.c.id, sa.Text))
        .select_from(source)
        .where(in_part(case.c.household_id), both_stand)
    )


_UNTAKEN = pairs_without_case(in_part)


async def open_missing_cases(session: AsyncSession, part: Part) -> None:
    """Open a case for each pair that has no case, such as pairs of imported old records."""
    rows = (await session.execute(_UNTAKEN, part.parameters)).all()
    pairs = [
        Pair(
            OverlapCode(row.rule),
            (row.first_household_id, row.first_id),
            row.first_agency,
            row.household_id,
            row.person_id,
            row.second_agency,
            row.external_id,
            row.second_id,
        )
        for row in rows
    ]
    await lock_households(
        session, (household_id for pair in pairs for household_id in (pair.household_id, pair.first[0]))
    )
    await open_cases(session, pairs)


async def link_alerts(session: AsyncSession, part: Part) -> None:
    """Link each case to its alert."""
    open_alert = sa.and_(
        _alert.c.household_id == _case.c.household_id,
        _alert.c.finding == Finding.DUPLICATE_AID,
        _alert.c.evidence == sa.cast(_case.c.id, sa.Text),
        not_closed(_alert),
    )
    await session.execute(
        sa.update(_case)
        .where(in_part(_case.c.household_id), open_alert, _case.c.alert_id.is_distinct_from(_alert.c.id))
        .values(alert_id=_alert.c.id),
        part.parameters,
    )


CONDITIONS: Conditions = {Finding.DUPLICATE_AID: Condition(duplicate_aid, (OVERLAP_CASE.only("rule"),))}
