"""The table of field scopes: aid of every kind, and its recoveries."""

from collections.abc import Mapping

from auth.grant import ScopeSets
from hub.foundation.database import table_of
from hub.foundation.errors import camel
from hub.model.aid import DETAIL_OF, AidKind
from hub.policy.permissions import bases
from hub.policy.permissions.aid_scopes import read_scope
from hub.policy.permissions.nouns import Noun, noun
from hub.policy.permissions.scope_sets import OPEN, needs, together

_OF_ANY_KIND: Mapping[str, ScopeSets] = {
    "kind program programme agency period status decidedOn paidOn policyBasis version recordedAt supersededAt history": bases.AID,
    "household provenance": together(bases.HOUSEHOLD, bases.AID),
    "person": together(bases.AID, bases.PERSON),
}
_OF_EVERY_KIND = "amount outcome amendmentReason revokedBecause recoveries"

AID_RECORD = noun(bases.AID, {**_OF_ANY_KIND, _OF_EVERY_KIND: OPEN})
"""The interface. Its details are guarded at the type of the record's kind."""


_RECKONED: Mapping[AidKind, str] = {
    AidKind.BASIC_LIVING: "paidInTime",
    AidKind.TEMPORARY: "papersOverdue",
}
"""Fields of a kind that are computed, so that its detail has no column for them."""


def _of_kind(kind: AidKind) -> Noun:
    """The scope of the kind opens every column of the kind's detail."""
    own = together(bases.AID, needs(read_scope(kind)))
    columns = table_of(DETAIL_OF[kind]).columns
    details = " ".join(camel(column.name) for column in columns if not column.primary_key)
    return noun(bases.AID, {**_OF_ANY_KIND, f"{_OF_EVERY_KIND} {_RECKONED.get(kind, '')}": own, details: own})


AID_OF_KIND: Mapping[AidKind, Noun] = {kind: _of_kind(kind) for kind in AidKind}

RECOVERY = noun(
    bases.AID,
    {
        "aidRecord kind agency because reason amount repaid outstanding status openedOn dueOn waived waiveReason": bases.AID,
        "waivedBy waivedOn policyBasis repayments version manner goods": bases.AID,
        "household": together(bases.AID, bases.HOUSEHOLD),
        "person": together(bases.AID, bases.PERSON),
    },
)
"""A recovery shows an amount of its kind. So its row policy shows the row only to readers of that kind's amounts."""
