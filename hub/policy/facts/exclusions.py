"""Which categories exclude each other on one day, for the same household or person, defined once (46-1.2).

The policy names the categories and leaves their limits to the rules in force (按照现行政策对低收入人口分类进行认定); each
pair names its rule. Both categories of a pair have the same authority, the township. So an office whose certification is
refused can end the other certification. Monitored households (对防止返贫监测对象,同时 …) and other hardship, which other
authorities certify, are compatible with every category.
"""

from dataclasses import dataclass
from uuid import UUID

from hub.model.certifications import Category


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Two categories that exclude each other, the rule, and its content in English. `of_members`: a certification of the
    whole household in the first category also excludes the second category for each member, since it covers every member."""

    first: Category
    second: Category
    basis: str
    words: str
    of_members: bool = False

    def is_between(self, category: Category, other: Category) -> bool:
        """Whether this exclusion is between these two categories, in either order."""
        return {category, other} == {self.first, self.second}


_REFORM = "《关于改革完善社会救助制度的意见》(中办发〔2020〕18号)"
EXCLUSIONS = (
    Exclusion(
        Category.SUBSISTENCE_ALLOWANCE,
        Category.EXTREME_HARDSHIP,
        "《国务院关于进一步健全特困人员救助供养制度的意见》(国发〔2016〕14号):纳入特困人员救助供养范围的,不再适用最低生活保障政策",
        "State Council 2016 No. 14: who is supported in extreme hardship has no subsistence allowance",
        of_members=True,
    ),
    Exclusion(
        Category.SUBSISTENCE_ALLOWANCE,
        Category.SUBSISTENCE_MARGIN,
        f"{_REFORM}:低保边缘家庭是不符合低保、特困条件的家庭",
        "General Offices 2020 No. 18: a margin household does not qualify for the allowance",
    ),
    Exclusion(
        Category.SUBSISTENCE_ALLOWANCE,
        Category.RIGID_EXPENDITURE,
        f"{_REFORM}:刚性支出困难家庭是不符合低保、特困或低保边缘条件的家庭",
        "General Offices 2020 No. 18: a rigid-expenditure household qualifies neither for the allowance nor as margin",
    ),
    Exclusion(
        Category.SUBSISTENCE_MARGIN,
        Category.RIGID_EXPENDITURE,
        f"{_REFORM}:刚性支出困难家庭是不符合低保、特困或低保边缘条件的家庭",
        "General Offices 2020 No. 18: a rigid-expenditure household qualifies neither for the allowance nor as margin",
    ),
)
"""A certification of one member alone (单人保) excludes nothing for the household: 低保边缘家庭中的重度残疾人、重病患者 may
apply alone (民发〔2021〕57号)."""


def exclusion_between(
    category: Category, person_id: UUID | None, other: Category, other_person_id: UUID | None
) -> Exclusion | None:
    """The rule by which two certifications of one household exclude each other on the same day; `person_id` None: a
    certification of the whole household."""
    for exclusion in EXCLUSIONS:
        if exclusion.is_between(category, other) and (
            person_id == other_person_id
            or (
                exclusion.of_members
                and (person_id if category is exclusion.first else other_person_id) is None
            )
        ):
            return exclusion
    return None
