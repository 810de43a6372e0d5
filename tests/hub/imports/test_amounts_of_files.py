"""Amounts in the files of offices: the monthly standard of a county, the certified amount of a household, its income a head.
Which are stored, to the cent, and which are refused at their column (46-3.1; docs/values.md)."""

from decimal import Decimal

import pytest

from hub.model.import_runs import ImportKind
from tests.hub.imports.conftest import COUNTY_OFFICE, Office, refusals
from tests.hub.imports.office import HEADERS, member

pytestmark = pytest.mark.anyio

ABOVE_NOUGHT = [
    ("0.01", "0.01"), ("0.1", "0.10"), ("760", "760.00"), ("760.5", "760.50"), ("760.55", "760.55"), ("1,480.00", "1480.00"),
    ("9999999999.98", "9999999999.98"), ("9999999999.99", "9999999999.99"),
    ("0", None), ("0.00", None), ("-0.01", None), ("-760", None), ("760.555", None), ("0.001", None), ("10000000000", None),
    ("9999999999.991", None), ("七百六", None),
]  # fmt: skip
"""As an office writes it, and what is stored; None: it is refused."""
FROM_NOUGHT = [*(one for one in ABOVE_NOUGHT if one[0] not in ("0", "0.00")), ("0", "0.00"), ("0.00", "0.00")]
LINES = ("区县", "城乡", "救助类别", "执行月份", "月标准", "文号")


@pytest.mark.parametrize(("written", "stored"), ABOVE_NOUGHT)
async def test_the_standard_of_a_county_is_above_nought(
    office: Office, written: str, stored: str | None
) -> None:
    row = dict(zip(LINES, ("金水区", "城市", "低保", "2026年7月", written, "民〔2026〕7号"), strict=True))
    report = await office.imports([row], COUNTY_OFFICE, ImportKind.LINES, LINES)
    assert refusals(report) == ([] if stored else [(2, "yuan", "INVALID_MONEY")])
    lines = await office.rows("select yuan from poverty_line where from_month = '2026-07-01'")
    assert lines == ([Decimal(stored)] if stored else [])


@pytest.mark.parametrize(("written", "stored"), ABOVE_NOUGHT)
async def test_a_certified_amount_is_above_nought(office: Office, written: str, stored: str | None) -> None:
    row = member("H1", 1, 救助类别="低保", 认定日期="2026-03-01", 核定金额=written)
    report = await office.imports([row], headers=[*HEADERS, "核定金额"])
    found = await office.rows("select certified_amount from certification")
    if stored:
        assert (refusals(report), found) == ([], [Decimal(stored)])
    else:
        ((line, column, code),) = refusals(report)
        assert (line, column) == (2, "certifiedAmount")
        assert code in ("INVALID_MONEY", "CERTIFIED_AMOUNT_INVALID")
        assert found == []


@pytest.mark.parametrize("category", ["低保边缘家庭", "刚性支出困难家庭"])
async def test_only_allowance_and_support_have_a_certified_amount(office: Office, category: str) -> None:
    row = member("H1", 1, 救助类别=category, 认定日期="2026-03-01", 核定金额="760")
    report = await office.imports([row], headers=[*HEADERS, "核定金额"])
    assert refusals(report) == [(2, "certifiedAmount", "CERTIFIED_AMOUNT_NOT_APPLICABLE")]


@pytest.mark.parametrize(("written", "stored"), FROM_NOUGHT)
async def test_an_income_a_head_is_from_nought(office: Office, written: str, stored: str | None) -> None:
    report = await office.imports([member("H1", 1, 家庭人均月收入=written)])
    assert refusals(report) == ([] if stored else [(2, "incomePerCapita", "INVALID_MONEY")])
    found = await office.rows("select income_per_capita from household")
    assert found == [Decimal(stored) if stored else None]
