"""Warnings for aid that does not fit the person's age, and for unlikely school years. The record is saved.

Only aid that depends on an age has a rule here. Care (46-3.4) has none: the policy names the old, minors and the disabled 等
("and others"). The 100 yuan supplement of 46-3.1 is checked in `supplements.py`.
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
from hub.policy.facts.periods import days_between
from hub.policy.facts.school_years import days_of_school_year
from hub.policy.permissions.field_scopes import PERSON

MOST_APART = 366
"""The number of days that a school year and the aid period may lie apart: aid is paid for the last year, or in advance."""
MOST_AHEAD = 1
"""The number of years by which a school year may be later than the current one."""


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
        OtherForm.CHILD_REHABILITATION: Ages(
            0, 17, "国发〔2018〕20号: children of 0 to 6; counties may go further, to minors"
        ),
    }
)
"""The ages that fit a form, in the period of the aid."""


def unlikely(grant: Grant, draft: AidDraft, to: Resolved) -> tuple[HubError, ...]:
    """Warnings about unlikely values of a record. Warnings based on the birth date are returned only to callers who may read
    it."""
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
    apart = days_between(draft.period_from, draft.period_until, begins, ends)
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
    return ages.contains(to.birth_date, draft.period_from, draft.period_until)
