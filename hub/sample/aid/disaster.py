"""46-3.2.5: aid for every household that was affected by a disaster."""

from datetime import timedelta
from decimal import Decimal

from hub.model.agencies import Department
from hub.model.aid import AidKind, DisasterForm
from hub.model.circumstances import CircumstanceKind
from hub.sample.aid.giving import give
from hub.sample.story import Story

_PROGRAMS = {
    DisasterForm.EMERGENCY: "灾害应急救助",
    DisasterForm.TRANSITIONAL: "过渡期生活救助",
    DisasterForm.REBUILDING: "因灾倒损民房恢复重建补助",
}


def give_aid(story: Story) -> None:
    """Help within days of the disaster, in proportion to the loss."""
    for circumstance in story.circumstances:
        if circumstance.kind is not CircumstanceKind.DISASTER or not story.living:
            continue
        assert circumstance.amount is not None
        form = story.rng.choices(list(_PROGRAMS), weights=(60, 28, 12))[0]
        decided_on = circumstance.since + timedelta(days=story.rng.randint(2, 9))
        give(
            story,
            AidKind.DISASTER,
            _PROGRAMS[form],
            story.at_county(Department.EMERGENCY_MANAGEMENT),
            (circumstance.since, circumstance.since + timedelta(days=30)),
            decided_on,
            {"form": form, "disaster": circumstance.note, "struck_on": circumstance.since},
            amount=Decimal(max(600, int(circumstance.amount) // 1000 * 100)),
            paid_on=min(decided_on + timedelta(days=story.rng.randint(1, 8)), story.calendar.last),
        )
