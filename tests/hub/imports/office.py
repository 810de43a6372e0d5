"""Files as offices make them: rows by header, written as CSV or as a workbook."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from openpyxl import Workbook

from hub.persons.identity_number import SAMPLE_REGION, check_digit

Row = Mapping[str, Any]

TOWNSHIP = "410105001"
ELSEWHERE = "410102001"
HEADERS = (
    "户编号", "户主", "姓名", "身份证号", "与户主关系", "行政区划代码", "户籍性质", "地址", "救助类别",
    "认定日期", "家庭人均月收入", "联系电话", "银行账号", "健康状况", "残疾类别", "残疾等级", "就学阶段", "学校",
    "就业状况", "劳动能力",
)  # fmt: skip
PLACE = {header: place for place, header in enumerate(HEADERS)}
FAMILY_NAMES = "王李张刘陈杨赵黄周吴"
GIVEN_NAMES = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超霞平刚"


def identity_number(sequence: int, born: date = date(1980, 5, 17)) -> str:
    """A number with a valid check digit in the sample region, which nobody has; each sequence has a number of its own, for a
    man or a woman."""
    day, order = divmod(sequence, 1000)
    first17 = f"{SAMPLE_REGION}{born + timedelta(days=day):%Y%m%d}{order:03d}"
    return first17 + check_digit(first17)


def member(code: str, sequence: int, relation: str = "户主", **values: Any) -> dict[str, Any]:
    """A row of a file of households with valid values."""
    return {
        "户编号": code,
        "姓名": f"{FAMILY_NAMES[sequence % 10]}{GIVEN_NAMES[sequence % 20]}",
        "身份证号": identity_number(sequence),
        "与户主关系": relation,
        "行政区划代码": TOWNSHIP if relation == "户主" else "",
        "户籍性质": "城镇" if relation == "户主" else "",
        "地址": "经三路 8 号院 3 号楼" if relation == "户主" else "",
        "家庭人均月收入": "812.50" if relation == "户主" else "",
        **values,
    }


def family(code: str, first: int, size: int, **values: Any) -> list[dict[str, Any]]:
    """The rows of one household; `values` are the same in each."""
    relations = ("户主", "配偶", *(["子女"] * (size - 2)))
    return [member(code, first + index, relations[index], **values) for index in range(size)]


def many_families(rows: int) -> Iterator[dict[str, Any]]:
    """Rows of households of one to five members, with every applicable column filled."""
    sequence, number = 0, 0
    while sequence < rows:
        number += 1
        size = min(1 + number % 5, rows - sequence)
        category = ("低保", "低保边缘家庭", "", "特困人员", "刚性支出困难家庭")[number % 5]
        for row in family(f"JS{number:07d}", sequence, size):
            yield row | {
                "户主": f"{FAMILY_NAMES[(sequence) % 10]}{GIVEN_NAMES[(sequence) % 20]}",
                "救助类别": category,
                "认定日期": "2026-03-01" if category else "",
                "联系电话": f"139{row['身份证号'][9:17]}",
                "银行账号": f"62284807{row['身份证号'][6:17]}",
                "健康状况": "健康",
                "就业状况": "灵活就业",
                "劳动能力": "有",
            }
        sequence += size


def write_csv(
    path: Path,
    rows: Sequence[Row] | Iterator[Row],
    headers: Sequence[str] = HEADERS,
    encoding: str = "utf-8",
    delimiter: str = ",",
) -> Path:
    """Write rows as CSV; a header that a row lacks becomes an empty cell."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file, delimiter=delimiter)
        writer.writerow(headers)
        writer.writerows([row.get(header, "") for header in headers] for row in rows)
    return path


def write_workbook(
    path: Path, rows: Sequence[Row], headers: Sequence[str] = HEADERS, above: Sequence[str] = ()
) -> Path:
    """Write rows as a workbook, with rows `above` the header."""
    workbook = Workbook()
    sheet = workbook.active
    assert sheet is not None
    for line in above:
        sheet.append([line])
    sheet.append(list(headers))
    for row in rows:
        sheet.append([row.get(header) for header in headers])
    workbook.save(path)
    return path
