"""The refusals of certifications, for requests and for rows of files."""

from hub.foundation.errors import HubError


class NotYourCategory(HubError):
    """The category {category} is certified by {authority} (46-1.2).
    {category_zh}由{authority_zh}认定,本单位无权办理(46-1.2)。
    """


class InvalidPeriod(HubError):
    """The end date must not be before the certification date.
    终止(有效)日期不得早于认定日期。
    """


class SupportNotApplicable(HubError):
    """Only extreme hardship has a form of support.
    只有特困人员填写供养方式。
    """


class CertifiedAmountNotApplicable(HubError):
    """Only subsistence allowance and extreme hardship have a certified amount (46-3.1).
    只有低保和特困人员填写核定金额(46-3.1)。
    """


class CertifiedAmountInvalid(HubError):
    """The certified amount is yuan a month, above 0, with at most two decimals.
    核定金额为每月应发金额(元),应大于0,最多两位小数。
    """


class CertificationEnded(HubError):
    """The certification from {valid_from} has ended and cannot be reopened. Certify again with a new date.
    自 {valid_from} 起的认定已终止,不会恢复,如重新认定请填写新的认定日期。
    """


class DateInFuture(HubError):
    """The date must not be after today.
    日期不得晚于今日。
    """


class SubtypeInvalid(HubError):
    """A monitored household has one of three subtypes; other categories have no subtype (46-1.2.2).
    监测对象须填写三种类型之一,其他类别不填(46-1.2.2)。
    """


class CertificationSubjectInvalid(HubError):
    """The category {category} is certified for {whom}; give that as the subject (46-1.1).
    {category_zh}应认定到{whom_zh},请以此为对象(46-1.1)。
    """


class OutsideJurisdiction(HubError):
    """The household lives outside your jurisdiction; the authority there certifies it, and you can send a referral (46-1.2).
    该户不在您的辖区内,由所在地认定,可转办请其办理(46-1.2)。
    """


class AlreadyCertified(HubError):
    """This category is certified since {valid_from}. To certify it again, give a later date.
    此类别自 {valid_from} 起已认定,重新认定须填写更晚的日期。
    """


class CertificationOverlaps(HubError):
    """This category was certified until {ended_on}. A new certification must not begin before that date.
    此类别的上一次认定至 {ended_on} 止,新的认定不得早于该日。
    """


class HouseholdAlreadyCovered(HubError):
    """The whole household is covered since {valid_from}. End that first (COVERED_BY_MEMBER).
    该户自 {valid_from} 起整户保障,请先按“改为按人保障”终止整户保障。
    """


class ContradictoryCertification(HubError):
    """{category} from {valid_from} and {other} from {other_from} exclude each other ({basis}); end one before the other begins.
    {category_zh}(自 {valid_from})与{other_zh}(自 {other_from})不能同时认定({basis_zh}),请先终止其中一项。
    """
