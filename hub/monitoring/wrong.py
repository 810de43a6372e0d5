"""What cannot be right: the dead who are paid, the same aid twice, the same person twice (46-2.1, 46-2.2)."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Select

from hub.circumstances.tables import CircumstanceKind
from hub.monitoring.ground import AID, PERSON, current, facts, in_part, present, reported


def deceased_recipient() -> Select[Any]:
    """46-2.2: somebody in the funeral records, whose aid goes on after the month of death."""
    one, told = reported(CircumstanceKind.DEATH)
    aid = AID.alias()
    return (
        facts(one.c.household_id, one.c.person_id)
        .distinct()
        .join_from(
            one, aid, sa.and_(aid.c.household_id == one.c.household_id, aid.c.person_id == one.c.person_id)
        )
        .where(told, current(aid), aid.c.period_from > one.c.since)
    )


def duplicate_aid() -> Select[Any]:
    """46-2.1: the same programme for the same person, in overlapping periods, from two agencies; of each pair the later one
    is told, at the household where it was recorded."""
    later, earlier = AID.alias(), AID.alias()
    person, same = PERSON.alias(), PERSON.alias()
    return (
        facts(later.c.household_id, later.c.person_id, sa.cast(later.c.id, sa.Text))
        .distinct()
        .select_from(later)
        .join(person, sa.and_(person.c.household_id == later.c.household_id, person.c.id == later.c.person_id))
        .join(same, same.c.id_number_index == person.c.id_number_index)
        .join(
            earlier,
            sa.and_(
                earlier.c.household_id == same.c.household_id, earlier.c.person_id == same.c.id,
                earlier.c.program == later.c.program,
            ),
        )
        .where(
            in_part(later.c.household_id), current(later), current(earlier),
            earlier.c.agency_id.collate("C") != later.c.agency_id.collate("C"), earlier.c.id < later.c.id,
            earlier.c.period_from <= later.c.period_until, earlier.c.period_until >= later.c.period_from,
        )
    )  # fmt: skip


def person_in_two_households() -> Select[Any]:
    """46-2.2: a present member who is a present member elsewhere as well."""
    person, other = PERSON.alias(), PERSON.alias()
    elsewhere = (
        sa.exists()
        .where(
            other.c.id_number_index == person.c.id_number_index, other.c.household_id != person.c.household_id,
            present(other),
        )
        .correlate_except(other)
    )  # fmt: skip
    return facts(person.c.household_id, person.c.id).where(
        in_part(person.c.household_id), present(person), elsewhere
    )
