"""Findings that show an error: aid and certifications that continue after a death, and persons registered twice (46-2.2)."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import Select

from hub.evaluation.monitoring.household_part import (
    AID,
    CERTIFICATION,
    CIRCUMSTANCE,
    DAY,
    DEATHS,
    PERSON,
    Condition,
    Conditions,
    facts,
    in_part,
)
from hub.model.aid import AidKind
from hub.model.alerts import Finding
from hub.policy.facts.aid import begins_after_death, counts
from hub.policy.facts.certifications import SUPPORTED, certified, covers, in_force, in_force_at
from hub.policy.facts.circumstances import began_by, death, lasting
from hub.policy.facts.persons import living, present
from hub.policy.facts.sight import everything
from hub.policy.permissions.field_scopes import CERTIFICATION as FIELDS_OF_CERTIFICATION

_MONTH = sa.cast(sa.func.date_trunc("month", sa.cast(DAY, sa.TIMESTAMP)), sa.Date)
"""The first day of the month. The changes after a death in this month may still be in progress."""


def deceased_recipient() -> Select[Any]:
    """46-2.2: a person in the funeral records whose aid continues after the month of death. Also a household whose allowance
    or support continues after the death of the last member that it covered."""
    return sa.select(sa.union(_paid_to_the_dead(), _paid_to_their_households()).subquery())


def _paid_to_their_households() -> Select[Any]:
    circumstance, aid, member = CIRCUMSTANCE.alias(), AID.alias(), PERSON.alias()
    covered_then = certified(
        circumstance.c.household_id,
        circumstance.c.person_id,
        circumstance.c.since,
        everything,
        *SUPPORTED,
        holds=in_force_at,
    )
    still_covered = (
        sa.exists()
        .where(
            member.c.household_id == aid.c.household_id,
            living(member, aid.c.period_from, everything),
            covers(member, aid.c.period_from, everything, *SUPPORTED),
        )
        .correlate_except(member)
    )
    return facts(aid.c.household_id, None).where(
        death(circumstance),
        lasting(circumstance, DAY),
        in_part(circumstance.c.household_id),
        circumstance.c.person_id.is_not(None),
        aid.c.household_id == circumstance.c.household_id,
        aid.c.person_id.is_(None),
        aid.c.kind == AidKind.BASIC_LIVING,
        counts(aid),
        begins_after_death(aid, circumstance),
        covered_then,
        sa.not_(still_covered),
    )


def deceased_certified() -> Select[Any]:
    """46-2.2: a certification in force of a person who died before this month."""
    circumstance, certification = CIRCUMSTANCE.alias(), CERTIFICATION.alias()
    return (
        facts(circumstance.c.household_id, circumstance.c.person_id, certification.c.category)
        .distinct()
        .where(
            certification.c.household_id == circumstance.c.household_id,
            certification.c.person_id == circumstance.c.person_id,
            death(circumstance),
            lasting(circumstance, DAY),
            began_by(circumstance, _MONTH - 1),
            in_part(circumstance.c.household_id),
            in_force(certification, DAY),
        )
    )


def household_without_members() -> Select[Any]:
    """46-2.2: a household with a certification in force, all of whose members died or left before this month."""
    certification, member, anybody = CERTIFICATION.alias(), PERSON.alias(), PERSON.alias()
    there = (
        sa.exists().where(anybody.c.household_id == certification.c.household_id).correlate_except(anybody)
    )
    lives = (
        sa.exists()
        .where(member.c.household_id == certification.c.household_id, living(member, _MONTH, everything))
        .correlate_except(member)
    )
    return (
        facts(certification.c.household_id, None)
        .distinct()
        .where(in_part(certification.c.household_id), in_force(certification, DAY), there, sa.not_(lives))
    )


def _paid_to_the_dead() -> Select[Any]:
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
        in_part(person.c.household_id), living(person, DAY, everything), elsewhere
    )


_CERTIFIED = FIELDS_OF_CERTIFICATION.only("category")

CONDITIONS: Conditions = {
    Finding.DECEASED_RECIPIENT: Condition(deceased_recipient, (DEATHS, _CERTIFIED)),
    Finding.DECEASED_CERTIFIED: Condition(deceased_certified, (DEATHS, _CERTIFIED)),
    Finding.HOUSEHOLD_WITHOUT_MEMBERS: Condition(household_without_members, (DEATHS, _CERTIFIED)),
    Finding.PERSON_IN_TWO_HOUSEHOLDS: Condition(person_in_two_households, (DEATHS,)),
}
