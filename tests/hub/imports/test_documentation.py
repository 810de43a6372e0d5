"""docs/imports.md lists every column, and its examples can be imported."""

import re
from pathlib import Path

import pytest

from auth.grant import Grant
from hub.glossary.code_sets import code_sets
from hub.imports import aid, circumstances, households, lines, monitored
from hub.imports.headers import Column
from hub.model.import_runs import ImportKind
from hub.regions.places import Places
from schema.enums import IN_SENTENCES, WORDS
from tests.hub.imports.conftest import AGRICULTURE, COUNTY_OFFICE, EDUCATION, TOWNSHIP_OFFICE, Office

pytestmark = pytest.mark.anyio

PAGE = (Path(__file__).parents[3] / "docs" / "imports.md").read_text("utf-8")
SECTIONS = dict(
    re.findall(r"^## (households|monitored|circumstances|aid|lines)\b(.*?)(?=^## |\Z)", PAGE, re.M | re.S)
)
NOWHERE = Places({}, TOWNSHIP_OFFICE)


@pytest.mark.parametrize(
    ("kind", "columns"),
    [
        ("households", households.columns(NOWHERE, False)),
        ("monitored", monitored.columns(NOWHERE, False)),
        ("circumstances", circumstances.columns(NOWHERE, False)),
        ("aid", aid.columns(NOWHERE, False)),
        ("lines", lines.columns(NOWHERE, False)),
    ],
)
def test_every_column_is_documented_with_its_headers_and_whether_it_is_required(
    kind: str, columns: tuple[Column, ...]
) -> None:
    lines = {
        line[2]: line
        for line in re.findall(r"^\| \*\*(\S+)\*\*(.*?) \| `(\w+)` \| (.*?) \|", SECTIONS[kind], re.M)
    }
    assert set(lines) == {column.key for column in columns}
    for column in columns:
        first, others, _, required = lines[column.key]
        assert [first, *filter(None, others.removeprefix(" / ").split("、"))] == column.chinese_headers
        assert bool(required) == column.required


def test_the_words_of_the_page_are_those_of_the_glossary() -> None:
    named = {
        (term.zh, value)
        for codes in code_sets((*WORDS, *IN_SENTENCES))
        for value, term in codes.values.items()
    }
    tables = "\n".join(re.findall(r"^\|.*", PAGE, re.M))
    pairs = re.findall(r"([\u4e00-\u9fff]+级?|[A-D]级) `([A-Z_]+)`", tables)
    assert len(pairs) > 100
    assert [pair for pair in pairs if pair not in named] == []


async def test_the_examples_come_in_as_they_stand(office: Office) -> None:
    steps: list[tuple[str, ImportKind, Grant, int]] = [
        ("households", ImportKind.HOUSEHOLDS, TOWNSHIP_OFFICE, 3),
        ("monitored", ImportKind.MONITORED, AGRICULTURE, 1),
        ("circumstances", ImportKind.CIRCUMSTANCES, EDUCATION, 1),
        ("aid", ImportKind.AID, EDUCATION, 1),
        ("lines", ImportKind.LINES, COUNTY_OFFICE, 1),
    ]
    for section, kind, grant, accepted in steps:
        file = office.folder / f"{section}.csv"
        file.write_text(re.findall(r"```csv\n(.*?)```", SECTIONS[section], re.S)[0], "utf-8")
        report = await office.imports(file, grant, kind)
        assert report.accepted == accepted, report.refused
        assert {refusal.code for refusal in report.refused} <= {"UNKNOWN_HOUSEHOLD"}
