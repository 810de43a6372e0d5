"""Facts of people who moved to another household since their registry first listed them (46-2.2).

A fact stays in the chain of the household in which it was reported. If the registry's next list has the same number again,
the fact is reported as a new fact in the person's present household. The new external id is derived from the number and the
person.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID, uuid5

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from hub.foundation.database import table_of
from hub.ledger.receipts import stored_receipts
from hub.model.circumstances import CircumstanceKind, CircumstanceRow
from hub.model.ledger import ReceiptOf
from hub.model.persons import PersonRow
from hub.policy.facts.persons import present

_circumstance, _person = table_of(CircumstanceRow), table_of(PersonRow)


@dataclass(frozen=True, slots=True)
class OfPerson:
    """A row of a list about a fact of a person; `external_id` is the registry's own number. `identity`: the person's blind
    index, the same in every household."""

    external_id: str
    kind: CircumstanceKind
    household_id: UUID | None
    person_id: UUID
    identity: bytes


async def names_after_moves(
    session: AsyncSession, agency: str, listed: Mapping[int, OfPerson]
) -> dict[int, str]:
    """The new external ids, by place, of the listed facts whose number is in use for the same fact of the same person in a
    former household."""
    held = await stored_receipts(
        session, agency, ReceiptOf.CIRCUMSTANCE, {fact.external_id for fact in listed.values()}
    )
    elsewhere = {
        place: receipt.key
        for place, fact in listed.items()
        if (receipt := held.get(fact.external_id)) is not None and receipt.household_id != fact.household_id
    }
    if not elsewhere:
        return {}
    ids = [key[-1] for key in elsewhere.values()]
    rows = await session.execute(
        sa.select(_circumstance.c.id, _circumstance.c.kind, _person.c.id_number_index)
        .join_from(
            _circumstance,
            _person,
            sa.and_(
                _person.c.household_id == _circumstance.c.household_id,
                _person.c.id == _circumstance.c.person_id,
            ),
        )
        .where(
            _circumstance.c.household_id.in_({key[0] for key in elsewhere.values()}),
            _circumstance.c.id.in_(ids),
            sa.not_(present(_person)),
        )
    )
    before = {row.id: (row.kind, row.id_number_index) for row in rows}
    return {
        place: f"{fact.kind}.{uuid5(fact.person_id, fact.external_id).hex}"
        for place, key in elsewhere.items()
        if before.get(key[-1]) == ((fact := listed[place]).kind, fact.identity)
    }
