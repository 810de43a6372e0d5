"""Records which households agencies see outside their jurisdiction, and updates the record after every change.

`renew_sight` is the only writer of `shown_household` (samples use its first half). When an agency of another region gains or
loses sight of a household, the household's chain has an event, so that its own county knows (46-4.2).
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncSession

from hub.foundation.database import now, table_of
from hub.ledger.chain import Author, EventDraft, append_events
from hub.model.agencies import ShownBecause, ShownHouseholdRow
from hub.model.households import HouseholdRow
from hub.model.ledger import EventType
from hub.policy.facts.shown import beyond, shown
from hub.policy.permissions.sight import REASONS, lasts

_shown = table_of(ShownHouseholdRow)
_household = table_of(HouseholdRow)


async def renew_sight(
    session: AsyncSession, author: Author, household_ids: Iterable[UUID], *, moved: bool = False
) -> None:
    """Update which agencies see some households, in the transaction of the change. The events have this author. `moved`: the
    households have moved, so their new county gets an event for every agency from elsewhere."""
    changed, at = await compute_sight(session, household_ids, everything=moved), now()
    await append_events(
        session, author, [event for row in changed for event in _sight_events(row, at, anew=moved)]
    )


async def compute_sight(
    session: AsyncSession, household_ids: Iterable[UUID], *, everything: bool = False
) -> Sequence[sa.RowMapping]:
    """Update the record in the same way but without events, for a history that is written as a whole. Returns the changed
    rows, or with `everything` all rows."""
    changed = await _changed(session, sorted(set(household_ids)), everything)
    if not changed:
        return changed
    statement = pg.insert(_shown)
    key = [column.name for column in _shown.primary_key]
    await session.execute(
        statement.on_conflict_do_update(index_elements=key, set_={"until": statement.excluded.until}),
        [{name: row[name] for name in (*key, "since", "until")} for row in changed],
    )
    return changed


async def renew_sight_beyond(
    session: AsyncSession, author: Author, agency: str, household_ids: Iterable[UUID]
) -> None:
    """Update the record for the households that an agency wrote about. Only households outside its region matter: it sees the
    others by its jurisdiction."""
    outside = sa.select(_household.c.id).where(
        _household.c.id.in_(sorted(set(household_ids))), beyond(_household, sa.literal(agency))
    )
    await renew_sight(session, author, await session.scalars(outside))


async def _changed(session: AsyncSession, ids: Sequence[UUID], everything: bool) -> Sequence[sa.RowMapping]:
    """The rows that differ from the stored ones, with the stored values (`was_shown`, `was_until`) and whether the agency is
    from another region (`beyond`)."""
    if not ids:
        return []
    found = shown(lambda household_id: household_id.in_(ids)).subquery("found")
    same = sa.and_(*(_shown.c[column.name] == found.c[column.name] for column in _shown.primary_key))
    stood = _shown.c.household_id.is_not(None)
    query = (
        sa.select(
            found,
            stood.label("was_shown"),
            _shown.c.until.label("was_until"),
            beyond(_household, found.c.agency_id).label("beyond"),
        )
        .select_from(found)
        .join(_household, _household.c.id == found.c.household_id)
        .outerjoin(_shown, same)
        .where(sa.or_(sa.literal(everything), sa.not_(stood), _shown.c.until.is_distinct_from(found.c.until)))
        .order_by(found.c.household_id, found.c.agency_id, found.c.because)
    )
    return (await session.execute(query)).mappings().all()


def _sight_events(row: sa.RowMapping, at: datetime, *, anew: bool) -> Iterable[EventDraft]:
    """The events of a change: sight that begins or ends for agencies of other regions. `anew`: sight that continues has an
    event too."""
    did = row["was_shown"] and lasts(row["was_until"], at) and not anew
    does = lasts(row["until"], at)
    if not row["beyond"] or did is does:
        return
    because = ShownBecause(row["because"])
    body: dict[str, Any] = {"to": row["agency_id"], "because": because.value}
    if does:
        body["until"] = None if row["until"] is None else row["until"].isoformat(timespec="seconds")
    yield EventDraft(
        row["household_id"],
        EventType.SIGHT_GIVEN if does else EventType.SIGHT_ENDED,
        body,
        policy_basis=REASONS[because].clause,
    )
