"""Why a certification cannot be made or ended, whether a client asks for it or a row of a file."""

from hub.foundation.errors import HubError


class NotYourCategory(HubError):
    """Your agency does not certify {category}; {authority} does (46-1.2).
    您的单位不认定{category_zh},应由{authority_zh}认定(46-1.2)。
    """


class PeriodReversed(HubError):
    """It lies before the date at which the certification begins.
    早于认定日期。
    """


class SupportNotApplicable(HubError):
    """Only extreme hardship has a form of support.
    只有特困人员填写供养方式。
    """


class CertificationEnded(HubError):
    """The certification from {valid_from} has ended; it stays ended, a new one needs a new date.
    自 {valid_from} 起的认定已终止,不会恢复,如重新认定请填写新的认定日期。
    """


class DateInFuture(HubError):
    """It lies in the future; today is the latest day it can be.
    日期晚于今天。
    """


class SubtypeInvalid(HubError):
    """A monitored household is of one of three subtypes, and no other category has any (46-1.2.2).
    监测对象须填写三种类型之一,其他类别不填(46-1.2.2)。
    """


class CertificationSubjectInvalid(HubError):
    """{category} is certified for {whom}; name that as the subject (46-1.1).
    {category_zh}应认定到{whom_zh},请以此为对象(46-1.1)。
    """


class OutsideJurisdiction(HubError):
    """The household lives outside your jurisdiction; the authority there certifies, and a referral can ask it to (46-1.2).
    该户不在您的辖区内,由所在地认定,可转办请其办理(46-1.2)。
    """


class AlreadyCertified(HubError):
    """This category stands already, since {valid_from}; to certify anew, give a later day.
    此类别自 {valid_from} 起已认定,重新认定须填写更晚的日期。
    """


class CertificationOverlaps(HubError):
    """This category stood until {ended_on}; a new certification begins on that day or later.
    此类别的上一次认定至 {ended_on} 止,新的认定不得早于该日。
    """


class CoveredWhole(HubError):
    """The household is covered whole, since {valid_from}; end that (COVERED_BY_MEMBER) before its members are covered one by one.
    该户自 {valid_from} 起整户保障,请先按“改为按人保障”终止整户保障。
    """
