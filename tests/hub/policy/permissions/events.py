"""Events of a chain: the subject of each, and the scopes that its readers need, one line for each type (46-2.1, 46-2.3,
46-4.2)."""

from collections.abc import Mapping
from typing import NamedTuple


class About(NamedTuple):
    """The subject of an event. `scopes`: the scopes of its readers besides household:read. `table`: the table of its object,
    which they must see too; empty if the event itself states what its readers need."""

    scopes: str
    table: str = ""


_CERTIFICATION, _AID, _RECOVERY = (
    About("certification:read"),
    About("aid:read", "aid_record"),
    About("aid:read", "recovery"),
)
_REFERRAL, _ALERT = About("referral:read", "referral"), About("alert:read", "alert")
_CONFERENCE, _OVERLAP = About("conference:read", "conference"), About("overlap:read", "overlap_case")
_RELATIVE, _SIGHT = About("certification.near_relative:read"), About("overlap:write")

EVENTS: Mapping[str, About] = {
    "HOUSEHOLD_REGISTERED": About(""),
    "HOUSEHOLD_UPDATED": About(""),
    "CERTIFIED": _CERTIFICATION,
    "CERTIFICATION_ENDED": _CERTIFICATION,
    "CIRCUMSTANCE_REPORTED": About(""),
    "CIRCUMSTANCE_ENDED": About(""),
    "AID_RECORDED": _AID,
    "AID_AMENDED": _AID,
    "AID_REVOKED": _AID,
    "RECOVERY_OPENED": _RECOVERY,
    "RECOVERY_REPAID": _RECOVERY,
    "RECOVERY_WAIVED": _RECOVERY,
    "REFERRAL_SENT": _REFERRAL,
    "REFERRAL_ACCEPTED": _REFERRAL,
    "REFERRAL_RETURNED": _REFERRAL,
    "REFERRAL_COMPLETED": _REFERRAL,
    "REFERRAL_FORWARDED": _REFERRAL,
    "REFERRAL_ENDED": _REFERRAL,
    "REFERRAL_REMINDED": _REFERRAL,
    "REFERRAL_ESCALATED": _REFERRAL,
    "APPLICATION_SUBMITTED": About("referral:read"),
    "ALERT_RAISED": _ALERT,
    "ALERT_DISPOSED": _ALERT,
    "ALERT_CLOSED": _ALERT,
    "VISITED": About("visit:read", "visit"),
    "CONFERENCE_CALLED": _CONFERENCE,
    "CONFERENCE_HELD": _CONFERENCE,
    "OVERLAP_FOUND": _OVERLAP,
    "OVERLAP_DECIDED": _OVERLAP,
    "NEAR_RELATIVE_DECLARED": _RELATIVE,
    "NEAR_RELATIVE_ENDED": _RELATIVE,
    "LIABILITY_DECIDED": About("liability:read"),
    "DISCLOSED": About("disclosure:read certification:read aid:read"),
    "SIGHT_GIVEN": _SIGHT,
    "SIGHT_ENDED": _SIGHT,
}
"""For each type of event. An update of a household is visible to readers of at least one of the changed fields."""
