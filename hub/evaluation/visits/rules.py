"""The households to visit first by 46-2.3, as data: the facts of each reason, and the scopes of each fact. The order is the
policy's (重点走访)."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import ColumnElement, FromClause

from auth.grant import Grant, ScopeSets
from hub.evaluation.visits import facts
from hub.model.agencies import Department
from hub.policy.permissions.aid_fields import AID_RECORD
from hub.policy.permissions.field_scopes import ALERT, CERTIFICATION, PERSON
from hub.policy.permissions.implied_facts import kind_is_there_for
from hub.policy.permissions.registry_scopes import read_scope
from hub.policy.permissions.scope_sets import OPEN, any_of, needs, together

CLAUSE = "46-2.3"

Holds = Callable[[FromClause, Grant], ColumnElement[bool]]
"""SQL: (household, grant) -> whether the grant sees the fact."""


class VisitReason(StrEnum):
    """A reason to visit a household first."""

    DISABILITY_OUTSIDE = "DISABILITY_OUTSIDE"
    PARTLY_COVERED = "PARTLY_COVERED"
    LITTLE_LABOUR = "LITTLE_LABOUR"
    ILLNESS = "ILLNESS"
    URGENT_TROUBLE = "URGENT_TROUBLE"


@dataclass(frozen=True, slots=True)
class VisitFact:
    """A fact that shows a reason. `needs`: its scopes, with an alternative for each registry. `whole`: also needed to see
    every row that shows the fact, if the rows are visible only to readers of a fact that they imply (`implied_facts`)."""

    needs: ScopeSets
    holds: Holds
    whole: ScopeSets = OPEN

    def is_whole_to(self, grant: Grant) -> bool:
        """Whether a grant sees every case of the fact."""
        return grant.covers(self.whole) and all(grant.covers((scopes,)) for scopes in self.needs)


@dataclass(frozen=True, slots=True)
class VisitRule:
    """A reason for a visit, and its facts: one of them must hold."""

    facts: tuple[VisitFact, ...]


_COVER = together(CERTIFICATION.base, PERSON.base)
_DISABLED, _EMERGENCY = (
    needs(read_scope(registry))
    for registry in (Department.DISABLED_FEDERATION, Department.EMERGENCY_MANAGEMENT)
)
_URGENT_AID = together(*map(kind_is_there_for, facts.URGENT))
_OF_ILLNESS = any_of(read_scope(Department.HEALTH), read_scope(Department.MEDICAL_INSURANCE))

VISIT_RULES: dict[VisitReason, VisitRule] = {
    VisitReason.DISABILITY_OUTSIDE: VisitRule(
        (
            VisitFact(together(_COVER, PERSON["disabilityGrade"]), facts.disabled_not_covered),
            VisitFact(together(_COVER, _DISABLED), facts.certified_disabled_not_covered),
        ),
    ),
    VisitReason.PARTLY_COVERED: VisitRule((VisitFact(_COVER, facts.partly_covered),)),
    VisitReason.LITTLE_LABOUR: VisitRule(
        (VisitFact(together(PERSON.base, PERSON["employment"], PERSON["labour"]), facts.little_labour),)
    ),
    VisitReason.ILLNESS: VisitRule(
        (
            VisitFact(together(PERSON.base, PERSON["health"]), facts.registered_ill),
            VisitFact(_OF_ILLNESS, facts.reported_ill),
        ),
    ),
    VisitReason.URGENT_TROUBLE: VisitRule(
        (
            VisitFact(_EMERGENCY, facts.struck),
            VisitFact(AID_RECORD.base, facts.helped_urgently, _URGENT_AID),
            VisitFact(ALERT.base, facts.found_on_the_spot),
        ),
    ),
}


def reasons_withheld(grant: Grant) -> list[VisitReason]:
    """The reasons of which a grant does not read every fact. Households may have such a reason without the grant seeing it
    (46-4.2)."""
    return [
        reason
        for reason, rule in VISIT_RULES.items()
        if not all(fact.is_whole_to(grant) for fact in rule.facts)
    ]
