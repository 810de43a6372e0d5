"""46-3.2.3: rentals and rent subsidies in the city, dangerous houses in the country."""

from datetime import date, timedelta
from decimal import Decimal

from hub.model.agencies import Department
from hub.model.aid import AidKind, AidStatus, DangerGrade, HousingForm
from hub.model.certifications import Category, Support
from hub.model.households import Residence
from hub.sample.aid.giving import give
from hub.sample.calendar import between
from hub.sample.lines import RENT_SUBSIDY_A_MONTH
from hub.sample.story import Story

_ELIGIBLE = (
    Category.SUBSISTENCE_ALLOWANCE,
    Category.EXTREME_HARDSHIP,
    Category.SUBSISTENCE_MARGIN,
    Category.RIGID_EXPENDITURE,
)


def give_aid(story: Story) -> None:
    """Some of the eligible households meet the housing condition."""
    if story.category not in _ELIGIBLE or story.support is Support.INSTITUTIONAL or not story.living:
        return
    if story.place.residence is Residence.URBAN:
        if story.rng.random() < 0.22:
            _house_in_the_city(story)
    elif story.rng.random() < 0.07:
        _renovate(story)


def _house_in_the_city(story: Story) -> None:
    rng, year = story.rng, story.calendar.last.year
    decided_on = between(rng, story.calendar.months[0], story.calendar.last)
    agency, area = story.at_county(Department.HOUSING_SECURITY), Decimal(rng.randint(32, 60))
    year_round = (date(year, 1, 1), date(year, 12, 31))
    if rng.random() < 0.4:
        give(
            story,
            AidKind.HOUSING,
            "公共租赁住房配租",
            agency,
            year_round,
            decided_on,
            {"form": HousingForm.PUBLIC_RENTAL, "floor_area": area},
            outcome="已签订租赁合同并入住",
        )
        return
    give(
        story,
        AidKind.HOUSING,
        "住房租赁补贴",
        agency,
        year_round,
        decided_on,
        {"form": HousingForm.RENT_SUBSIDY, "floor_area": area},
        amount=RENT_SUBSIDY_A_MONTH * 12,
        paid_on=min(decided_on + timedelta(days=rng.randint(5, 20)), story.calendar.last),
    )


def _renovate(story: Story) -> None:
    rng, calendar = story.rng, story.calendar
    decided_on = between(rng, calendar.months[0], calendar.last)
    grade = rng.choices((DangerGrade.C, DangerGrade.D), weights=(60, 40))[0]
    done = rng.random() < 0.6
    give(
        story,
        AidKind.HOUSING,
        "农村危房改造补助",
        story.at_county(Department.URBAN_CONSTRUCTION),
        (decided_on, decided_on + timedelta(days=180)),
        decided_on,
        {
            "form": HousingForm.HOUSE_RENOVATION,
            "floor_area": Decimal(rng.randint(45, 90)),
            "danger_grade": grade,
        },
        amount=Decimal(14000 if grade is DangerGrade.C else 32000),
        paid_on=calendar.last if done else None,
        status=AidStatus.PAID if done else AidStatus.APPROVED,
        outcome="改造竣工验收合格" if done else None,
    )
