"""Whom 46-2.3 has visited first, as data: each reason with the facts that it shows by, each with the scopes
that open it. They stand in the order in which the policy names them (重点走访)."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, FromClause

from auth.grant import Grant, ScopeSets
from auth.scopes import Scope
from hub.circumstances.rules import read_scope
from hub.evaluation.visits import facts
from hub.model.agencies import Department

CLAUSE = "46-2.3"

Holds = Callable[[FromClause, Grant], ColumnElement[bool]]
"""SQL: (a household, the grant) -> whether the fact shows in what the grant sees of it."""


class VisitReason(StrEnum):
    """Why a household is visited first."""

    DISABILITY_OUTSIDE = "DISABILITY_OUTSIDE"
    PARTLY_COVERED = "PARTLY_COVERED"
    LITTLE_LABOUR = "LITTLE_LABOUR"
    ILLNESS = "ILLNESS"
    URGENT_TROUBLE = "URGENT_TROUBLE"


@dataclass(frozen=True, slots=True)
class Fact:
    """One way in which a reason shows; `needs` open it."""

    needs: ScopeSets
    holds: Holds


@dataclass(frozen=True, slots=True)
class VisitRule:
    """What a reason shows by: any of the facts."""

    facts: tuple[Fact, ...]


def _all(*scopes: Scope) -> ScopeSets:
    return (frozenset(scopes),)


_COVER = (Scope.CERTIFICATION_READ, Scope.PERSON_READ)
_DISABLED, _EMERGENCY = (
    read_scope(one) for one in (Department.DISABLED_FEDERATION, Department.EMERGENCY_MANAGEMENT)
)
_OF_ILLNESS: ScopeSets = (
    frozenset({read_scope(Department.HEALTH)}),
    frozenset({read_scope(Department.MEDICAL_INSURANCE)}),
)

VISIT_RULES: dict[VisitReason, VisitRule] = {
    VisitReason.DISABILITY_OUTSIDE: VisitRule(
        (
            Fact(_all(*_COVER, Scope.PERSON_DISABILITY_READ), facts.disabled_outside),
            Fact(_all(*_COVER, _DISABLED), facts.certified_disabled_outside),
        ),
    ),
    VisitReason.PARTLY_COVERED: VisitRule((Fact(_all(*_COVER), facts.partly_covered),)),
    VisitReason.LITTLE_LABOUR: VisitRule(
        (Fact(_all(Scope.PERSON_READ, Scope.PERSON_EMPLOYMENT_READ), facts.little_labour),)
    ),
    VisitReason.ILLNESS: VisitRule(
        (
            Fact(_all(Scope.PERSON_READ, Scope.PERSON_HEALTH_READ), facts.ill),
            Fact(_OF_ILLNESS, facts.reported_ill),
        ),
    ),
    VisitReason.URGENT_TROUBLE: VisitRule(
        (
            Fact(_all(_EMERGENCY), facts.struck),
            Fact(_all(Scope.AID_READ), facts.helped_urgently),
            Fact(_all(Scope.ALERT_READ), facts.found_on_the_spot),
        ),
    ),
}
