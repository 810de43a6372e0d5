"""The scope sets from which the table of field scopes is built: those that open a noun at all, and those of a person's own
facts."""

from auth.scopes import Scope
from hub.policy.permissions.registry_scopes import REGISTRIES, read_scope
from hub.policy.permissions.scope_sets import any_of, needs

HOUSEHOLD = needs(Scope.HOUSEHOLD_READ)
ADDRESS = needs(Scope.HOUSEHOLD_ADDRESS_READ)
FINANCE = needs(Scope.HOUSEHOLD_FINANCE_READ)
PERSON = needs(Scope.PERSON_READ)
IDENTITY = needs(Scope.PERSON_IDENTITY_READ)
CONTACT = needs(Scope.PERSON_CONTACT_READ)
HEALTH = needs(Scope.PERSON_HEALTH_READ)
DISABILITY = needs(Scope.PERSON_DISABILITY_READ)
EDUCATION = needs(Scope.PERSON_EDUCATION_READ)
EMPLOYMENT = needs(Scope.PERSON_EMPLOYMENT_READ)
CERTIFICATION = needs(Scope.CERTIFICATION_READ)
NEAR_RELATIVE = needs(Scope.CERTIFICATION_NEAR_RELATIVE_READ)
LIABILITY = needs(Scope.LIABILITY_READ)
REGISTRY = any_of(*map(read_scope, REGISTRIES))
AID = needs(Scope.AID_READ)
CHARITY = needs(Scope.AID_CHARITY_READ)
REFERRAL = needs(Scope.REFERRAL_READ)
CONFERENCE = needs(Scope.CONFERENCE_READ)
OVERLAP = needs(Scope.OVERLAP_READ)
ALERT = needs(Scope.ALERT_READ)
VISIT = needs(Scope.VISIT_READ)
DISCLOSURE = needs(Scope.DISCLOSURE_READ)
STATISTICS = needs(Scope.STATISTICS_READ)
NOTICE = needs(Scope.HOUSEHOLD_ACCESS_READ)
AUDIT = needs(Scope.AUDIT_READ)
