"""Sharing a list for a month: its facts are reported as usual, and the share is counted in the same transaction."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.circumstances.commands import CircumstanceOutcome, report_batch
from hub.circumstances.drafts import CircumstanceDraft
from hub.commands.context import CommandContext
from hub.foundation.database import now, table_of
from hub.foundation.prepared_sql import by_columns, fetch, render, rows_of_arrays
from hub.model.agencies import Department
from hub.model.circumstances import CircumstanceKind
from hub.model.households import HouseholdRow
from hub.model.regions import RegionLevel, RegionRow
from hub.model.shares import MonthlyShareRow, ShareEntryRow
from hub.policy.facts.shares import arrived
from hub.policy.permissions.jurisdiction import in_jurisdiction
from hub.shares.rules import COUNTY_DIGITS, SHARE_RULES, due_on, expected, future_fault, sharer_refusal

_household, _region = table_of(HouseholdRow), table_of(RegionRow)
_share, _entry = table_of(MonthlyShareRow), table_of(ShareEntryRow)

Named = Mapping[CircumstanceKind, Collection[tuple[UUID, UUID]]]
"""The facts of a list by kind: (household id, record id)."""


def _new_entries() -> Any:
    """Save new entries; returns the county of each."""
    listed = rows_of_arrays(_entry.c.household_id, _entry.c.record_id)
    month = sa.bindparam("month", type_=sa.Date)
    new = (
        pg.insert(_entry)
        .from_select(
            ["household_id", "record_id", "month"],
            sa.select(listed.c.household_id, listed.c.record_id, month),
        )
        .on_conflict_do_nothing()
        .returning(_entry.c.household_id)
        .cte("new")
    )
    county = sa.func.left(_household.c.region, COUNTY_DIGITS)
    return render(
        sa.select(county.label("county"), sa.func.count().label("rows"))
        .join_from(new, _household, _household.c.id == new.c.household_id)
        .group_by(county)
    )


_NEW_ENTRIES = _new_entries()


async def report_for_month(
    context: CommandContext, drafts: Sequence[CircumstanceDraft], month: date | None
) -> list[CircumstanceOutcome]:
    """Report a batch, as (part of) the list of a month if one is named; returns the outcomes of `report_circumstances`.

    An empty batch is an empty list: for example, nobody died this month. Raises BatchTooLarge, and the error if the agency
    or the month cannot have a list. A list that was shared before can be sent again at any time.
    """
    session, grant = context.session, context.grant
    if month is not None and (error := sharer_refusal(grant)):
        raise error
    outcomes = await report_batch(context, drafts)
    if month is not None and (error := future_fault(month)) and not await _came(context, month):
        raise error
    if month is not None and drafts:
        await share_reported(session, grant, month, drafts, outcomes)
    elif month is not None:
        await share_nothing(session, grant, month)
    return outcomes


async def _came(context: CommandContext, month: date) -> bool:
    """Whether the registry shared a list of this month before, for a county in the jurisdiction of the caller."""
    registry = Department(context.grant.department)
    came = sa.exists().where(
        _share.c.source_registry == registry,
        _share.c.month == month,
        arrived(_share),
        in_jurisdiction(_share.c.region, context.grant),
    )
    return bool(await context.session.scalar(sa.select(came)))


async def share_reported(
    session: AsyncSession,
    grant: Grant,
    month: date,
    drafts: Sequence[CircumstanceDraft],
    outcomes: Sequence[CircumstanceOutcome],
) -> None:
    """Count the saved reports of a list; a list without a saved report is not shared."""
    named: dict[CircumstanceKind, set[tuple[UUID, UUID]]] = {}
    for draft, outcome in zip(drafts, outcomes, strict=True):
        if outcome.key is not None:
            named.setdefault(draft.kind, set()).add(outcome.key)
    if named:
        await share(session, grant, month, named)


async def share_nothing(session: AsyncSession, grant: Grant, month: date) -> None:
    """Share an empty list: the registry has no fact for this month."""
    rule = SHARE_RULES.get(Department(grant.department))
    if rule is not None:
        await share(session, grant, month, {rule.kind: ()})


async def share(session: AsyncSession, grant: Grant, month: date, named: Named) -> None:
    """Count the facts of a month's list for each county of the agency; a fact that was named before counts once."""
    registry = Department(grant.department)
    counties = await session.scalars(
        sa.select(_region.c.code)
        .where(
            _region.c.level == RegionLevel.COUNTY,
            sa.or_(*(_region.c.code.startswith(region) for region in grant.regions)),
        )
        .order_by(_region.c.code)
    )
    known, at = list(counties), now()
    rows: list[dict[str, Any]] = []
    for kind, entries in sorted(named.items()):
        rule, counted = expected(registry, kind), await _count(session, month, entries)
        rows += [
            {
                "source_registry": registry,
                "kind": kind,
                "month": month,
                "region": county,
                "rows": counted[county],
                "policy_basis": rule and rule.clause,
                "due_on": rule and due_on(month),
                "agency_id": grant.agency,
                "first_shared_at": at,
                "shared_at": at,
            }
            for county in known
        ]
    if not rows:
        return
    insert = pg.insert(_share).values(rows)
    came = insert.excluded
    await session.execute(
        insert.on_conflict_do_update(
            index_elements=list(_share.primary_key.columns),
            set_={
                "rows": _share.c.rows + came.rows,
                "agency_id": came.agency_id,
                "shared_at": came.shared_at,
                "first_shared_at": sa.func.coalesce(_share.c.first_shared_at, came.first_shared_at),
            },
        )
    )


async def _count(session: AsyncSession, month: date, entries: Collection[tuple[UUID, UUID]]) -> Counter[str]:
    """The number of new entries by county."""
    if not entries:
        return Counter()
    parameters = {"month": month, **by_columns(("household_id", "record_id"), sorted(entries))}
    return Counter({row["county"]: row["rows"] for row in await fetch(session, _NEW_ENTRIES, parameters)})
