"""The ages that fit the values of a person, as data with their sources. The limits are wide, and even a value outside them
is saved with a warning, because people start school late and study for long.

A warning depends on the birth date. If the caller did not write it, only callers who may read birth dates get the warning.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from hub.foundation.errors import HubError
from hub.model.persons import EducationStage, Employment
from hub.policy.facts.ages import full_years
from hub.policy.facts.school_years import days_of_school_year, school_year_of


class StageUnlikely(HubError):
    """The stage of school does not fit the person's age at that time; check the person, the stage and the year.
    就学阶段与此人当时的年龄不符,请核对对象、学段和学年。
    """


class AgeUnlikely(HubError):
    """This does not fit the person's age at that time; check the person and the days.
    该事项与此人当时的年龄不符,请核对对象和日期。
    """


@dataclass(frozen=True, slots=True)
class Ages:
    """A range of ages in full years, both included; `oldest` None: no upper limit."""

    youngest: int
    oldest: int | None
    source: str

    def contains(self, birth_date: date, begins: date, ends: date) -> bool:
        """Whether a person reaches the lower age by the end of a span of days, and is not above the upper age at its
        beginning."""
        if full_years(birth_date, ends) < self.youngest:
            return False
        return self.oldest is None or full_years(birth_date, begins) <= self.oldest


_LATE = "残疾人教育条例 第十三条: 残疾儿童、少年的入学年龄和在校年龄可以适当提高"

STAGE_AGES: Mapping[EducationStage, Ages] = MappingProxyType(
    {
        EducationStage.KINDERGARTEN: Ages(3, 8, f"学前教育法 第二条: 三周岁到入小学前; {_LATE}"),
        EducationStage.PRIMARY: Ages(6, 18, f"义务教育法 第十一条: 年满六周岁,条件不具备的地区七周岁; {_LATE}"),
        EducationStage.JUNIOR_HIGH: Ages(11, 21, f"after five or six years of primary school; {_LATE}"),
        EducationStage.SENIOR_HIGH: Ages(14, 30, "after nine years of 义务教育法 第二条; adults study it too"),
        EducationStage.VOCATIONAL: Ages(14, None, "after nine years of 义务教育法 第二条; open to adults of any age"),
        EducationStage.COLLEGE: Ages(14, None, "classes for gifted youth (少年班) take pupils from 14; no age above"),
    }
)  # fmt: skip
"""The ages of each stage: reached by the end of a school year, not exceeded at its beginning."""

_WORK = "劳动法 第十五条: 禁止招用未满十六周岁的未成年人"
_PENSION = "国务院关于渐进式延迟法定退休年龄的办法: 63 at the most, three years more by agreement (弹性延迟)"
WORKING = Ages(16, 66, f"{_WORK}; {_PENSION}")
"""The ages of persons at work or registered as unemployed."""

EMPLOYMENT_AGES: Mapping[Employment, Ages] = MappingProxyType(
    {
        Employment.EMPLOYED: Ages(16, None, _WORK),
        Employment.FLEXIBLE: Ages(16, None, _WORK),
        Employment.UNEMPLOYED: WORKING,
        Employment.RETIRED: Ages(45, None, "国发〔1978〕104号: women at arduous work, the earliest of all"),
    }
)


def stage_fits(stage: EducationStage, birth_date: date, begins: date, ends: date) -> bool:
    """Whether a person can be in a stage of school on one of some days, up to the end of the last day's school year."""
    _, last = days_of_school_year(school_year_of(ends))
    return STAGE_AGES[stage].contains(birth_date, begins, last)
