"""46-3, opening: targeted help for monitored households, by the mechanism against a return to poverty."""

from datetime import timedelta

from hub.model.agencies import Department
from hub.model.aid import AidKind, RelapsePreventionForm
from hub.model.certifications import Category
from hub.sample.aid.giving import give
from hub.sample.story import Story

_MEASURES = {
    RelapsePreventionForm.INDUSTRY: "发放鸡苗并安排技术指导",
    RelapsePreventionForm.EMPLOYMENT: "介绍到帮扶车间务工",
    RelapsePreventionForm.SAFETY_NET: "协调落实医疗、住房保障",
    RelapsePreventionForm.SKILLS: "参加种植技能培训",
}


def give_aid(story: Story) -> None:
    """Two of three monitored households get a measure in the last months."""
    if story.category is not Category.POVERTY_RELAPSE_MONITORED or not story.living or story.serial % 3 == 0:
        return
    form = tuple(_MEASURES)[story.serial % len(_MEASURES)]
    day = story.calendar.months[-2]
    give(
        story,
        AidKind.RELAPSE_PREVENTION,
        "防止返贫帮扶",
        story.at_county(Department.AGRICULTURE),
        (day, day + timedelta(days=90)),
        day,
        {"form": form, "measure": _MEASURES[form]},
    )
