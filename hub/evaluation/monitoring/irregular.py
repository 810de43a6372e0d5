"""What cannot be right: the dead who are paid, the same person twice (46-2.2)."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Select

from hub.evaluation.monitoring.ground import AID, DAY, PERSON, facts, in_part, reported
from hub.model.circumstances import CircumstanceKind
from hub.policy.facts.aid import counts
from hub.policy.facts.persons import present


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
        .where(told, counts(aid), aid.c.period_from > one.c.since)
    )


def person_in_two_households() -> Select[Any]:
    """46-2.2: a present member who is a present member elsewhere as well."""
    person, other = PERSON.alias(), PERSON.alias()
    elsewhere = (
        sa.exists()
        .where(
            other.c.id_number_index == person.c.id_number_index,
            other.c.household_id != person.c.household_id,
            present(other, DAY),
        )
        .correlate_except(other)
    )
    return facts(person.c.household_id, person.c.id).where(
        in_part(person.c.household_id), present(person, DAY), elsewhere
    )
