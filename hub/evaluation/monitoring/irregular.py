"""Findings that show an error: payments to the dead, and persons registered twice (46-2.2)."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Select

from hub.evaluation.monitoring.household_part import (
    AID,
    CIRCUMSTANCE,
    DAY,
    PERSON,
    Condition,
    Conditions,
    facts,
    in_part,
)
from hub.model.agencies import Department
from hub.model.alerts import Finding
from hub.policy.facts.aid import begins_after_death, counts
from hub.policy.facts.circumstances import death, lasting
from hub.policy.facts.persons import present
from hub.policy.permissions.registry_scopes import read_scope


def deceased_recipient() -> Select[Any]:
    """46-2.2: a person in the funeral records whose aid continues after the month of death."""
    circumstance, aid = CIRCUMSTANCE.alias(), AID.alias()
    return (
        facts(circumstance.c.household_id, circumstance.c.person_id)
        .distinct()
        .join_from(
            circumstance,
            aid,
            sa.and_(
                aid.c.household_id == circumstance.c.household_id, aid.c.person_id == circumstance.c.person_id
            ),
        )
        .where(
            death(circumstance),
            lasting(circumstance, DAY),
            in_part(circumstance.c.household_id),
            counts(aid),
            begins_after_death(aid, circumstance),
        )
    )


def person_in_two_households() -> Select[Any]:
    """46-2.2: a present member who is also a present member of another household."""
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


CONDITIONS: Conditions = {
    Finding.DECEASED_RECIPIENT: Condition(deceased_recipient, (read_scope(Department.CIVIL_AFFAIRS),)),
    Finding.PERSON_IN_TWO_HOUSEHOLDS: Condition(person_in_two_households),
}
