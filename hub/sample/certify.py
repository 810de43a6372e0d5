"""Certifications of the sample: by the authority and clause of 46-1.2, with an income that fits the category."""

from datetime import timedelta
from decimal import Decimal

from hub.certifications.rules import CATEGORY_RULES
from hub.glossary.code_sets import term
from hub.model.agencies import Department
from hub.model.certifications import Category, EndReason, MonitoredSubtype, Support
from hub.sample.calendar import office_hours
from hub.sample.lines import INCOME_OF
from hub.sample.story import Member, SampleCertification, Story

_REVIEWED_YEARLY = timedelta(days=365)


def authority(story: Story) -> str:
    """Who certifies the household's category (46-1.2)."""
    match story.category:
        case Category.POVERTY_RELAPSE_MONITORED:
            return story.at_county(Department.AGRICULTURE)
        case Category.OTHER_HARDSHIP:
            return story.at_county(Department.CIVIL_AFFAIRS)
        case _:
            return story.township_office()


def settle_income(story: Story) -> None:
    """Draw an income per head within the bounds of the category."""
    low, high = INCOME_OF[story.category]
    line = story.line(Category.SUBSISTENCE_ALLOWANCE)
    story.income_per_capita = Decimal(story.rng.randint(round(low * line), round(high * line)))


def certify(story: Story) -> None:
    """Certify the household as a whole. For extreme hardship and for a partly covered household, certify each member."""
    if story.category is None:
        return
    story.certified_from = story.registered_at.date() + timedelta(days=story.rng.randint(7, 40))
    if story.category is Category.EXTREME_HARDSHIP and story.certified_members is None:
        story.certified_members = list(story.members)
    members: list[Member | None] = [*story.certified_members] if story.certified_members else [None]
    story.certifications = [_certification(story, story.category, member) for member in members]


def _certification(story: Story, category: Category, member: Member | None) -> SampleCertification:
    assert story.certified_from is not None
    at = office_hours(story.rng, story.certified_from)
    reviewed = category not in (Category.EXTREME_HARDSHIP, Category.POVERTY_RELAPSE_MONITORED)
    ended_on = member.died_on + timedelta(days=3) if member and member.died_on else None
    return SampleCertification(
        id=story.new_id(at),
        member=member,
        category=category,
        subtype=story.subtype,
        support=story.support,
        valid_from=story.certified_from,
        valid_until=story.calendar.as_of + _REVIEWED_YEARLY * story.rng.uniform(0.1, 1) if reviewed else None,
        authority=authority(story),
        clause=CATEGORY_RULES[category].clause,
        at=at,
        ended_on=ended_on,
        ended_because=EndReason.DECEASED if ended_on else None,
        end_reason=term(EndReason.DECEASED).zh if ended_on else None,
    )


def choose_support(story: Story) -> None:
    """Extreme hardship is supported in an institution or at home; monitored households have a subtype."""
    if story.category is Category.EXTREME_HARDSHIP:
        story.support = Support.INSTITUTIONAL if story.rng.random() < 0.28 else Support.DISPERSED
    if story.category is Category.POVERTY_RELAPSE_MONITORED and story.subtype is None:
        story.subtype = story.rng.choices(list(MonitoredSubtype), weights=(35, 35, 30))[0]
