"""46-3.4: visits and care for the old, the young and the disabled who cannot look after themselves."""

from hub.model.aid import AidKind, ServiceForm
from hub.model.certifications import Support
from hub.model.persons import Gender
from hub.sample.aid.giving import give
from hub.sample.calendar import quarters
from hub.sample.story import Member, Story

_PROGRAMS = {
    ServiceForm.VISIT: "探访关爱服务",
    ServiceForm.CARE: "居家照护服务",
    ServiceForm.COUNSELLING: "心理疏导服务",
    ServiceForm.SOCIAL_WORK: "社会工作服务",
}


def give_aid(story: Story) -> None:
    """Give a service in each quarter to those who need it."""
    if story.support is Support.INSTITUTIONAL:
        return
    for member in story.living:
        if (form := _needed(story, member)) is not None:
            serve(story, member, form)


def serve(story: Story, member: Member, form: ServiceForm) -> None:
    """Give a member a service in each quarter of the history that followed the registration."""
    for first, last in quarters(story.calendar):
        if first > max(story.registered_at.date(), member.birth_date):
            give(
                story,
                AidKind.SERVICE,
                _PROGRAMS[form],
                story.township_office(),
                (first, last),
                min(last, story.calendar.last),
                {
                    "form": form,
                    "provider": f"{story.place.county_name}{story.rng.choice(('阳光', '幸福', '同心', '仁爱'))}社会工作服务中心",
                    "times": story.rng.randint(3, 13),
                },
                member=member,
            )


def _needed(story: Story, member: Member) -> ServiceForm | None:
    age, chance = story.age(member), story.rng.random()
    if member.severely_disabled or age >= 80:
        return ServiceForm.CARE if chance < 0.7 else ServiceForm.VISIT
    if age >= 70:
        return ServiceForm.VISIT if chance < 0.35 else None
    if age < 18 and len([other for other in story.living if story.age(other) >= 18]) == 1:
        return ServiceForm.COUNSELLING if member.gender is Gender.FEMALE else ServiceForm.SOCIAL_WORK
    return None
