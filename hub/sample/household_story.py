"""Makes the story of one household, from its place to its aid."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from hub.model.certifications import Category, MonitoredSubtype
from hub.model.households import Residence
from hub.sample.aid import GIVERS
from hub.sample.calendar import SampleCalendar, office_hours
from hub.sample.certify import certify, choose_support, settle_income
from hub.sample.conditions import settle_conditions
from hub.sample.facts import report_facts, settle_deaths
from hub.sample.families import Structure, choose_structure, make_family
from hub.sample.identities import IdentityNumbers, sample_id
from hub.sample.places import Village, address
from hub.sample.referrals import refer
from hub.sample.story import Story

REGISTERED_DAYS = (260, 1000)
"""The range of days before the sample's day in which a household is registered: before all its aid."""

_CATEGORIES = {
    Category.SUBSISTENCE_ALLOWANCE: 44,
    Category.EXTREME_HARDSHIP: 14,
    Category.POVERTY_RELAPSE_MONITORED: 12,
    Category.SUBSISTENCE_MARGIN: 14,
    Category.RIGID_EXPENDITURE: 10,
    Category.OTHER_HARDSHIP: 6,
}


@dataclass(frozen=True, slots=True)
class HouseholdWish:
    """The fixed properties of a household. Families are drawn until one `fits`. `shape` changes its members before the rest
    of the story is made from them; `touch` changes its history afterwards."""

    category: Category | None
    structure: Structure
    subtype: MonitoredSubtype | None = None
    fits: Callable[[Story], bool] = lambda _story: True
    shape: Callable[[Story], None] | None = None
    touch: Callable[[Story], None] | None = None


def choose_wish(rng: Random, place: Village) -> HouseholdWish:
    """A usual category for a place, and a usual family for the category."""
    category = rng.choices(list(_CATEGORIES), weights=list(_CATEGORIES.values()))[0]
    if category is Category.POVERTY_RELAPSE_MONITORED and place.residence is Residence.URBAN:
        category = Category.SUBSISTENCE_ALLOWANCE
    return HouseholdWish(category, choose_structure(rng, category))


def make_story(
    rng: Random,
    calendar: SampleCalendar,
    numbers: IdentityNumbers,
    serial: int,
    place: Village,
    wish: HouseholdWish,
) -> Story:
    """The whole story of one household."""
    story = Story(
        serial=serial,
        rng=rng,
        calendar=calendar,
        place=place,
        category=wish.category,
        id=sample_id(rng, _first_millisecond(calendar) + serial),
        code=household_code(place.township, serial),
        address=address(rng, place),
        members=make_family(rng, wish.structure, calendar.as_of),
        subtype=wish.subtype,
    )
    choose_support(story)
    settle_conditions(story)
    while not wish.fits(story):
        story.members = make_family(rng, wish.structure, calendar.as_of)
        settle_conditions(story)
    if wish.shape is None:
        settle_deaths(story)
    else:
        wish.shape(story)
    _register(story, numbers)
    settle_income(story)
    certify(story)
    report_facts(story)
    for giver in GIVERS:
        giver(story)
    if wish.touch is None:
        refer(story)
    else:
        wish.touch(story)
    return story


def _register(story: Story, numbers: IdentityNumbers) -> None:
    """Set the day of registration: after the birth of the youngest member and before all aid."""
    least, most = REGISTERED_DAYS
    age_of_youngest = min((story.calendar.as_of - member.birth_date).days for member in story.members)
    days = story.rng.randint(least, min(most, age_of_youngest - 1))
    story.registered_at = office_hours(story.rng, story.calendar.as_of - timedelta(days=days))
    for member in story.members:
        member.id = story.new_id(story.registered_at)
        member.number = numbers.next(member.birth_date, member.gender)


def household_code(township: str, serial: int) -> str:
    """户编号: the township and the household's place in the sample."""
    return f"{township}{serial:07}"


def _first_millisecond(calendar: SampleCalendar) -> int:
    """Ids of households begin here and rise with their serial, so that inserts append to the indexes."""
    first = calendar.as_of - timedelta(days=REGISTERED_DAYS[1])
    return int(datetime(first.year, first.month, first.day, tzinfo=UTC).timestamp()) * 1000
