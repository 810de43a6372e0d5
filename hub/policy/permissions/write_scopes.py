"""The scopes that commands ask of a grant before anything else: who writes what. Of aid and of circumstances each kind and
each registry has its own (`aid_scopes`, `registry_scopes`)."""

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
"""46-2.3 (各级各部门……主动发现): any of these raises an alert. Whoever only finds cases reads no alert, and none of what comes of
it."""
VISITING = (Scope.VISIT_WRITE, Scope.VISIT_OWN_WRITE)
"""Any of these records a visit; one that checks an alert needs to read the alert besides."""
LIABILITY = (Scope.LIABILITY_WRITE, Scope.LIABILITY_READ)
"""Whoever decides must be able to read decisions: the answer shows one."""
DISCLOSURE = Scope.DISCLOSURE_WRITE
OFFER = write_scope(AidKind.CHARITY)
COUNTY_OPTION = Scope.COUNTY_OPTION_WRITE
PAPERS = write_scope(AidKind.TEMPORARY)

NAMING_BY_NUMBER = Scope.PERSON_IDENTITY_READ
"""Who does not read identity numbers names people by the ids that the hub gave: a write by number tells whose it is (46-2.1)."""
REGISTERING = (HOUSEHOLD, NAMING_BY_NUMBER)
"""Members are named by number, and the answer tells whether a number is registered elsewhere."""
APPLICATION = (Scope.REFERRAL_WRITE, Scope.HOUSEHOLD_READ)
"""Where a need goes tells whether the household is rural."""
OBJECTION = (Scope.ALERT_WRITE, Scope.DISCLOSURE_READ)
"""An objection is to a line of a list, and leads to an alert."""
DECLARING = (Scope.CERTIFICATION_NEAR_RELATIVE_WRITE, Scope.CERTIFICATION_NEAR_RELATIVE_READ)
"""Whoever declares must be able to read declarations: the answer shows one."""
