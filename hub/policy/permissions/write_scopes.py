"""The scopes that a command checks before anything else. For aid and circumstances, each kind and each registry has its own
scope (`aid_scopes`, `registry_scopes`)."""

from auth.scopes import Scope
from hub.model.aid import AidKind
from hub.policy.permissions.aid_scopes import write_scope

HOUSEHOLD = Scope.HOUSEHOLD_WRITE
CERTIFICATION = Scope.CERTIFICATION_WRITE
NEAR_RELATIVE = Scope.CERTIFICATION_NEAR_RELATIVE_WRITE
REFERRAL = Scope.REFERRAL_WRITE
CONFERENCE = Scope.CONFERENCE_WRITE
OVERLAP = Scope.OVERLAP_WRITE
ALERT = Scope.ALERT_WRITE
RAISING = (Scope.ALERT_WRITE, Scope.ALERT_FINDING_WRITE)
"""46-2.3 (各级各部门……主动发现): an alert can be raised with any of these. A caller who only finds cases reads no alert, and
none of its results."""
VISITING = (Scope.VISIT_WRITE, Scope.VISIT_OWN_WRITE)
"""A visit can be recorded with any of these. A visit that checks an alert also needs the scope to read the alert."""
LIABILITY = (Scope.LIABILITY_WRITE, Scope.LIABILITY_READ)
"""The response shows the decision, so the caller must be able to read decisions."""
DISCLOSURE = Scope.DISCLOSURE_WRITE
OFFER = write_scope(AidKind.CHARITY)
COUNTY_OPTION = Scope.COUNTY_OPTION_WRITE
PAPERS = write_scope(AidKind.TEMPORARY)

NAMING_BY_NUMBER = Scope.PERSON_IDENTITY_READ
"""A caller who may not read identity numbers names people by the hub's ids, because a write by number reveals who has the
number (46-2.1)."""
REGISTERING = (HOUSEHOLD, NAMING_BY_NUMBER)
"""Members are named by number, and the response reveals whether a number is registered elsewhere."""
APPLICATION = (Scope.REFERRAL_WRITE, Scope.HOUSEHOLD_READ)
"""The department to which a need is sent reveals whether the household is rural."""
OBJECTION = (Scope.ALERT_WRITE, Scope.DISCLOSURE_READ)
"""An objection is about a line of a list, and raises an alert."""
DECLARING = (Scope.CERTIFICATION_NEAR_RELATIVE_WRITE, Scope.CERTIFICATION_NEAR_RELATIVE_READ)
"""The response shows the declaration, so the caller must be able to read declarations."""
