"""Circumstances of the sample: the reports of registries, always true for the member."""

from datetime import date, timedelta
from decimal import Decimal

from hub.circumstances.rules import REGISTRIES_OF
from hub.model.certifications import Category, MonitoredSubtype
from hub.model.circumstances import CircumstanceKind
from hub.model.households import Residence
from hub.model.persons import Employment, Health, Relation
from hub.sample.calendar import between, months_before, office_hours, years_after
from hub.sample.story import Member, SampleCircumstance, Story

_SERIOUS_ILLNESSES = (
    "恶性肿瘤",
    "终末期肾病",
    "脑卒中后遗症",
    "急性心肌梗死",
    "重型再生障碍性贫血",
    "肝硬化失代偿期",
)
_CHRONIC_ILLNESSES = ("高血压", "2型糖尿病", "慢性阻塞性肺疾病", "冠心病", "类风湿性关节炎", "慢性肾炎")
_MONITORED_FOR = {
    MonitoredSubtype.UNSTABLE: "收入不稳定,存在返贫风险",
    MonitoredSubtype.MARGINAL: "收入略高于监测线,存在致贫风险",
    MonitoredSubtype.SUDDEN_HARDSHIP: "家庭成员突患重病,支出骤增",
}
_MAY_BE_STRUCK = (
    Category.SUBSISTENCE_ALLOWANCE,
    Category.EXTREME_HARDSHIP,
    Category.SUBSISTENCE_MARGIN,
    Category.RIGID_EXPENDITURE,
)
_DISASTERS = ((range(3, 6), "大风冰雹"), (range(6, 11), "暴雨洪涝"), (range(1, 13), "低温雨雪冰冻"))
"""The kinds of disaster by month; the first match applies."""

_STRUCK = 0.07
_DIES_ALONE, _DIES_AMONG_OTHERS = 0.05, 0.06


def settle_deaths(story: Story) -> None:
    """A few old people die, on one of the first days of a month, before that month's payment."""
    rng, calendar = story.rng, story.calendar
    alone = story.category is Category.EXTREME_HARDSHIP
    old = [member for member in story.members if story.age(member) >= 70]
    mortal = [m for m in old if alone or m.relation is Relation.PARENT]
    if mortal and rng.random() < (_DIES_ALONE if alone else _DIES_AMONG_OTHERS):
        month = rng.choice(calendar.months[2:])
        rng.choice(mortal).died_on = month + timedelta(days=rng.randrange(3))


def report_facts(story: Story) -> None:
    """Add all reports of registries about the household, each by its registry of the county."""
    for member in story.members:
        _report_member(story, member)
    subtype = story.subtype
    if subtype is not None and story.certified_from is not None:
        report(story, CircumstanceKind.MONITORED, None, story.certified_from, note=_MONITORED_FOR[subtype])
    rural = story.place.residence is Residence.RURAL
    if rural and story.category in _MAY_BE_STRUCK and story.rng.random() < _STRUCK:
        _report_disaster(story)


def _report_member(story: Story, member: Member) -> None:
    rng, last = story.rng, story.calendar.last
    if member.disability_grade is not None:
        since = between(rng, member.birth_date + timedelta(days=30), story.registered_at.date())
        report(story, CircumstanceKind.DISABILITY, member, since)
    if member.health is not Health.HEALTHY:
        _report_illness(story, member)
    if member.died_on is not None:
        report(story, CircumstanceKind.DEATH, member, member.died_on)
        return
    if member.stage is not None:
        since = max(date(story.calendar.school_year, 8, 15), member.birth_date)
        report(story, CircumstanceKind.HARDSHIP_STUDENT, member, since)
    if member.employment is Employment.UNEMPLOYED:
        since = between(rng, story.calendar.months[0] - timedelta(days=60), last - timedelta(days=90))
        report(story, CircumstanceKind.REGISTERED_UNEMPLOYED, member, since)


def _report_illness(story: Story, member: Member) -> None:
    rng, calendar = story.rng, story.calendar
    if member.health is Health.CHRONIC:
        since = between(rng, max(member.birth_date, years_after(calendar.as_of, -12)), calendar.months[0])
        report(story, CircumstanceKind.CHRONIC_ILLNESS, member, since, note=rng.choice(_CHRONIC_ILLNESSES))
        return
    since = between(rng, max(member.birth_date, calendar.months[0] - timedelta(days=400)), calendar.months[0])
    report(story, CircumstanceKind.SERIOUS_ILLNESS, member, since, note=rng.choice(_SERIOUS_ILLNESSES))
    if story.category is Category.RIGID_EXPENDITURE:
        amount = Decimal(rng.randint(260, 900) * 100)
        report(story, CircumstanceKind.RIGID_EXPENSE, member, since, amount=amount)


def _report_disaster(story: Story) -> None:
    rng = story.rng
    struck_on = between(rng, story.calendar.months[1], months_before(story.calendar.months[3], -1))
    disaster = next(name for months, name in _DISASTERS if struck_on.month in months)
    amount = Decimal(rng.randint(20, 400) * 100)
    report(story, CircumstanceKind.DISASTER, None, struck_on, amount=amount, note=disaster)


def report(
    story: Story,
    kind: CircumstanceKind,
    member: Member | None,
    since: date,
    *,
    amount: Decimal | None = None,
    note: str | None = None,
) -> None:
    """Add one fact, reported a few days after it began or after the household was registered."""
    reported = max(since, story.registered_at.date()) + timedelta(days=story.rng.randint(1, 20))
    at = office_hours(story.rng, min(reported, story.calendar.last))
    agency = story.at_county(REGISTRIES_OF[kind][0])
    story.circumstances.append(
        SampleCircumstance(story.new_id(at), member, kind, since, agency, at, amount, note)
    )
