"""The table of field scopes: aid of every kind, and what is to be got back of it."""

from collections.abc import Mapping

from auth.grant import ScopeSets
from hub.model.aid import AidKind
from hub.policy.permissions import bases
from hub.policy.permissions.aid_scopes import read_scope
from hub.policy.permissions.nouns import Noun, noun
from hub.policy.permissions.scope_sets import OPEN, needs, together

_OF_ANY_KIND: Mapping[str, ScopeSets] = {
    "kind program agency period status decidedOn paidOn policyBasis version recordedAt supersededAt history": bases.AID,
    "household provenance": together(bases.HOUSEHOLD, bases.AID),
    "person": together(bases.AID, bases.PERSON),
}
_OF_EVERY_KIND = "amount outcome amendmentReason revokedBecause recoveries"

AID_RECORD = noun(bases.AID, {**_OF_ANY_KIND, _OF_EVERY_KIND: OPEN})
"""The interface. Its details are guarded where they are told: by the record's kind."""


def _of_kind(kind: AidKind, details: str) -> Noun:
    own = together(bases.AID, needs(read_scope(kind)))
    return noun(bases.AID, {**_OF_ANY_KIND, _OF_EVERY_KIND: own, details: own})


AID_OF_KIND: Mapping[AidKind, Noun] = {
    kind: _of_kind(kind, details)
    for kind, details in {
        AidKind.BASIC_LIVING: "form payee monthSupplement institution paidInTime",
        AidKind.MEDICAL: "form hospital totalCost insurancePaid premiumInFull",
        AidKind.EDUCATION: "form schoolYear stage school",
        AidKind.HOUSING: "form floorArea dangerGrade",
        AidKind.EMPLOYMENT: "form employer post",
        AidKind.DISASTER: "form disaster struckOn",
        AidKind.TEMPORARY: "form trouble happenedAtRegion papersDueOn papersSuppliedOn papersOverdue conference",
        AidKind.SERVICE: "form provider times",
        AidKind.OTHER: "form quantity",
        AidKind.CHARITY: "form organisation project offer",
    }.items()
}

RECOVERY = noun(
    bases.AID,
    {
        "aidRecord kind agency because reason amount repaid outstanding status openedOn dueOn waived waiveReason": bases.AID,
        "waivedBy waivedOn policyBasis repayments version": bases.AID,
        "household": together(bases.AID, bases.HOUSEHOLD),
        "person": together(bases.AID, bases.PERSON),
    },
)
"""It tells an amount of its kind: its row is there for those alone who read the amounts of that kind, by its row policy."""
