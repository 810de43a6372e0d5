"""46-3.1: monthly allowances, paid between the 3rd and the 10th."""

from datetime import date, timedelta
from decimal import Decimal

from hub.model.agencies import Department
from hub.model.aid import AidKind, BasicLivingForm, Payee
from hub.model.certifications import Category, Support
from hub.model.households import Residence
from hub.model.persons import EducationStage, Health
from hub.policy.facts.ages import full_years
from hub.policy.facts.aid import PAID_BY_DAY
from hub.sample.aid.giving import give
from hub.sample.calendar import month_end
from hub.sample.lines import MONTH_SUPPLEMENT
from hub.sample.story import Member, Story


def give_aid(story: Story) -> None:
    """Pay each month since the certification: to the household if it is covered as a whole, otherwise to each member."""
    if story.category not in (Category.SUBSISTENCE_ALLOWANCE, Category.EXTREME_HARDSHIP):
        return
    assert story.certified_from is not None
    for month in story.calendar.months:
        if month <= story.certified_from:
            continue
        covered = [
            m
            for m in story.certified_members or story.members
            if not m.died_on or month < m.died_on.replace(day=1)
        ]
        paid_on = month + timedelta(days=story.rng.randint(2, PAID_BY_DAY - 1))
        if story.category is Category.EXTREME_HARDSHIP:
            for member in covered:
                _support(story, member, month, paid_on)
        elif story.certified_members is None:
            _allowance(story, covered, None, month, paid_on)
        else:
            for member in covered:
                _allowance(story, [member], member, month, paid_on)


def _support(story: Story, member: Member, month: date, paid_on: date) -> None:
    institutional = story.support is Support.INSTITUTIONAL
    institution = f"{story.place.county_name}{'社会福利中心' if story.place.residence is Residence.URBAN else '中心敬老院'}"
    give(
        story,
        AidKind.BASIC_LIVING,
        "特困人员救助供养金",
        story.at_county(Department.CIVIL_AFFAIRS),
        (month, month_end(month)),
        month,
        {
            "form": BasicLivingForm.EXTREME_HARDSHIP_SUPPORT,
            "payee": Payee.INSTITUTION if institutional else Payee.PERSON,
            "institution": institution if institutional else None,
        },
        member=member,
        amount=Decimal(story.line(Category.EXTREME_HARDSHIP)),
        paid_on=paid_on,
    )


def _allowance(
    story: Story, covered: list[Member], member: Member | None, month: date, paid_on: date
) -> None:
    residence = story.place.residence
    supplement = MONTH_SUPPLEMENT * sum(supplemented(member, month) for member in covered)
    gap = story.line(Category.SUBSISTENCE_ALLOWANCE) - story.income_per_capita
    give(
        story,
        AidKind.BASIC_LIVING,
        "城市最低生活保障金" if residence is Residence.URBAN else "农村最低生活保障金",
        story.at_county(Department.CIVIL_AFFAIRS),
        (month, month_end(month)),
        month,
        {
            "form": BasicLivingForm.SUBSISTENCE_ALLOWANCE,
            "payee": Payee.PERSON,
            "month_supplement": supplement,
        },
        member=member,
        amount=gap * len(covered) + supplement,
        paid_on=paid_on,
    )


def supplemented(member: Member, month: date) -> bool:
    """Whether 46-3.1 adds 100 yuan for a member in a month."""
    years = full_years(member.birth_date, month)
    return (
        member.severely_disabled
        or member.health is Health.SERIOUS
        or years >= 70
        or years < 18
        or member.stage is EducationStage.COLLEGE
    )
