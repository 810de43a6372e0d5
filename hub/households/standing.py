"""What stands in the database already for the households of one batch, locked for the transaction."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.foundation.database import CODE, table_of
from hub.model.households import HouseholdRow
from hub.model.persons import PersonRow, Relation
from hub.policy.facts.persons import present
from hub.policy.permissions.row_policies import visible

_household = table_of(HouseholdRow)
_person = table_of(PersonRow)


@dataclass(slots=True)
class Standing:
    """`households` of the jurisdiction by code, `members` by household and blind index, `foreign` the codes that households
    elsewhere have, `elsewhere` the households, by id, in which a person of the batch is a current member, with their code where
    the grant may see it."""

    foreign: set[str] = field(default_factory=set)
    households: dict[str, dict[str, Any]] = field(default_factory=dict)
    members: dict[UUID, dict[bytes, dict[str, Any]]] = field(default_factory=lambda: defaultdict(dict))
    elsewhere: dict[bytes, dict[UUID, str | None]] = field(default_factory=lambda: defaultdict(dict))

    def head(self, household_id: UUID) -> dict[str, Any] | None:
        """The current head of a household."""
        members = self.members[household_id].values()
        return next((one for one in members if one["relation"] is Relation.HEAD and not one["left_on"]), None)


async def read_standing(
    session: AsyncSession, grant: Grant, codes: Collection[str], indexes: Collection[bytes]
) -> Standing:
    """Read and lock the households of the jurisdiction with these codes and their members; find which codes and persons are
    registered elsewhere, where nothing is locked."""
    standing = Standing()
    named = _household.c.code == sa.any_(sa.cast(list(codes), pg.ARRAY(sa.Text)))
    own = sa.or_(sa.false(), *(_household.c.region.startswith(region) for region in grant.regions))
    standing.foreign = set(await session.scalars(sa.select(_household.c.code).where(named, sa.not_(own))))
    households = await session.execute(
        sa.select(_household).where(named, own).order_by(_household.c.id).with_for_update(key_share=True)
    )
    for row in households.mappings():
        standing.households[row["code"]] = dict(row)
    ids = [row["id"] for row in standing.households.values()]
    members = await session.execute(
        sa.select(_person).where(_person.c.household_id == sa.any_(sa.cast(ids, pg.ARRAY(sa.Uuid))))
    )
    for row in members.mappings():
        standing.members[row["household_id"]][row["id_number_index"]] = dict(row)
    await _find_elsewhere(session, grant, indexes, standing)
    return standing


async def _find_elsewhere(
    session: AsyncSession, grant: Grant, indexes: Collection[bytes], standing: Standing
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
        standing.elsewhere[row.id_number_index][row.household_id] = row.code


async def ids_by_code(session: AsyncSession, grant: Grant, codes: Iterable[str]) -> dict[str, UUID]:
    """The households with these codes that the grant sees."""
    wanted = list(codes)
    if not wanted:
        return {}
    rows = await session.execute(
        sa.select(_household.c.code, _household.c.id).where(
            _household.c.code == sa.any_(sa.cast(wanted, pg.ARRAY(sa.Text))), visible(_household, grant)
        )
    )
    return {row.code: row.id for row in rows}
