"""46-3.6: charity toward the low-income population."""

from datetime import timedelta
from decimal import Decimal

from hub.model.agencies import Department
from hub.model.aid import AidKind, CharityForm
from hub.sample.aid.giving import give
from hub.sample.calendar import between
from hub.sample.story import Story

_PROJECTS = ("慈善助学", "大病关爱", "慈善幸福家园", "微心愿", "冬日暖阳")


def give_aid(story: Story) -> None:
    """A tenth of the households get help from a donor, a project or volunteers."""
    rng = story.rng
    if story.category is None or not story.living or rng.random() >= 0.11:
        return
    form = rng.choices(list(CharityForm), weights=(30, 50, 20))[0]
    day = between(rng, story.calendar.months[0], story.calendar.last)
    money = form is not CharityForm.VOLUNTEER
    give(
        story,
        AidKind.CHARITY,
        "慈善帮扶",
        story.at_county(Department.CHARITY),
        (day, day + timedelta(days=30)),
        day,
        {
            "form": form,
            "organisation": f"{story.place.county_name}{'慈善总会' if money else '志愿服务联合会'}",
            "project": None if form is CharityForm.DONATION else rng.choice(_PROJECTS),
        },
        amount=Decimal(rng.randint(3, 50) * 100) if money else None,
        paid_on=day if money else None,
    )
