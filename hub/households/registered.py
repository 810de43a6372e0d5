"""The registered data of a batch of households, locked for the transaction."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.foundation.database import CODE, table_of
from hub.model.households import HouseholdRow
from hub.model.persons import PersonRow, Relation
from hub.policy.facts.persons import is_present, present
from hub.policy.permissions.row_policies import visible

_household = table_of(HouseholdRow)
_person = table_of(PersonRow)


@dataclass(slots=True)
class Registered:
    """`households`: those in sight, by code. `members`: by household id and blind index. `elsewhere`: by blind index and
    household id, the codes of the households in which a person of the batch is a current member; None if the grant may not
    see the code. `out_of_sight`: the other codes of the batch that are in use. `dead_heads`: the days on which heads died, by
    person id (`succession.py`)."""

    households: dict[str, dict[str, Any]] = field(default_factory=dict)
    out_of_sight: set[str] = field(default_factory=set)
    members: dict[UUID, dict[bytes, dict[str, Any]]] = field(default_factory=lambda: defaultdict(dict))
    elsewhere: dict[bytes, dict[UUID, str | None]] = field(default_factory=lambda: defaultdict(dict))
    dead_heads: dict[UUID, date] = field(default_factory=dict)

    def head(self, household_id: UUID) -> dict[str, Any] | None:
        """The current head of a household."""
        members = self.members[household_id].values()
        return next(
            (
                member
                for member in members
                if member["relation"] is Relation.HEAD and is_present(member["left_on"])
            ),
            None,
        )


async def read_registered(
    session: AsyncSession, grant: Grant, codes: Collection[str], indexes: Collection[bytes]
) -> Registered:
    """Read and lock the visible households with these codes, with their members, and find the other households of these
    persons. What is out of sight is not locked."""
    registered = Registered()
    of_codes = _household.c.code == sa.any_(sa.cast(list(codes), pg.ARRAY(sa.Text)))
    households = await session.execute(
        sa.select(_household)
        .where(of_codes, visible(_household, grant))
        .order_by(_household.c.id)
        .with_for_update(key_share=True, of=_household)
    )
    for row in households.mappings():
        registered.households[row["code"]] = dict(row)
    used = await session.scalars(sa.select(_household.c.code).where(of_codes))
    registered.out_of_sight = set(used) - registered.households.keys()
    ids = [row["id"] for row in registered.households.values()]
    members = await session.execute(
        sa.select(_person).where(_person.c.household_id == sa.any_(sa.cast(ids, pg.ARRAY(sa.Uuid))))
    )
    for row in members.mappings():
        registered.members[row["household_id"]][row["id_number_index"]] = dict(row)
    await _find_elsewhere(session, grant, indexes, registered)
    return registered


async def _find_elsewhere(
    session: AsyncSession, grant: Grant, indexes: Collection[bytes], registered: Registered
) -> None:
    rows = await session.execute(
        sa.select(
            _person.c.id_number_index,
            _person.c.household_id,
            sa.case((visible(_household, grant), sa.cast(_household.c.code, CODE))).label("code"),
        )
        .join_from(_person, _household, _household.c.id == _person.c.household_id)
        .where(
            _person.c.id_number_index == sa.any_(sa.cast(list(indexes), pg.ARRAY(sa.LargeBinary))),
            present(_person),
        )
    )
    for row in rows:
        registered.elsewhere[row.id_number_index][row.household_id] = row.code


async def ids_by_code(session: AsyncSession, grant: Grant, codes: Iterable[str]) -> dict[str, UUID]:
    """The ids of the visible households with these codes."""
    wanted = list(codes)
    if not wanted:
        return {}
    rows = await session.execute(
        sa.select(_household.c.code, _household.c.id).where(
            _household.c.code == sa.any_(sa.cast(wanted, pg.ARRAY(sa.Text))), visible(_household, grant)
        )
    )
    return {row.code: row.id for row in rows}
