"""Finds the successor of a head who has died (46-2.2). A file of households or the list of deaths may report the death before
the next head is known. So the next head may come in any later file or request, which needs no row for the dead head.

A death counts here only if the caller may read it; for others the head stays the head.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.foundation.database import table_of
from hub.households.checking import CheckedHousehold
from hub.households.leaving import Leaving
from hub.households.registered import Registered
from hub.model.circumstances import CircumstanceRow
from hub.persons.names import same_name
from hub.policy.facts.circumstances import death_on_record
from hub.policy.permissions.row_policies import visible

_circumstance = table_of(CircumstanceRow)


async def read_dead_heads(
    session: AsyncSession,
    grant: Grant,
    households: Sequence[CheckedHousehold],
    registered: Registered,
    indexes: Mapping[int, bytes],
) -> None:
    """Read the deaths of those registered heads for whom the batch has, or names, another head."""
    heads = {
        head["id"]: head["household_id"]
        for household in households
        if (head := _head(household, registered)) is not None and _has_another(household, head, indexes)
    }
    if not heads:
        return
    rows = await session.execute(
        sa.select(_circumstance.c.person_id, sa.func.min(_circumstance.c.since).label("since"))
        .where(
            _circumstance.c.household_id == sa.any_(sa.cast(list(heads.values()), pg.ARRAY(sa.Uuid))),
            _circumstance.c.person_id == sa.any_(sa.cast(list(heads), pg.ARRAY(sa.Uuid))),
            death_on_record(_circumstance),
            visible(_circumstance, grant),
        )
        .group_by(_circumstance.c.person_id)
    )
    registered.dead_heads = {row.person_id: row.since for row in rows}


def succession(
    household: CheckedHousehold, registered: Registered, indexes: Mapping[int, bytes]
) -> Leaving | None:
    """The end of a dead head's membership, if the rows that can be written have another head. None if no other head follows,
    or if the same file has a row of the dead head or a row that ends the membership."""
    head = _head(household, registered)
    if head is None or household.head is None or head["id_number_index"] in household.leaving:
        return None
    died: date | None = registered.dead_heads.get(head["id"])
    listed = {indexes[member.row] for member in household.members}
    return None if died is None or head["id_number_index"] in listed else Leaving(head, died)


def _head(household: CheckedHousehold, registered: Registered) -> dict[str, Any] | None:
    existing = registered.households.get(household.code)
    return None if existing is None else registered.head(existing["id"])


def _has_another(household: CheckedHousehold, head: Mapping[str, Any], indexes: Mapping[int, bytes]) -> bool:
    """Whether the rows have another head or name another head."""
    new = household.head
    if new is not None:
        return bool(indexes[new.row] != head["id_number_index"])
    named = (member.values.get("head") for member in household.members)
    return any(name is not None and not same_name(name, head["name"]) for name in named)
