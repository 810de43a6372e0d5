"""The refusals of referrals and of their steps."""

from hub.foundation.errors import HubError


class NotYourReferral(HubError):
    """Only the agency that received a referral may process it.
    只有接收单位可以办理该转办单。
    """


class NotReferralSender(HubError):
    """Only the agency that sent a referral may forward or end it.
    只有转出单位可以重新转办或终止该转办单。
    """


class ReferralStatusConflict(HubError):
    """The referral is {status} and cannot be {wanted}.
    该转办单{status_zh},不能{step_zh}。
    """


class NotInCharge(HubError):
    """{agency} is not in charge of {need}; refer it to: {departments} ({clause}).
    {agency_zh}不负责{need_zh},请转办至{departments_zh}({clause})。
    """


class AgencyOutsideRegion(HubError):
    """The household lives outside that agency's region; only civil affairs where it lives may involve it (46-2.1).
    该户不在该单位辖区内,只有该户所在地民政部门可以转办至外地单位或请其参加会议(46-2.1)。
    """


class AidDoesNotMatchNeed(HubError):
    """This aid is {kind} or is for another person; the referral asks for {need}.
    该救助记录为{kind_zh}或属于他人,与转办需求({need_zh})不符。
    """


class RevokedAidCannotAnswer(HubError):
    """This aid was revoked; it cannot close the referral (46-2.1).
    该救助记录已撤销,不能作为办理结果(46-2.1)。
    """
