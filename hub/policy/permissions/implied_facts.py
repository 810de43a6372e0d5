"""Records whose existence reveals a guarded fact, and the scopes of that fact: a kind of aid, a form of it, an event
(46-4.2).

An education grant reveals that somebody studies, even if its amount is hidden. So a record of a kind is visible to readers of
that kind, and to readers of the facts that entitle to it. The clause beside each line names these facts.
"""

from collections.abc import Mapping

from auth.grant import ScopeSets
from hub.model.agencies import Department
from hub.model.aid import AidKind, OtherForm
from hub.model.ledger import EventType
from hub.policy.permissions import bases
from hub.policy.permissions.aid_scopes import read_scope
from hub.policy.permissions.registry_scopes import read_scope as read_scope_of_registry
from hub.policy.permissions.scope_sets import needs, together

_DEATH = needs(read_scope_of_registry(Department.CIVIL_AFFAIRS))
_DISASTER = needs(read_scope_of_registry(Department.EMERGENCY_MANAGEMENT))

KIND_IMPLIES: Mapping[AidKind, ScopeSets] = {
    AidKind.BASIC_LIVING: bases.CERTIFICATION,  # 46-3.1: two categories
    AidKind.MEDICAL: together(bases.CERTIFICATION, bases.HEALTH),  # 46-3.2.1: serious and chronic illness
    AidKind.EDUCATION: together(bases.CERTIFICATION, bases.EDUCATION),  # 46-3.2.2: who studies
    AidKind.HOUSING: together(bases.CERTIFICATION, bases.ADDRESS),  # 46-3.2.3: the housing condition
    AidKind.EMPLOYMENT: together(bases.CERTIFICATION, bases.EMPLOYMENT),  # 46-3.2.4: who has no work
    AidKind.DISASTER: together(bases.CERTIFICATION, _DISASTER),  # 46-3.2.5: whom a disaster struck
    AidKind.TEMPORARY: together(
        _DISASTER, _DEATH, bases.HEALTH, bases.EMPLOYMENT, bases.FINANCE
    ),  # 46-3.3: any trouble
    AidKind.SERVICE: together(
        bases.PERSON, bases.DISABILITY, bases.HEALTH
    ),  # 46-3.4: who cannot care for themselves
    AidKind.OTHER: together(
        bases.CERTIFICATION, bases.DISABILITY, _DEATH
    ),  # 46-3.5: by category, disability, funeral
    AidKind.CHARITY: together(
        bases.CERTIFICATION, bases.HEALTH, bases.EDUCATION, bases.DISABILITY
    ),  # 46-3.6: any need
    AidKind.RELAPSE_PREVENTION: bases.CERTIFICATION,  # 46-3: one category
}
"""The facts by which a kind is granted. A kind without a line is visible only to its own readers."""

FORM_IMPLIES: Mapping[OtherForm, ScopeSets] = {
    OtherForm.DISABILITY_LIVING: bases.DISABILITY,
    OtherForm.DISABILITY_NURSING: bases.DISABILITY,
    OtherForm.CHILD_REHABILITATION: bases.DISABILITY,
    OtherForm.BARRIER_FREE: bases.DISABILITY,
    OtherForm.FUNERAL_FEES: _DEATH,
}
"""46-3.5 combines aid of several departments in one kind. A caller who reads it for heating or power must not learn of a
disability or a death. Forms without a line are granted by category alone."""


def kind_is_there_for(kind: AidKind) -> ScopeSets:
    """The scopes that make a record or a need of a kind visible, in addition to those of the noun. Auditors follow all money
    (46-4.3)."""
    return (*needs(read_scope(kind)), *KIND_IMPLIES.get(kind, ()), *bases.AUDIT)


EVENT_ABOUT: Mapping[str, tuple[EventType, ...]] = {
    "household": (EventType.HOUSEHOLD_REGISTERED, EventType.HOUSEHOLD_UPDATED),
    "certification": (EventType.CERTIFIED, EventType.CERTIFICATION_ENDED),
    "circumstance": (EventType.CIRCUMSTANCE_REPORTED, EventType.CIRCUMSTANCE_ENDED),
    "aidRecord": (EventType.AID_RECORDED, EventType.AID_AMENDED, EventType.AID_REVOKED),
    "recovery": (EventType.RECOVERY_OPENED, EventType.RECOVERY_REPAID, EventType.RECOVERY_WAIVED),
    "referral": (
        EventType.REFERRAL_SENT,
        EventType.REFERRAL_ACCEPTED,
        EventType.REFERRAL_RETURNED,
        EventType.REFERRAL_COMPLETED,
        EventType.REFERRAL_FORWARDED,
        EventType.REFERRAL_ENDED,
        EventType.REFERRAL_REMINDED,
        EventType.REFERRAL_ESCALATED,
    ),
    "application": (EventType.APPLICATION_SUBMITTED,),
    "alert": (EventType.ALERT_RAISED, EventType.ALERT_DISPOSED, EventType.ALERT_CLOSED),
    "visit": (EventType.VISITED,),
    "conference": (EventType.CONFERENCE_CALLED, EventType.CONFERENCE_HELD),
    "overlapCase": (EventType.OVERLAP_FOUND, EventType.OVERLAP_DECIDED),
    "nearRelative": (EventType.NEAR_RELATIVE_DECLARED, EventType.NEAR_RELATIVE_ENDED),
    "liabilityDecision": (EventType.LIABILITY_DECIDED,),
    "disclosure": (EventType.DISCLOSED,),
}
"""By the field of `ChainEvent` that leads to the object of the event. An event is visible to callers to whom this field is
open and who see the object, because its type and agency reveal something about the object."""

SIGHT_EVENTS = (EventType.SIGHT_GIVEN, EventType.SIGHT_ENDED)
"""These events name an agency from another region, and so reveal the kind of need on which it works. They are visible to
civil affairs, which checks that nobody is helped twice (46-2.1), and to auditors."""
