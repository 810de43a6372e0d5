"""The rules of recovering money (46-4.3), and who recovers it."""

from auth.grant import Grant
from hub.foundation.errors import ForbiddenWrite, HubError
from hub.model.agencies import Department
from hub.model.aid import AidKind, CorrectionReason
from hub.policy.permissions.aid_scopes import read_scope, write_scope

CLAUSE = "46-4.3"
"""依法依规追回非法获取的物资、救助金."""

NOT_WAIVED = frozenset({CorrectionReason.FALSE_CLAIM})
"""Money obtained by a false claim is recovered and never waived (46-4.3)."""

COUNTY = 6
"""The number of digits of a county's code. An agency with a longer code is a township's, which may not waive."""


class NotYourRecovery(HubError):
    """Money is recovered by the agency that gave it, or by civil affairs where the household lives (46-4.3).
    追回由发放单位或该户所在地民政部门办理(46-4.3)。
    """


class WaiverByCountyRequired(HubError):
    """A recovery is waived by an office of the county or the city, not of a township.
    免予追回须由县级以上单位办理。
    """


def check_party(grant: Grant, kind: AidKind, paid_by: str, region: str) -> None:
    """Raise ForbiddenWrite or NotYourRecovery if a grant may not recover aid of a kind that an agency gave to a household
    of a region. A writer of a recovery must be able to read it."""
    if read_scope(kind) not in grant.scopes:
        raise ForbiddenWrite(path=(), scope=read_scope(kind).value)
    if grant.agency == paid_by:
        if write_scope(kind) not in grant.scopes:
            raise ForbiddenWrite(path=(), scope=write_scope(kind).value)
        return
    if grant.department != Department.CIVIL_AFFAIRS or not region.startswith(grant.regions):
        raise NotYourRecovery(path=())
