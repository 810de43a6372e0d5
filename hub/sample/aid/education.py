"""46-3.2.2: aid of the school year for every hardship student."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from hub.model.agencies import Department
from hub.model.aid import AidKind, EducationForm
from hub.model.circumstances import CircumstanceKind
from hub.model.persons import EducationStage
from hub.sample.aid.giving import give
from hub.sample.calendar import between
from hub.sample.story import Member, Story


@dataclass(frozen=True, slots=True)
class _Program:
    name: str
    form: EducationForm
    yuan: int


_PROGRAMS: dict[EducationStage, tuple[_Program, ...]] = {
    EducationStage.KINDERGARTEN: (_Program("学前教育资助", EducationForm.GRANT, 600),),
    EducationStage.PRIMARY: (
        _Program("义务教育家庭经济困难学生生活补助(小学)", EducationForm.LIVING_ALLOWANCE, 1250),
    ),
    EducationStage.JUNIOR_HIGH: (
        _Program("义务教育家庭经济困难学生生活补助(初中)", EducationForm.LIVING_ALLOWANCE, 1500),
    ),
    EducationStage.SENIOR_HIGH: (
        _Program("普通高中国家助学金", EducationForm.GRANT, 2300),
        _Program("普通高中免学费", EducationForm.FEE_WAIVER, 1600),
    ),
    EducationStage.VOCATIONAL: (
        _Program("中等职业教育国家助学金", EducationForm.GRANT, 2300),
        _Program("中等职业教育免学费", EducationForm.FEE_WAIVER, 2400),
    ),
    EducationStage.COLLEGE: (
        _Program("高等教育国家助学金", EducationForm.GRANT, 3700),
        _Program("生源地信用助学贷款", EducationForm.LOAN, 12000),
        _Program("高校勤工助学", EducationForm.WORK_STUDY, 3000),
    ),
}


def give_aid(story: Story) -> None:
    """Each hardship student gets one programme of the stage; some older students get a second one."""
    for member in story.suffering(CircumstanceKind.HARDSHIP_STUDENT):
        assert member.stage is not None
        programs = _PROGRAMS[member.stage]
        second = len(programs) > 1 and story.rng.random() < 0.35
        for program in story.rng.sample(programs, 2 if second else 1):
            _give(story, member, member.stage, program)


def _give(story: Story, member: Member, stage: EducationStage, program: _Program) -> None:
    rng, calendar = story.rng, story.calendar
    year = calendar.school_year
    decided_on = between(rng, date(year, 8, 20), min(calendar.last, date(year, 10, 25)))
    decided_on = max(decided_on, story.registered_at.date() + timedelta(days=7))
    waived = program.form is EducationForm.FEE_WAIVER
    region = (
        "4101"
        if stage is EducationStage.COLLEGE and program.form is not EducationForm.LOAN
        else story.place.county
    )
    give(
        story,
        AidKind.EDUCATION,
        program.name,
        f"{Department.EDUCATION}@{region}",
        (date(year, 9, 1), date(year + 1, 8, 31)),
        decided_on,
        {"form": program.form, "school_year": year, "stage": stage, "school": member.school},
        member=member,
        amount=Decimal(program.yuan),
        paid_on=None if waived else min(decided_on + timedelta(days=rng.randint(5, 30)), calendar.last),
    )
