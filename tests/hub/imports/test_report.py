"""The report: complete, in both languages, without full numbers, and harmless in a spreadsheet."""

import csv
from pathlib import Path

import pytest

from hub.imports.report import shown
from tests.hub.imports.conftest import Office
from tests.hub.imports.office import identity_number, member

pytestmark = pytest.mark.anyio


def _read(path: Path) -> list[list[str]]:
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


async def test_the_csv_has_a_line_for_each_reason_in_the_order_of_the_rows(office: Office) -> None:
    await office.imports(
        [member("H1", 1, 与户主关系="邻居"), member("H2", 2), member("H3", 3, 家庭人均月收入="many")]
    )
    header, *lines = _read(office.folder / "refused.csv")
    assert header == [
        "行号 row",
        "列 column",
        "字段 field",
        "代码 code",
        "原因",
        "reason",
        "原值 value",
        "本行 the row",
    ]
    assert [line[:4] + line[6:] for line in lines] == [
        ["2", "与户主关系", "relation", "UNKNOWN_WORD", "邻居", "未录入 refused"],
        [
            "4",
            "家庭人均月收入",
            "incomePerCapita",
            "INVALID_MONEY",
            "many",
            "已录入,仅缺此项 taken without this value",
        ],
    ]
    assert "户主、配偶、子女" in lines[0][4]


async def test_a_run_without_refusals_leaves_no_older_report_behind(office: Office) -> None:
    await office.imports([member("H1", 1, 家庭人均月收入="many")])
    await office.imports([member("H1", 1)])
    assert len(_read(office.folder / "refused.csv")) == 1


async def test_no_number_stands_in_the_report_in_full(office: Office) -> None:
    invalid = identity_number(5)[:-1] + identity_number(6)[-1]
    report = await office.imports(
        [
            member("H1", 1, 身份证号=invalid),
            member("H2", 2, 家庭人均月收入=identity_number(2)),
            member("H3", 3, 联系电话="电话 13900001234", 银行账号="账号 6228480712345678"),
            member("H4", 4, 与户主关系=" ".join(identity_number(4))),
        ]
    )
    assert len(report.refused) == 5
    text = "".join("".join(line) for line in _read(office.folder / "refused.csv")).replace(" ", "")
    for number in (invalid, identity_number(2), identity_number(4), "13900001234", "6228480712345678"):
        assert number not in text
        assert number[4:-4] not in text


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "＝"])
async def test_what_a_spreadsheet_would_run_is_quoted(office: Office, start: str) -> None:
    formula = f"{start}cmd|' /C calc'!A0"
    await office.imports([member("H1", 1, 与户主关系=formula)])
    value = _read(office.folder / "refused.csv")[1][6]
    assert value.startswith("'")


async def test_a_header_that_a_spreadsheet_would_run_is_quoted_too(office: Office) -> None:
    row = member("H1", 1)
    row["-与户主关系"] = row.pop("与户主关系") + "?"
    await office.imports([row], headers=list(row))
    assert _read(office.folder / "refused.csv")[1][1] == "'-与户主关系"


async def test_a_report_that_cannot_be_written_stops_the_import_before_anything_lands(office: Office) -> None:
    (office.folder / "refused.csv").mkdir()
    with pytest.raises(OSError, match="refused"):
        await office.imports([member("H1", 1)])
    assert set((await office.counts()).values()) == {0}


def test_a_cell_is_shown_short_and_a_number_in_any_width_is_masked() -> None:
    number = identity_number(1)
    assert shown("address", "x" * 100) == "x" * 60
    assert shown("address", f"住址{number}附近") == f"住址41{'*' * 16}附近"
    assert (
        shown("idNumber", number.translate({48 + digit: 0xFF10 + digit for digit in range(10)}))
        == f"41{'*' * 16}"
    )
    assert shown("idNumber", 410199) == "******"
    assert shown("region", 410105999999) == "410105999999"
