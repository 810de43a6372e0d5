"""Values of a person that hardly fit the age are imported, and reported with the row."""

from datetime import date, timedelta

import pytest

from hub.foundation.calendar import today
from hub.imports.report import ImportReport
from hub.model.import_runs import ImportKind
from tests.hub.imports import test_aid, test_circumstances
from tests.hub.imports.conftest import EDUCATION, Office
from tests.hub.imports.office import family, identity_number

pytestmark = pytest.mark.anyio
CHILD = date(2017, 3, 4)


def warned(report: ImportReport) -> list[tuple[str, int | None]]:
    assert report.refused == []
    return [(warning.code, warning.row) for warning in report.warnings]


async def test_a_members_school_or_work_is_told_and_the_same_file_again_tells_nothing(office: Office) -> None:
    head, spouse, child = family("H1", 0, 3)
    child["身份证号"] = identity_number(0, CHILD)
    rows = [
        {**head, "就学阶段": "小学"},
        {**spouse, "就学阶段": "大学", "就业状况": "在校"},
        {**child, "就学阶段": "小学", "就业状况": "就业"},
    ]
    assert warned(await office.imports(rows)) == [("STAGE_UNLIKELY", 2), ("AGE_UNLIKELY", 4)]
    assert warned(await office.imports(rows)) == []
    right = [head, spouse, {**child, "就学阶段": "小学", "就业状况": "在校"}]
    assert warned(await office.imports(right)) == [("VALUES_CLEARED", None)]


def born(years: int, days_later: int) -> date:
    """The birth date of somebody who turns so many years old today, or some days later."""
    now = today()
    day = 28 if (now.month, now.day) == (2, 29) else now.day
    return date(now.year - years, now.month, day) + timedelta(days=days_later)


@pytest.mark.parametrize(
    ("word", "years", "days_later", "is_unlikely"),
    [
        ("就业", 16, 1, True),  # 劳动法 第十五条: 禁止招用未满十六周岁的未成年人
        ("就业", 16, 0, False),
        ("灵活就业", 16, 1, True),
        ("灵活就业", 16, 0, False),
        ("登记失业", 16, 1, True),
        ("登记失业", 16, 0, False),
        ("登记失业", 67, 1, False),  # 63 at the most, three years more by agreement (弹性延迟)
        ("登记失业", 67, 0, True),
        ("退休", 45, 1, True),  # 国发〔1978〕104号: women at arduous work from 45
        ("退休", 45, 0, False),
    ],
)
async def test_a_member_is_hardly_at_work_unemployed_or_retired_outside_these_ages(
    office: Office, word: str, years: int, days_later: int, is_unlikely: bool
) -> None:
    head, spouse, child = family("H1", 0, 3)
    row = {**child, "身份证号": identity_number(7, born(years, days_later)), "就业状况": word}
    report = await office.imports([head, spouse, row])
    assert [one for one in warned(report) if one[1] is not None] == (
        [("AGE_UNLIKELY", 4)] if is_unlikely else []
    )


async def test_aid_of_a_stage_or_a_school_year_that_can_hardly_be_meant_is_told(office: Office) -> None:
    await office.imports(family("H1", 0, 3))
    rows = [
        test_aid.grant_money("E-1", 救助项目="甲", 就学阶段="大学"),
        test_aid.grant_money("E-2", 救助项目="乙", 就学阶段="小学"),
        test_aid.grant_money("E-3", 救助项目="丙", 就学阶段="大学", 学年="2052"),
    ]
    report = await office.imports(rows, EDUCATION, ImportKind.AID, test_aid.HEADERS)
    of_ages = [one for one in warned(report) if one[0] in ("STAGE_UNLIKELY", "SCHOOL_YEAR_UNLIKELY")]
    assert of_ages == [("STAGE_UNLIKELY", 3), ("SCHOOL_YEAR_UNLIKELY", 4)]


async def test_a_registrys_list_is_told_of_whom_it_can_hardly_mean(office: Office) -> None:
    head, spouse, child = family("H1", 0, 3)
    child["身份证号"] = identity_number(0, CHILD)
    await office.imports([head, spouse, child])
    pupils = [
        test_circumstances.pupil(1),
        test_circumstances.pupil(身份证号=identity_number(0, CHILD)),
    ]
    report = await office.imports(pupils, EDUCATION, ImportKind.CIRCUMSTANCES, test_circumstances.HEADERS)
    assert [one for one in warned(report) if one[1] is not None] == [("STAGE_UNLIKELY", 2)]
