"""The facts that entitlements rest on, as data: from which sources each is known, and the scopes that open them.

A fact may be known to several: the township wrote down a severe disability, and the disabled persons' federation
certified it. It holds where a source that the grant opens says so, and is not asked at all where none is open.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement

from auth.grant import Grant, ScopeSets
from hub.circumstances.rules import REGISTRIES_OF
from hub.evaluation.entitlements.ground import Ground, among
from hub.evaluation.entitlements.windows import years_before
from hub.foundation.database import table_of
from hub.model.agencies import Department
from hub.model.certifications import MonitoredSubtype, Support
from hub.model.circumstances import CircumstanceKind
from hub.model.households import Residence
from hub.model.persons import EducationStage, Employment, Health, Labour, PersonRow
from hub.policy.facts.persons import present
from hub.policy.permissions.field_scopes import CERTIFICATION, HOUSEHOLD, PERSON
from hub.policy.permissions.registry_scopes import read_scope
from hub.policy.permissions.row_policies import visible
from hub.policy.permissions.scope_sets import any_of, needs, together

WORKING_AGE = (16, 63)
"""From 16, under 63: the highest statutory retirement age (渐进式延迟法定退休年龄, 2025-01-01)."""
SEVERE = 2
"""重度残疾: grades 1 and 2."""

_person = table_of(PersonRow)


@dataclass(frozen=True, slots=True)
class Source:
    """Who knows of a fact: the scopes that open it, and how it is read off the ground."""

    scopes: ScopeSets
    holds: Callable[[Ground, Grant], ColumnElement[bool]]


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact; `kinds` are the circumstances that are evidence of it."""

    sources: tuple[Source, ...]
    kinds: tuple[CircumstanceKind, ...] = ()

    def is_open_to(self, grant: Grant) -> bool:
        """Whether a grant may know of it from any source."""
        return any(grant.covers(source.scopes) for source in self.sources)

    def holds(self, ground: Ground, grant: Grant) -> ColumnElement[bool]:
        """Whether a source that is open to a grant says so; never null."""
        said = [source.holds(ground, grant) for source in self.sources if grant.covers(source.scopes)]
        return sa.func.coalesce(sa.or_(sa.false(), *said), sa.false())


def either(*facts: Fact) -> Fact:
    """A fact that any of some facts makes."""
    return Fact(
        tuple(source for fact in facts for source in fact.sources),
        tuple(kind for fact in facts for kind in fact.kinds),
    )


def _of_person(holds: Callable[[Any, ColumnElement[Any]], ColumnElement[bool]], *fields: str) -> Source:
    """What the township wrote down of a member: (columns, day) -> predicate, which reads these fields of a person."""
    scopes = together(PERSON.base, *(PERSON[one] for one in fields))
    return Source(scopes, lambda ground, _: holds(ground.member.c, ground.day))


def _told(kind: CircumstanceKind, holds: Callable[[Any], ColumnElement[bool]] | None = None) -> Source:
    """What a registry reported: the kind, and what else must hold of the reports."""
    scopes = any_of(*map(read_scope, REGISTRIES_OF[kind]))

    def sql(ground: Ground, _: Grant) -> ColumnElement[bool]:
        there = among(ground.reported.c.kinds, kind.value)
        return there if holds is None else sa.and_(there, holds(ground.reported.c))

    return Source(scopes, sql)


def _aged(years: int) -> Fact:
    return Fact((_of_person(lambda p, day: p.birth_date <= years_before(day, years), "birthDate"),))


def _under(years: int) -> Fact:
    return Fact((_of_person(lambda p, day: p.birth_date > years_before(day, years), "birthDate"),))


def _working_age(person: Any, day: ColumnElement[Any]) -> ColumnElement[bool]:
    youngest, oldest = WORKING_AGE
    return sa.and_(
        person.birth_date <= years_before(day, youngest), person.birth_date > years_before(day, oldest)
    )


def _zero_employment(ground: Ground, grant: Grant) -> ColumnElement[bool]:
    """Somebody could work, and nobody who could does."""

    def somebody(*works: ColumnElement[bool]) -> ColumnElement[bool]:
        return (
            sa.exists()
            .where(
                one.c.household_id == ground.household.c.id,
                present(one, ground.day),
                _working_age(one.c, ground.day),
                one.c.labour.is_distinct_from(Labour.NONE),
                one.c.employment.is_distinct_from(Employment.STUDYING),
                *works,
                visible(one, grant, household_seen=True),
            )
            .correlate_except(one)
        )

    one = _person.alias()
    idle = sa.or_(one.c.employment.is_(None), one.c.employment.in_((Employment.UNEMPLOYED, Employment.NONE)))
    return sa.and_(somebody(), sa.not_(somebody(sa.not_(idle))))


_EMPLOYMENT = together(PERSON.base, PERSON["birthDate"], PERSON["employment"], PERSON["labour"])

URBAN = Fact((
    Source(HOUSEHOLD["residence"], lambda ground, _: ground.household.c.residence == Residence.URBAN),
))  # fmt: skip
RURAL = Fact((
    Source(HOUSEHOLD["residence"], lambda ground, _: ground.household.c.residence == Residence.RURAL),
))  # fmt: skip
MINOR, ELDERLY = _under(18), _aged(70)
"""未成年人, 70周岁以上老年人 (46-3.1)."""

SEVERELY_DISABLED = Fact(
    (
        _of_person(lambda p, _: p.disability_grade <= SEVERE, "disabilityGrade"),
        _told(CircumstanceKind.DISABILITY, lambda told: told.grade <= SEVERE),
    ),
    (CircumstanceKind.DISABILITY,),
)
DISABLED = Fact(
    (
        _of_person(lambda p, _: p.disability_grade.is_not(None), "disabilityGrade"),
        _told(CircumstanceKind.DISABILITY),
    ),
    (CircumstanceKind.DISABILITY,),
)
SERIOUSLY_ILL = Fact(
    (
        _of_person(lambda p, _: p.health == Health.SERIOUS, "health"),
        _told(CircumstanceKind.SERIOUS_ILLNESS),
    ),
    (CircumstanceKind.SERIOUS_ILLNESS,),
)
STUDENT = Fact(
    (
        _of_person(lambda p, _: p.education_stage.is_not(None), "educationStage"),
        _told(CircumstanceKind.HARDSHIP_STUDENT),
    ),
    (CircumstanceKind.HARDSHIP_STUDENT,),
)
IN_COLLEGE = Fact(
    (
        _of_person(lambda p, _: p.education_stage == EducationStage.COLLEGE, "educationStage"),
        _told(
            CircumstanceKind.HARDSHIP_STUDENT, lambda told: among(told.stages, EducationStage.COLLEGE.value)
        ),
    ),
    (CircumstanceKind.HARDSHIP_STUDENT,),
)
SUPPLEMENTED = either(SEVERELY_DISABLED, SERIOUSLY_ILL, ELDERLY, IN_COLLEGE, MINOR)
"""The classes that get 100 yuan a month more (46-3.1)."""

OF_WORKING_AGE = Fact((_of_person(_working_age, "birthDate"),))
UNEMPLOYED = Fact(
    (
        _of_person(
            lambda p, _: sa.and_(
                p.employment == Employment.UNEMPLOYED, p.labour.is_distinct_from(Labour.NONE)
            ),
            "employment", "labour",
        ),
        _told(CircumstanceKind.REGISTERED_UNEMPLOYED),
    ),
    (CircumstanceKind.REGISTERED_UNEMPLOYED,),
)  # fmt: skip
"""Registered as unemployed, or written down as such though able to work."""

ZERO_EMPLOYMENT = Fact((Source(_EMPLOYMENT, _zero_employment),))
STRUCK = Fact(
    (
        Source(
            needs(read_scope(Department.EMERGENCY_MANAGEMENT)),
            lambda ground, _: ground.reported.c.struck_on > years_before(ground.day, 1),
        ),
    ),
    (CircumstanceKind.DISASTER,),
)
"""Struck by a disaster within the last twelve months."""
BEREAVED = Fact(
    (
        Source(
            needs(read_scope(Department.CIVIL_AFFAIRS)),
            lambda ground, _: ground.reported.c.died_on > years_before(ground.day, 1),
        ),
    ),
    (CircumstanceKind.DEATH,),
)
"""A member died within the last twelve months."""
DISPERSED = Fact((
    Source(CERTIFICATION["support"], lambda ground, _: among(ground.certified.c.supports, Support.DISPERSED.value)),
))  # fmt: skip
SUDDENLY_IN_TROUBLE = Fact((
    Source(
        CERTIFICATION["subtype"], lambda ground, _: among(ground.certified.c.subtypes, MonitoredSubtype.SUDDEN_HARDSHIP.value)
    ),
))  # fmt: skip
"""突发严重困难户 (46-1.2.2)."""
IN_TROUBLE = either(STRUCK, SUDDENLY_IN_TROUBLE)
"""突发性、紧迫性、灾难性困难, as far as the hub is told of it."""
