"""The conditions of the members: disability, illness, school, ability to work and work, matching age and category."""

from random import Random

from hub.model.certifications import Category, MonitoredSubtype
from hub.model.households import Residence
from hub.model.persons import DisabilityType, EducationStage, Employment, Gender, Health, Labour
from hub.policy.facts.ages import WORKING_AGE as OF_WORKING_AGE
from hub.policy.facts.ages import full_years
from hub.policy.facts.school_years import days_of_school_year
from hub.sample.story import Member, Story

WORKING_AGE = range(16, 65)
_MAY_BE_SEVERE = (Category.SUBSISTENCE_ALLOWANCE, Category.EXTREME_HARDSHIP)
_MAY_BE_UNEMPLOYED = (
    Category.SUBSISTENCE_ALLOWANCE,
    Category.SUBSISTENCE_MARGIN,
    Category.RIGID_EXPENDITURE,
)
_FARMS_UNTIL = 70

_STAGES: tuple[tuple[range, tuple[EducationStage | None, ...], tuple[int, ...]], ...] = (
    (range(3, 6), (EducationStage.KINDERGARTEN, None), (80, 20)),
    (range(6, 12), (EducationStage.PRIMARY,), (1,)),
    (range(12, 15), (EducationStage.JUNIOR_HIGH,), (1,)),
    (range(15, 18), (EducationStage.SENIOR_HIGH, EducationStage.VOCATIONAL), (60, 40)),
    (range(18, 22), (EducationStage.COLLEGE, None), (55, 45)),
)
_COLLEGES = ("郑州大学", "河南工业大学", "河南财经政法大学", "中原工学院", "郑州轻工业大学", "河南中医药大学",
             "郑州师范学院", "郑州铁路职业技术学院", "河南职业技术学院")  # fmt: skip
_SCHOOL_ENDS = {
    EducationStage.KINDERGARTEN: "幼儿园",
    EducationStage.PRIMARY: "小学",
    EducationStage.JUNIOR_HIGH: "初级中学",
    EducationStage.SENIOR_HIGH: "高级中学",
    EducationStage.VOCATIONAL: "中等职业学校",
}


def settle_conditions(story: Story) -> None:
    """Give every member a state of health, school and work. At least one member who can work has work."""
    for member in story.members:
        _disability(story, member)
        _health(story, member)
        _school(story, member)
        member.labour = _labour(story, member)
    if story.category is Category.RIGID_EXPENDITURE or story.subtype is MonitoredSubtype.SUDDEN_HARDSHIP:
        _strike(story)
    settle_work(story)


def settle_work(story: Story) -> None:
    """Set the work of every member by ability and age. The first able member, of working age if possible, has work."""
    able = [member for member in story.members if member.able and story.age(member) in WORKING_AGE]
    retired_from = OF_WORKING_AGE[1]
    able.sort(key=lambda member: (story.age(member) >= retired_from, member.labour is not Labour.FULL))
    for member in story.members:
        member.employment = _without_work(story, member)
    for place, member in enumerate(able):
        out_of_work = place > 0 and story.category in _MAY_BE_UNEMPLOYED and story.rng.random() < 0.3
        member.employment = Employment.UNEMPLOYED if out_of_work else _work(story, member)


def _disability(story: Story, member: Member) -> None:
    rng, age = story.rng, story.age(member)
    alone = story.category is Category.EXTREME_HARDSHIP
    severe = alone and age < 60
    if not severe and rng.random() >= (0.2 if story.category in _MAY_BE_SEVERE else 0.07):
        return
    member.disability_type = rng.choices(
        list(DisabilityType), weights=(12, 15, 2, 42, 13, 10, 6) if age > 5 else (5, 15, 10, 30, 30, 5, 5)
    )[0]
    grades = (1, 2) if severe else (1, 2, 3, 4) if story.category in _MAY_BE_SEVERE else (3, 4)
    member.disability_grade = rng.choice(grades)


def _health(story: Story, member: Member) -> None:
    age, chance = story.age(member), story.rng.random()
    serious, chronic = (0.05, 0.5) if age >= 60 else (0.04, 0.22) if age >= 40 else (0.012, 0.05)
    member.health = (
        Health.SERIOUS
        if chance < serious
        else Health.CHRONIC
        if chance < serious + chronic
        else Health.HEALTHY
    )


def _strike(story: Story) -> None:
    """A member's serious illness is the reason for the certification (46-1.1)."""
    if any(member.health is Health.SERIOUS for member in story.members):
        return
    struck = max(story.rng.sample(story.members, min(2, len(story.members))), key=story.age)
    struck.health = Health.SERIOUS
    struck.labour = _labour(story, struck)


def stage_choices(age: int) -> tuple[tuple[EducationStage | None, ...], tuple[int, ...]]:
    """The usual stages at an age on 1 September, and the weight of each."""
    return next(((stages, weights) for ages, stages, weights in _STAGES if age in ages), ((None,), (1,)))


def _school(story: Story, member: Member) -> None:
    rng = story.rng
    begins, _ = days_of_school_year(story.calendar.school_year)
    age = full_years(member.birth_date, begins)
    stages, weights = stage_choices(age)
    member.stage = rng.choices(stages, weights=weights)[0]
    if member.severely_disabled and age > 14:
        member.stage = None
    if member.stage is not None:
        member.school = school_name(rng, story, member.stage)


def school_name(rng: Random, story: Story, stage: EducationStage) -> str:
    """A school that members of this household would attend at a stage."""
    if stage is EducationStage.COLLEGE:
        return rng.choice(_COLLEGES)
    if stage in (EducationStage.SENIOR_HIGH, EducationStage.VOCATIONAL):
        return f"{story.place.county_name}第{rng.choice('一二三四五')}{_SCHOOL_ENDS[stage]}"
    return f"{story.place.township_name.removesuffix('街道')}{rng.choice(('中心', '第一', '第二', '实验'))}{_SCHOOL_ENDS[stage]}"


def _labour(story: Story, member: Member) -> Labour:
    age = story.age(member)
    if age < 16 or age >= 70 or member.severely_disabled:
        return Labour.NONE
    if story.category is Category.EXTREME_HARDSHIP:
        return Labour.NONE
    if member.health is Health.SERIOUS:
        return Labour.NONE if story.rng.random() < 0.6 else Labour.WEAK
    if age >= 60 or member.disability_grade is not None or member.health is Health.CHRONIC:
        return Labour.WEAK
    return Labour.FULL


def _without_work(story: Story, member: Member) -> Employment:
    age = story.age(member)
    if member.stage is not None:
        return Employment.STUDYING
    if age >= 60:
        farms = story.place.residence is Residence.RURAL and member.able and age < _FARMS_UNTIL
        return Employment.FARMING if farms else Employment.RETIRED
    return Employment.NONE


def _work(story: Story, member: Member) -> Employment:
    if story.place.residence is Residence.RURAL:
        weights = (15, 25, 60) if story.age(member) >= 50 else (35, 35, 30)
        return story.rng.choices((Employment.EMPLOYED, Employment.FLEXIBLE, Employment.FARMING), weights)[0]
    steady = 0.45 if member.gender is Gender.MALE else 0.4
    return Employment.EMPLOYED if story.rng.random() < steady else Employment.FLEXIBLE
