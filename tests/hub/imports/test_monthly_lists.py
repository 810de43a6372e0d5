"""`hub import … --month`: which list of which month arrived; it counts once, however it arrives (46-2.2, 46-2.3)."""

from datetime import date, timedelta
from typing import Any

import pytest

from hub.foundation.calendar import today
from hub.foundation.errors import InvalidInput
from hub.imports.refusals import NoMonthlyList
from hub.model.import_runs import ImportKind
from hub.shares.refusals import CountyOfficeRequired
from tests.hub.imports.conftest import (
    AGRICULTURE,
    COUNTY_OFFICE,
    EDUCATION,
    TOWNSHIP_OFFICE,
    Office,
    grant_of,
)
from tests.hub.imports.office import family, identity_number, write_csv

pytestmark = pytest.mark.anyio

HEADERS = ("身份证号", "起始日期", "学段", "学校")
MONITORED_HEADERS = ("户编号", "监测对象类别", "认定日期")
SHARES = "select source_registry, kind, month, region, rows, agency_id from monthly_share where rows > 0 order by region"


def this_month() -> date:
    """The first day of the present month."""
    return today().replace(day=1)


@pytest.fixture
async def street(office: Office) -> Office:
    """Two households of a street, with persons 0 to 4."""
    await office.imports([*family("JS1", 0, 3), *family("JS2", 3, 2)])
    return office


def pupils(*sequences: int, school: str = "郑州大学") -> list[dict[str, Any]]:
    return [
        {"身份证号": identity_number(sequence), "起始日期": "2026-09-01", "学段": "大学", "学校": school}
        for sequence in sequences
    ]


async def listed(
    office: Office, rows: list[dict[str, Any]], grant: Any = EDUCATION, of_this_month: bool = True
) -> Any:
    month = this_month() if of_this_month else None
    return await office.imports(rows, grant, ImportKind.CIRCUMSTANCES, HEADERS, month=month)


async def test_a_list_in_parts_and_again_counts_each_fact_once(street: Office) -> None:
    for rows, counted in ((pupils(2, 900), 1), (pupils(2), 1), (pupils(4, 2, school="河南工业大学"), 2)):
        await listed(street, rows)
        assert await street.rows(SHARES) == [
            ("education", "HARDSHIP_STUDENT", this_month(), "410105", counted, EDUCATION.agency)
        ]
    await listed(street, pupils(0), grant_of("education@4101"))
    assert [(region, rows) for _, _, _, region, rows, _ in await street.rows(SHARES)] == [("410105", 3)]
    came = await street.rows(
        "select count(*) from monthly_share where agency_id = 'education@4101' and shared_at is not null"
    )
    assert came == [15], "the city's list is every county's"


async def test_an_empty_file_is_an_empty_list_and_one_of_which_nothing_landed_has_not_come(
    street: Office,
) -> None:
    report = await listed(street, pupils(900))
    assert (report.accepted, await street.rows("select 1 from monthly_share")) == (0, [])
    report = await listed(street, [], COUNTY_OFFICE)
    assert [warning.code for warning in report.warnings] == ["NO_ROWS"]
    found = await street.rows(
        "select source_registry, kind, rows, first_shared_at = shared_at, due_on >= month from monthly_share"
    )
    assert found == [("civil_affairs", "DEATH", 0, True, True)]


async def test_agricultures_certifications_are_its_monthly_list(street: Office) -> None:
    rows = [
        {"户编号": code, "监测对象类别": "脱贫不稳定户", "认定日期": "2026-03-01"}
        for code in ("JS1", "JS2", "JS9")
    ]
    for _ in range(2):
        await street.imports(rows, AGRICULTURE, ImportKind.MONITORED, MONITORED_HEADERS, month=this_month())
        assert await street.rows(SHARES) == [
            ("agriculture", "MONITORED", this_month(), "410105", 2, AGRICULTURE.agency)
        ]


async def test_a_list_without_a_month_lands_and_says_that_it_counts_for_none(street: Office) -> None:
    report = await listed(street, pupils(2), of_this_month=False)
    assert (report.accepted, [warning.code for warning in report.warnings]) == (
        1,
        ["MONTH_REQUIRED_TO_SHARE"],
    )
    assert await street.rows("select 1 from monthly_share") == []


async def test_a_month_that_cannot_be_is_refused_before_anything_is_written(street: Office) -> None:
    before = await street.counts()
    for grant, kind, month, error in (
        (
            EDUCATION,
            ImportKind.CIRCUMSTANCES,
            (this_month() + timedelta(days=31)).replace(day=1),
            InvalidInput,
        ),
        (TOWNSHIP_OFFICE, ImportKind.CIRCUMSTANCES, this_month(), CountyOfficeRequired),
        (EDUCATION, ImportKind.AID, this_month(), NoMonthlyList),
    ):
        file = write_csv(street.folder / "list.csv", pupils(2), HEADERS)
        with pytest.raises(error):
            await street.imports(file, grant, kind, month=month)
    assert await street.counts() == before
