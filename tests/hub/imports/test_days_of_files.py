"""Days in files: months are stored as months, "for ever" means no end, and no day is invented where it decides something."""

from datetime import date
from typing import Any

import pytest

from hub.foundation.errors import HubError
from hub.imports.days import beginning, ending, exact
from hub.imports.words import Fuller
from hub.model.import_runs import ImportKind
from tests.hub.imports.conftest import AGRICULTURE, COUNTY_OFFICE, Office, refusals
from tests.hub.imports.office import identity_number, member
from tests.hub.imports.test_keys import name_of

pytestmark = pytest.mark.anyio

DAYS = (
    "2024.9.1",
    "2024年9月1日",
    "2024年9月1号",
    "20240901",
    "2024-09-01",
    "45536",
    45536,
    date(2024, 9, 1),
)
MONTHS = ("2024年9月", "2024.09", "202409", "2024-9", "2024/09", 202409, 2024.09)
OPEN = ("9999-12-31", "99991231", "2099-12-31", "2999年12月31日", "长期", "永久", "无", "/")


@pytest.mark.parametrize("cell", DAYS)
def test_a_day_is_read_however_it_is_written(cell: Any) -> None:
    assert exact(cell) == beginning(cell) == ending(cell) == date(2024, 9, 1)


@pytest.mark.parametrize("cell", MONTHS)
def test_a_month_begins_on_its_first_day_and_ends_on_its_last_and_is_no_exact_day(cell: Any) -> None:
    first, last = beginning(cell), ending(cell)
    assert isinstance(first, Fuller)
    assert isinstance(last, Fuller)
    assert (first.value, last.value) == (date(2024, 9, 1), date(2024, 9, 30))
    with pytest.raises(HubError) as refused:
        exact(cell)
    assert refused.value.code == "DAY_REQUIRED"
    assert "-01" not in refused.value.message


@pytest.mark.parametrize("cell", OPEN)
def test_for_ever_is_open(cell: str) -> None:
    assert ending(cell) is None


@pytest.mark.parametrize("cell", ["2024.1", 2024.1])
def test_a_month_that_may_have_lost_its_zero_is_refused_with_both(cell: Any) -> None:
    with pytest.raises(HubError) as refused:
        beginning(cell)
    assert "2024-01 or 2024-10" in refused.value.message


async def test_a_certification_from_a_month_lands_and_the_report_counts_the_months(office: Office) -> None:
    rows = [
        member(f"H{one}", one, 救助类别="低保", 认定日期=day)
        for one, day in enumerate(("2024年9月", "202409", "2024-09-05"))
    ]
    report = await office.imports(rows)
    assert [(warning.code, "2 处" in warning.message_zh) for warning in report.warnings] == [
        ("MONTHS_WITHOUT_DAY", True)
    ]
    assert await office.rows("select valid_from from certification order by valid_from") == [
        date(2024, 9, 1),
        date(2024, 9, 1),
        date(2024, 9, 5),
    ]


async def test_a_month_does_not_replace_the_day_in_it_that_is_registered(office: Office) -> None:
    await office.imports([member("JS1", 0)])
    listed = {"户编号": "JS1", "户主姓名": name_of(0), "监测对象类别": "脱贫不稳定户"}
    for day in ("2024-05-13", "202405", "2024年5月"):
        report = await office.imports(
            [listed | {"识别监测时间": day}], AGRICULTURE, ImportKind.MONITORED, (*listed, "识别监测时间")
        )
        assert report.refused == []
    assert await office.rows("select valid_from, ended_on, version from certification") == [
        (date(2024, 5, 13), None, 1)
    ]


async def test_a_month_does_not_move_the_first_day_of_a_certification_in_it(office: Office) -> None:
    for day in ("2024-09-13", "2024年9月", "202409"):
        assert (await office.imports([member("H1", 1, 救助类别="低保", 认定日期=day)])).refused == []
    assert await office.rows("select valid_from, version from certification") == [(date(2024, 9, 13), 1)]


async def test_the_day_of_a_death_is_not_taken_from_a_month(office: Office) -> None:
    await office.imports([member("JS1", 0)])
    died = {"逝者姓名": name_of(0), "身份证号": identity_number(0), "死亡日期": "2026年10月"}
    report = await office.imports([died], COUNTY_OFFICE, ImportKind.CIRCUMSTANCES, tuple(died))
    assert refusals(report) == [(2, "since", "DAY_REQUIRED")]


async def test_a_risk_that_is_gone_needs_its_day_and_a_day_needs_a_risk_that_is_gone(office: Office) -> None:
    await office.imports([member("JS1", 0)])
    row = {"户编号": "JS1", "监测对象类别": "脱贫不稳定户", "识别监测时间": "202405"}
    rows = [
        row | {"风险是否已消除": "是", "消除监测时间": ""},
        row | {"风险是否已消除": "否", "消除监测时间": "202606"},
        row | {"风险是否已消除": "是", "消除监测时间": "202606"},
    ]
    report = await office.imports(rows, AGRICULTURE, ImportKind.MONITORED, tuple(rows[0]))
    assert refusals(report) == [(2, "endedOn", "VALUE_MISSING"), (3, "endedOn", "COLUMN_MISMATCH")]
    assert await office.rows("select valid_from, ended_on from certification") == [
        (date(2024, 5, 1), date(2026, 6, 30))
    ]
