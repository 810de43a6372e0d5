"""The facts that entitlements depend on, as data: their sources, and the scopes that open each source.

A fact can have several sources: the township registered a severe disability, and the disabled persons' federation certified
it. It holds if one source that the grant opens reports it. A fact without an open source is not read.
"""

from collections.abc import Callable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from auth.grant import Grant, ScopeSets
from hub.circumstances.rules import REGISTRIES_OF
from hub.evaluation.entitlements.situation import Day, Situation, among
from hub.foundation.calendar import years_before
from hub.model.agencies import Department
from hub.model.aid import OtherForm
from hub.model.certifications import Category, MonitoredSubtype, Support
from hub.model.circumstances import CircumstanceKind
from hub.model.households import Residence
from hub.policy.facts import ages, conditions, labour
from hub.policy.facts.aid import month_due
from hub.policy.facts.circumstances import is_reported, struck_since
from hub.policy.facts.county_options import extended as by_county
from hub.policy.facts.sight import beside
from hub.policy.facts.supplements import CLASSES, SupplementClass
from hub.policy.permissions.field_scopes import CERTIFICATION, HOUSEHOLD, PERSON
from hub.policy.permissions.registry_scopes import read_scope
from hub.policy.permissions.scope_sets import any_of, needs, together


@dataclass(frozen=True, slots=True)
class Source:
    """A source of a fact: its scopes, and its condition on the situation."""

    scopes: ScopeSets
    holds: Callable[[Situation, Grant], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact; `kinds` are the kinds of circumstance that prove it."""

    sources: tuple[Source, ...]
    kinds: tuple[CircumstanceKind, ...] = ()

    def is_open_to(self, grant: Grant) -> bool:
        """Whether a grant may read one of the sources."""
        return any(grant.covers(source.scopes) for source in self.sources)

    def is_whole_to(self, grant: Grant) -> bool:
        """Whether a grant may read every source, and of each source every registry: then it knows of every case of the fact."""
        return all(grant.covers((scopes,)) for source in self.sources for scopes in source.scopes)

    def holds(self, situation: Situation, grant: Grant) -> ColumnElement[bool]:
        """Whether an open source reports the fact; never null."""
        conditions = [
            source.holds(situation, grant) for source in self.sources if grant.covers(source.scopes)
        ]
        return sa.func.coalesce(sa.or_(sa.false(), *conditions), sa.false())


def either(*facts: Fact) -> Fact:
    """A fact that holds if one of several facts holds."""
    return Fact(
        tuple(source for fact in facts for source in fact.sources),
        tuple(kind for fact in facts for kind in fact.kinds),
    )


def _of_person(holds: Callable[[FromClause, Day], ColumnElement[bool]], *fields: str) -> Fact:
    """A fact of a member as the township registered it: `holds` makes the condition from (person, day), `fields` are the
    fields that it reads."""
    scopes = together(PERSON.base, *(PERSON[field] for field in fields))
    return Fact((Source(scopes, lambda situation, _: holds(situation.member, situation.day)),))


def _reported(
    kind: CircumstanceKind, holds: Callable[[FromClause], ColumnElement[bool]] | None = None
) -> Fact:
    """A fact that a registry reported: a report of the kind; `holds` is a further condition on the reports."""
    scopes = any_of(*map(read_scope, REGISTRIES_OF[kind]))

    def sql(situation: Situation, _: Grant) -> ColumnElement[bool]:
        there = among(situation.reported.c.kinds, kind.value)
        return there if holds is None else sa.and_(there, holds(situation.reported))

    return Fact((Source(scopes, sql),), (kind,))


def _of_class(member_class: SupplementClass) -> Fact:
    """A class of 46-3.1 on the first day of the last due month, as the township registered it or a registry reports it
    (docs/adr/0012)."""
    registered = _of_person(
        lambda person, day: member_class.holds(person, month_due(day)[0]), member_class.rests_on
    )
    kind = member_class.reported
    if kind is None:
        return registered

    def reported(situation: Situation, grant: Grant) -> ColumnElement[bool]:
        first = month_due(situation.day)[0]
        return is_reported(situation.member, first, beside(grant), kind, condition=member_class.report)

    scopes = any_of(*map(read_scope, REGISTRIES_OF[kind]))
    return either(registered, Fact((Source(scopes, reported),), (kind,)))


def extended(item: OtherForm, categories: tuple[Category, ...]) -> Fact:
    """Whether the county recorded that it extends an item of 46-3.5 to one of these categories, and the subject is in that
    category. The county's decision is public; the category is guarded."""

    def sql(situation: Situation, _: Grant) -> ColumnElement[bool]:
        held = situation.certified.c.categories
        return by_county(situation.household.c.region, item, held, situation.day, *categories)

    return Fact((Source(CERTIFICATION["category"], sql),))


URBAN = Fact(
    (Source(HOUSEHOLD["residence"], lambda situation, _: situation.household.c.residence == Residence.URBAN),)
)
RURAL = Fact(
    (Source(HOUSEHOLD["residence"], lambda situation, _: situation.household.c.residence == Residence.RURAL),)
)
MINOR, ELDERLY = _of_person(ages.minor, "birthDate"), _of_person(ages.elderly, "birthDate")
"""未成年人, 老年人 (46-3.4)."""

SEVERELY_DISABLED = either(
    _of_person(lambda person, _: conditions.severely_disabled(person), "disabilityGrade"),
    _reported(CircumstanceKind.DISABILITY, conditions.severely_disabled),
)
DISABLED = either(
    _of_person(lambda person, _: conditions.disabled(person), "disabilityGrade"),
    _reported(CircumstanceKind.DISABILITY),
)
SERIOUSLY_ILL = either(
    _of_person(lambda person, _: conditions.seriously_ill(person), "health"),
    _reported(CircumstanceKind.SERIOUS_ILLNESS),
)
CHRONICALLY_ILL = either(
    _of_person(lambda person, _: conditions.chronically_ill(person), "health"),
    _reported(CircumstanceKind.CHRONIC_ILLNESS),
)
STUDENT = either(
    _of_person(lambda person, _: conditions.at_school(person), "educationStage"),
    _reported(CircumstanceKind.HARDSHIP_STUDENT),
)
LISTED_STUDENT = _reported(CircumstanceKind.HARDSHIP_STUDENT)
"""家庭经济困难学生, on education's list (46-2.3)."""
SUPPLEMENTED = either(*map(_of_class, CLASSES.values()))
"""A member of one of the classes that get the supplement of 100 yuan a month (46-3.1)."""

OF_WORKING_AGE = _of_person(ages.of_working_age, "birthDate")
UNEMPLOYED = either(
    _of_person(lambda person, _: labour.unemployed(person), "employment", "labour"),
    _reported(CircumstanceKind.REGISTERED_UNEMPLOYED),
)
"""In the register of unemployed people, or entered by the township as unemployed and able to work."""

ZERO_EMPLOYMENT = Fact(
    (
        Source(
            together(PERSON.base, PERSON["birthDate"], PERSON["employment"], PERSON["labour"]),
            lambda situation, grant: labour.zero_employment(
                situation.household, situation.day, beside(grant)
            ),
        ),
    )
)
STRUCK = Fact(
    (
        Source(
            needs(read_scope(Department.EMERGENCY_MANAGEMENT)),
            lambda situation, _: struck_since(situation.reported, years_before(situation.day, 1)),
        ),
    ),
    (CircumstanceKind.DISASTER,),
)
"""Affected by a disaster within the last twelve months."""
STRUCK_WHEN_COVERED = Fact(
    (
        Source(
            together(needs(read_scope(Department.EMERGENCY_MANAGEMENT)), CERTIFICATION["category"]),
            lambda situation, _: situation.reported.c.struck_when_covered > years_before(situation.day, 1),
        ),
    ),
    (CircumstanceKind.DISASTER,),
)
"""Affected by a disaster within the last twelve months, and certified on the day of the disaster."""
DIED_WHEN_COVERED = Fact(
    (
        Source(
            together(needs(read_scope(Department.CIVIL_AFFAIRS)), CERTIFICATION["category"]),
            lambda situation, _: situation.reported.c.died_when_covered > years_before(situation.day, 1),
        ),
    ),
    (CircumstanceKind.DEATH,),
)
"""A member died within the last twelve months and was certified on the day of death."""
DISPERSED = Fact(
    (
        Source(
            CERTIFICATION["support"],
            lambda situation, _: among(situation.certified.c.supports, Support.DISPERSED.value),
        ),
    )
)
SUDDENLY_IN_TROUBLE = Fact(
    (
        Source(
            CERTIFICATION["subtype"],
            lambda situation, _: among(
                situation.certified.c.subtypes, MonitoredSubtype.SUDDEN_HARDSHIP.value
            ),
        ),
    )
)
"""突发严重困难户 (46-1.2.2)."""
IN_TROUBLE = either(STRUCK, SUDDENLY_IN_TROUBLE)
"""突发性、紧迫性、灾难性困难, if it was reported to the hub."""
