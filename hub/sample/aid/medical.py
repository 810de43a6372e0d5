"""46-3.2.1: premium subsidies for the covered, cost aid for the ill, the emergency fund."""

from datetime import date, timedelta
from decimal import Decimal

from hub.model.agencies import Department
from hub.model.aid import AidKind, MedicalForm
from hub.model.certifications import Category
from hub.model.circumstances import CircumstanceKind
from hub.sample.aid.giving import give
from hub.sample.calendar import between
from hub.sample.lines import PREMIUM_FIXED_PART, RESIDENT_PREMIUM
from hub.sample.story import Member, Story

_HOSPITALS = ("人民医院", "中心医院", "中医院", "第一人民医院")


def give_aid(story: Story) -> None:
    """Subsidise every covered member's premium of the year, and part of the costs of serious illness."""
    for member in story.covered:
        if story.category is not Category.OTHER_HARDSHIP:
            _subsidise_premium(story, member)
    for member in story.suffering(CircumstanceKind.SERIOUS_ILLNESS):
        _pay_costs(story, member, "医疗救助(住院)", range(120, 900))
    for member in story.suffering(CircumstanceKind.CHRONIC_ILLNESS):
        if story.rng.random() < 0.2:
            _pay_costs(story, member, "医疗救助(门诊慢特病)", range(8, 60))
    if story.rng.random() < 0.03:
        _pay_emergency(story, story.rng.choice(story.living or story.members))


def _subsidise_premium(story: Story, member: Member) -> None:
    assert story.certified_from is not None
    rng, last = story.rng, story.calendar.last
    year = (
        last + timedelta(days=1)
    ).year  # the current year when the sample is used; its premium is due by then
    decided_on = max(
        between(rng, date(year - 1, 10, 8), date(year - 1, 12, 10)), story.certified_from, member.birth_date
    )
    decided_on = min(decided_on + timedelta(days=rng.randint(1, 12)), last)
    in_full = story.category is Category.EXTREME_HARDSHIP
    give(
        story,
        AidKind.MEDICAL,
        "城乡居民基本医疗保险参保资助",
        story.at_county(Department.MEDICAL_INSURANCE),
        (date(year, 1, 1), date(year, 12, 31)),
        decided_on,
        {"form": MedicalForm.PREMIUM_SUBSIDY, "premium_in_full": in_full},
        member=member,
        amount=RESIDENT_PREMIUM if in_full else PREMIUM_FIXED_PART,
        paid_on=min(decided_on + timedelta(days=rng.randint(3, 15)), last),
    )


def _pay_costs(story: Story, member: Member, program: str, hundreds: range) -> None:
    rng, last = story.rng, story.calendar.last
    born = member.birth_date
    admitted = between(rng, max(story.calendar.months[0], born), last - timedelta(days=25))
    left = min(admitted + timedelta(days=rng.randint(3, 21)), last)
    total = Decimal(rng.choice(hundreds) * 100)
    insured = total * rng.randint(50, 68) / 100
    give(
        story,
        AidKind.MEDICAL,
        program,
        story.at_county(Department.MEDICAL_INSURANCE),
        (admitted, left),
        left,
        {
            "form": MedicalForm.COST_AID,
            "hospital": f"{story.place.county_name}{rng.choice(_HOSPITALS)}",
            "total_cost": total,
            "insurance_paid": insured,
        },
        member=member,
        amount=(total - insured) * rng.randint(50, 75) / 100,
        paid_on=min(left + timedelta(days=rng.randint(2, 20)), last),
        outcome="出院结算时一站式救助",
    )


def _pay_emergency(story: Story, member: Member) -> None:
    if member.died_on:
        return
    rng, last = story.rng, story.calendar.last
    day = between(rng, story.calendar.months[0], last)
    give(
        story,
        AidKind.MEDICAL,
        "疾病应急救助",
        story.at_county(Department.HEALTH),
        (day, day),
        day,
        {"form": MedicalForm.EMERGENCY_FUND, "hospital": f"{story.place.county_name}人民医院"},
        member=member,
        amount=Decimal(rng.randint(8, 60) * 100),
        paid_on=min(day + timedelta(days=rng.randint(5, 20)), last),
    )
