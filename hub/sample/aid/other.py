"""46-3.5: heating, power, funeral fees, disability allowances."""

from datetime import date, timedelta
from decimal import Decimal

from hub.model.agencies import Department
from hub.model.aid import AidKind, OtherForm
from hub.model.certifications import Category, Support
from hub.sample.aid.giving import give
from hub.sample.calendar import between, month_end, quarters
from hub.sample.lines import (
    DISABILITY_LIVING_A_MONTH,
    ELECTRICITY_KWH_A_MONTH,
    ELECTRICITY_YUAN_A_KWH,
    FUNERAL_FEES,
    HEATING,
)
from hub.sample.story import Story

_BASIC = (Category.SUBSISTENCE_ALLOWANCE, Category.EXTREME_HARDSHIP)
_ELIGIBLE = (*_BASIC, Category.SUBSISTENCE_MARGIN, Category.RIGID_EXPENDITURE)
_FUNERAL_WITHIN = timedelta(days=20)


def give_aid(story: Story) -> None:
    """Give aid by category to the household, by disability to its members, and for a death in it."""
    if story.category not in _ELIGIBLE:
        return
    _bury(story)
    if story.support is Support.INSTITUTIONAL or not story.living:
        return
    _heat(story)
    if story.category in _BASIC:
        _light(story)
    _support_disabled(story)


def _bury(story: Story) -> None:
    for member in story.members:
        if member.died_on is not None:
            decided_on = min(member.died_on + _FUNERAL_WITHIN, story.calendar.last)
            give(
                story,
                AidKind.OTHER,
                "基本殡葬服务费用减免",
                story.at_county(Department.CIVIL_AFFAIRS),
                (member.died_on, decided_on),
                decided_on,
                {"form": OtherForm.FUNERAL_FEES},
                amount=FUNERAL_FEES,
            )


def _heat(story: Story) -> None:
    last = story.calendar.last
    winter = last.year if last >= date(last.year, 12, 20) else last.year - 1
    if story.registered_at.date() > date(winter, 11, 1):
        return
    decided_on = between(story.rng, date(winter, 11, 16), date(winter, 12, 10))
    give(
        story,
        AidKind.OTHER,
        "冬季取暖补贴",
        story.at_county(Department.CIVIL_AFFAIRS),
        (date(winter, 11, 15), date(winter + 1, 3, 15)),
        decided_on,
        {"form": OtherForm.HEATING},
        amount=HEATING,
        paid_on=decided_on + timedelta(days=story.rng.randint(2, 9)),
    )


def _light(story: Story) -> None:
    for first, last in quarters(story.calendar):
        if first > story.registered_at.date() and last <= story.calendar.last:
            quantity = Decimal(ELECTRICITY_KWH_A_MONTH * 3)
            give(
                story,
                AidKind.OTHER,
                "用电价格补贴",
                story.at_county(Department.DEVELOPMENT_REFORM),
                (first, last),
                last,
                {"form": OtherForm.ELECTRICITY, "quantity": quantity},
                amount=quantity * ELECTRICITY_YUAN_A_KWH,
            )


def _support_disabled(story: Story) -> None:
    for member in story.living:
        if member.disability_grade is None:
            continue
        agency = story.at_county(Department.DISABLED_FEDERATION)
        for first, last in quarters(story.calendar):
            if first > max(story.registered_at.date(), member.birth_date):
                give(
                    story,
                    AidKind.OTHER,
                    "困难残疾人生活补贴",
                    agency,
                    (first, month_end(last.replace(day=1))),
                    first,
                    {"form": OtherForm.DISABILITY_LIVING},
                    member=member,
                    amount=DISABILITY_LIVING_A_MONTH * 3,
                    paid_on=first + timedelta(days=story.rng.randint(8, 20)),
                )
        if story.age(member) < 15 and story.rng.random() < 0.5:
            day = story.calendar.months[1]
            give(
                story,
                AidKind.OTHER,
                "残疾儿童康复救助",
                agency,
                (day, day + timedelta(days=90)),
                day,
                {"form": OtherForm.CHILD_REHABILITATION},
                member=member,
                amount=Decimal(story.rng.randint(60, 180) * 100),
                paid_on=day + timedelta(days=30),
            )
