"""46-3.2.4: help for every registered unemployed person; posts and subsidies for some who work."""

from datetime import date, timedelta
from decimal import Decimal

from hub.model.agencies import Department
from hub.model.aid import AidKind, EmploymentForm
from hub.model.circumstances import CircumstanceKind
from hub.model.persons import Employment
from hub.sample.aid.giving import give
from hub.sample.calendar import between, month_end
from hub.sample.story import Member, Story

_TRADES = ("家政服务", "养老护理", "中式面点", "电工", "焊工", "电子商务", "保健按摩", "育婴")
_POSTS = ("社区保洁员", "护林员", "道路养护员", "治安巡防员", "社区协管员", "公益岗保洁")


def give_aid(story: Story) -> None:
    """Train every registered unemployed; give some of the flexibly employed a subsidy or a post."""
    for member in story.suffering(CircumstanceKind.REGISTERED_UNEMPLOYED):
        _train(story, member)
    if story.category is None:
        return
    for member in story.living:
        if member.employment is Employment.FLEXIBLE and story.rng.random() < 0.12:
            _insure(story, member)
        elif member.employment is Employment.EMPLOYED and story.rng.random() < 0.1:
            _employ(story, member)


def _train(story: Story, member: Member) -> None:
    rng, calendar = story.rng, story.calendar
    begun = between(rng, calendar.last - timedelta(days=80), calendar.last - timedelta(days=16))
    trade = rng.choice(_TRADES)
    give(
        story,
        AidKind.EMPLOYMENT,
        "职业培训补贴",
        story.at_county(Department.HUMAN_RESOURCES),
        (begun, begun + timedelta(days=14)),
        begun + timedelta(days=15),
        {
            "form": EmploymentForm.TRAINING_SUBSIDY,
            "employer": f"{story.place.county_name}职业技能培训中心",
            "post": trade,
        },
        member=member,
        amount=Decimal(rng.choice((1200, 1500, 1800))),
        paid_on=calendar.last,
        outcome=f"完成{trade}培训并取得证书",
    )


def _insure(story: Story, member: Member) -> None:
    months = story.calendar.months
    give(
        story,
        AidKind.EMPLOYMENT,
        "灵活就业社会保险补贴",
        story.at_county(Department.HUMAN_RESOURCES),
        (months[0], month_end(months[2])),
        month_end(months[2]),
        {"form": EmploymentForm.SOCIAL_INSURANCE_SUBSIDY},
        member=member,
        amount=Decimal(story.rng.randint(90, 150) * 10),
        paid_on=months[3] + timedelta(days=14),
    )


def _employ(story: Story, member: Member) -> None:
    year = story.calendar.last.year
    employer, post = f"{story.place.village}委员会", story.rng.choice(_POSTS)
    from_day = max(date(year, 1, 1), story.registered_at.date() + timedelta(days=30))
    give(
        story,
        AidKind.EMPLOYMENT,
        "公益性岗位安置",
        story.at_county(Department.HUMAN_RESOURCES),
        (from_day, date(year, 12, 31)),
        from_day,
        {"form": EmploymentForm.PUBLIC_WELFARE_POST, "employer": employer, "post": post},
        member=member,
        outcome="已上岗",
    )
