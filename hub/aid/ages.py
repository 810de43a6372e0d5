"""Aid that can hardly be meant for a person of that age, and school years that can hardly be meant at all: kept, and warned of.

What may be given at any age has no line here: 46-3.4 names the old, minors and the disabled 等 ("and others"), so care of
anybody may be right; the 100 yuan more of 46-3.1 are held against all of their facts (`supplements.py`).
"""

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from auth.grant import Grant
from hub.aid.drafts import AidDraft
from hub.foundation.calendar import today
from hub.foundation.errors import HubError
from hub.model.aid import AidKind, EducationForm, EmploymentForm, OtherForm
from hub.persons.ages import WORKING, Ages, AgeUnlikely, StageUnlikely, stage_fits
from hub.persons.subjects import Resolved
from hub.policy.facts.ages import full_years
from hub.policy.facts.school_years import days_of_school_year
from hub.policy.permissions.field_scopes import PERSON

MOST_APART = 366
"""Days that may lie between a school year and the period of its aid: it is paid for the year before, or ahead."""
MOST_AHEAD = 1
"""Years by which a school year may lie ahead of the year that runs."""


class SchoolYearUnlikely(HubError):
    """The school year lies more than a year away from the period of this aid, or more than a year ahead; check both.
    学年与救助起止日期相差一年以上,或晚于明年,请核对。
    """


FORM_AGES: Mapping[StrEnum, Ages] = MappingProxyType(
    {
        EducationForm.LOAN: Ages(14, None, "国家助学贷款: students of colleges"),
        EducationForm.WORK_STUDY: Ages(14, None, "高等学校勤工助学管理办法: students of colleges"),
        EmploymentForm.INTEREST_SUBSIDY: WORKING,
        EmploymentForm.TAX_RELIEF: WORKING,
        EmploymentForm.TRAINING_SUBSIDY: Ages(15, WORKING.oldest, "46-3.2.4; school leavers (两后生) too"),
        EmploymentForm.SOCIAL_INSURANCE_SUBSIDY: WORKING,
        EmploymentForm.PUBLIC_WELFARE_POST: WORKING,
        OtherForm.CHILD_REHABILITATION: Ages(0, 17, "国发〔2018〕20号: children of 0 to 6; counties may go further, to minors"),
    }
)  # fmt: skip
"""In the period of the aid."""


def unlikely(grant: Grant, draft: AidDraft, to: Resolved) -> tuple[HubError, ...]:
    """What of a record can hardly be meant. What rests on the birth date is told to those alone who may read it."""
    warnings: list[HubError] = []
    if draft.kind is AidKind.EDUCATION and _year_unlikely(draft):
        warnings.append(SchoolYearUnlikely())
    if to.birth_date is not None and grant.covers(PERSON["birthDate"]):
        if draft.kind is AidKind.EDUCATION and not _stage_fits(draft, to):
            warnings.append(StageUnlikely())
        elif not _age_fits(draft, to):
            warnings.append(AgeUnlikely())
    return tuple(warnings)


def _year_unlikely(draft: AidDraft) -> bool:
    year = draft.detail["school_year"]
    begins, ends = days_of_school_year(year)
    apart = max(
        draft.period_from.toordinal() - ends.toordinal(), begins.toordinal() - draft.period_until.toordinal()
    )
    return apart > MOST_APART or year > today().year + MOST_AHEAD


def _stage_fits(draft: AidDraft, to: Resolved) -> bool:
    assert to.birth_date is not None
    begins, _ = days_of_school_year(draft.detail["school_year"])
    return stage_fits(draft.detail["stage"], to.birth_date, begins, begins)


def _age_fits(draft: AidDraft, to: Resolved) -> bool:
    assert to.birth_date is not None
    ages = FORM_AGES.get(draft.detail["form"])
    if ages is None:
        return full_years(to.birth_date, draft.period_until) >= 0
    return ages.fit(to.birth_date, draft.period_from, draft.period_until)
