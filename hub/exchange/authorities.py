"""Who certifies which category (46-1.2)."""

from dataclasses import dataclass

from auth.grant import Grant
from auth.scopes import Scope
from hub.agencies.tables import Department
from hub.certifications.tables import Category
from hub.errors import ForbiddenWrite, HubError
from hub.exchange.refusals import NotYourCategory
from hub.exchange.words import CATEGORY

_COUNTY, _TOWNSHIP = 6, 9


@dataclass(frozen=True, slots=True)
class Authority:
    """A department at regions whose codes have `digits` digits (None: at any), in words, and the clause."""

    department: Department
    digits: int | None
    words: str
    words_zh: str
    clause: str


_BY_TOWNSHIP = Authority(
    Department.CIVIL_AFFAIRS, _TOWNSHIP, "the township (street)", "乡镇(街道)", "46-1.2.1"
)
AUTHORITY_OF: dict[Category, Authority] = {
    Category.SUBSISTENCE_ALLOWANCE: _BY_TOWNSHIP,
    Category.EXTREME_HARDSHIP: _BY_TOWNSHIP,
    Category.SUBSISTENCE_MARGIN: _BY_TOWNSHIP,
    Category.RIGID_EXPENDITURE: _BY_TOWNSHIP,
    Category.POVERTY_RELAPSE_MONITORED: Authority(
        Department.AGRICULTURE, None, "agriculture, in its monitored list", "农业农村部门(监测对象名单)", "46-1.2.2"
    ),
    Category.OTHER_HARDSHIP: Authority(
        Department.CIVIL_AFFAIRS, _COUNTY, "the development zone, district or county",
        "开发区管委会或区县(市)政府", "46-1.2.3",
    ),
}  # fmt: skip


def refusal(grant: Grant, category: Category) -> HubError | None:
    """Why a grant may not certify a category in a file of households; None where it may.

    Monitored households are certified by their own list alone, which says which of the three subtypes they are.
    """
    authority = AUTHORITY_OF[category]
    region = grant.agency.partition("@")[2]
    if (
        category is Category.POVERTY_RELAPSE_MONITORED
        or grant.department != authority.department
        or authority.digits != len(region)
    ):
        return NotYourCategory(
            category=category.value, category_zh=CATEGORY.chinese(category),
            authority=authority.words, authority_zh=authority.words_zh,
        )  # fmt: skip
    if Scope.CERTIFICATION_WRITE not in grant.scopes:
        return ForbiddenWrite(scope=Scope.CERTIFICATION_WRITE.value)
    return None
