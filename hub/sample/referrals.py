"""Referrals of the sample in every status: fulfilled by aid, and open."""

from dataclasses import replace
from datetime import datetime, timedelta

from hub.aid.rules import KIND_RULES
from hub.model.agencies import Department
from hub.model.aid import AidKind, AidStatus
from hub.model.households import Residence
from hub.model.referrals import ReferralStatus
from hub.persons.subjects import Subject
from hub.referrals.drafts import ReferralDraft
from hub.sample.calendar import office_hours
from hub.sample.story import SampleAid, SampleReferral, Story

_ANSWERED, _WAITING = 0.16, 0.08
_ANSWER_WITHIN = timedelta(days=15)
"""The deadline that the senders of the sample set."""
_REASONS = {
    AidKind.MEDICAL: "家庭成员患病,医疗费用负担较重,请核实并给予医疗救助",
    AidKind.EDUCATION: "家庭有在校学生,请核实并落实教育救助",
    AidKind.HOUSING: "家庭住房困难,请核实是否符合住房保障条件",
    AidKind.EMPLOYMENT: "家庭有劳动力登记失业,请给予就业帮扶",
    AidKind.DISASTER: "家庭房屋受灾受损,请核实并给予受灾救助",
    AidKind.CHARITY: "家庭有政府救助之外的需求,请对接慈善资源",
}
_UNANSWERED = {
    ReferralStatus.SENT: 38,
    ReferralStatus.ACCEPTED: 34,
    ReferralStatus.RETURNED: 14,
    ReferralStatus.FORWARDED: 8,
    ReferralStatus.ENDED: 6,
}
"""The percentage of each status among referrals without aid."""
_RETURNS = ("经核实不符合相关条件", "信息不完整,请补充材料后重新转办", "申请人已自行解决,无需救助")

_END = "经与申请人核实,已不需要救助"
_FORWARD = "县(区)已退回,请市级协调办理"


def refer(story: Story) -> None:
    """Add referrals: some are fulfilled by aid, some are open, some were returned."""
    if story.category is None or not story.living:
        return
    answered = [aid for aid in story.aids if _may_answer(story, aid)]
    if answered and story.rng.random() < _ANSWERED:
        story.referrals.append(_completed(story, story.rng.choice(answered)))
    if story.rng.random() < _WAITING:
        (status,) = story.rng.choices(list(_UNANSWERED), weights=list(_UNANSWERED.values()))
        referral = unanswered(story, status)
        story.referrals.append(referral)
        if status is ReferralStatus.FORWARDED:
            story.referrals.append(_forwarded(story, referral))


def _may_answer(story: Story, aid: SampleAid) -> bool:
    return (
        aid.draft.kind in _REASONS
        and aid.draft.status in (AidStatus.PAID, AidStatus.DELIVERED)
        and aid.draft.decided_on > story.registered_at.date() + timedelta(days=60)
    )


def unanswered(story: Story, status: ReferralStatus, days_ago: int | None = None) -> SampleReferral:
    """A referral without aid, sent some days ago and by default still within its deadline."""
    rng = story.rng
    need = (
        AidKind.CHARITY if story.place.residence is Residence.RURAL or rng.random() < 0.4 else AidKind.HOUSING
    )
    department = Department.CHARITY if need is AidKind.CHARITY else Department.HOUSING_SECURITY
    days = rng.randint(3, 12) if days_ago is None else days_ago
    sent_at = office_hours(rng, story.calendar.as_of - timedelta(days=days))
    referral = _new_referral(story, need, story.at_county(department), sent_at, status)
    if status is ReferralStatus.SENT:
        return referral
    next_day = office_hours(rng, (sent_at + timedelta(days=1)).date())
    if status is ReferralStatus.ACCEPTED:
        return replace(referral, accepted_at=next_day)
    returned = replace(referral, closed_at=next_day, return_reason=rng.choice(_RETURNS))
    return replace(returned, end_reason=_END) if status is ReferralStatus.ENDED else returned


def _forwarded(story: Story, returned: SampleReferral) -> SampleReferral:
    """The forwarding of a returned referral from the county to the same department of the city."""
    assert returned.closed_at is not None
    department = Department(returned.to_agency.partition("@")[0])
    sent_at = returned.closed_at + timedelta(hours=2)
    referral = _new_referral(story, returned.need, story.at_city(department), sent_at, ReferralStatus.SENT)
    return replace(referral, reason=_FORWARD, forwarded_from=returned.id)


def _completed(story: Story, aid: SampleAid) -> SampleReferral:
    rng = story.rng
    sent_at = office_hours(rng, (aid.at - timedelta(days=rng.randint(4, 11))).date())
    referral = _new_referral(story, aid.draft.kind, aid.agency, sent_at, ReferralStatus.COMPLETED)
    return replace(
        referral,
        accepted_at=office_hours(rng, (sent_at + timedelta(days=1)).date()),
        closed_at=aid.at + timedelta(minutes=5),
        outcome=aid.draft.outcome or f"已落实{aid.draft.program}",
        answered_by=aid,
    )


def _new_referral(
    story: Story, need: AidKind, to: str, sent_at: datetime, status: ReferralStatus
) -> SampleReferral:
    department = Department(to.partition("@")[0])
    assert department in KIND_RULES[need].in_charge
    return SampleReferral(
        id=story.new_id(sent_at),
        from_agency=story.township_office(),
        to_agency=to,
        need=need,
        reason=_REASONS[need],
        status=status,
        sent_at=sent_at,
        due_at=sent_at + _ANSWER_WITHIN,
        external_id=f"S{story.serial:07}-R{len(story.referrals) + 1}",
    )


def draft_of(story: Story, referral: SampleReferral) -> ReferralDraft:
    """The draft of a referral."""
    subject = Subject(household_id=story.id)
    return ReferralDraft(
        referral.external_id, subject, referral.to_agency, referral.need, referral.reason, referral.due_at
    )
