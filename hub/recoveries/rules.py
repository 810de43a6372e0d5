"""What the policy says of getting money back (46-4.3), as data, and who does it."""

from auth.grant import Grant
from hub.foundation.errors import ForbiddenWrite, HubError
from hub.model.agencies import Department
from hub.model.aid import AidKind, AidStatus, CorrectionReason
from hub.policy.permissions.aid_scopes import read_scope, write_scope

CLAUSE = "46-4.3"
"""依法依规追回非法获取的物资、救助金."""

NOT_WAIVED = frozenset({CorrectionReason.FALSE_CLAIM})
"""What was obtained by a false claim is recovered, and no office lets it go (46-4.3)."""

WENT_OUT = frozenset({AidStatus.DELIVERED})
"""What went out without a day of payment: goods and benefits of a value."""

COUNTY = 6
"""Digits of a county's code: an office of a longer one is a township's, which waives nothing."""


class NotYourRecovery(HubError):
    """Money is recovered by the agency that gave it, or by civil affairs where the household lives (46-4.3).
    追回由发放单位或该户所在地民政部门办理(46-4.3)。
    """


class WaiverByCountyRequired(HubError):
    """A recovery is waived by an office of the county or the city, not of a township.
    免予追回须由县级以上单位办理。
    """


def check_party(grant: Grant, kind: AidKind, given_by: str, region: str) -> None:
    """Raise ForbiddenWrite or NotYourRecovery where a grant does not recover aid of a kind, given by an agency to a
    household that lives in a region. Whoever writes of a recovery must be able to read it."""
    if read_scope(kind) not in grant.scopes:
        raise ForbiddenWrite(path=(), scope=read_scope(kind).value)
    if grant.agency == given_by:
        if write_scope(kind) not in grant.scopes:
            raise ForbiddenWrite(path=(), scope=write_scope(kind).value)
        return
    department, _, _ = grant.agency.partition("@")
    if department != Department.CIVIL_AFFAIRS or not region.startswith(grant.regions):
        raise NotYourRecovery(path=())
