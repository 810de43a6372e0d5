"""An office defines the meaning of its own words once; the definition applies to its files, and to no other office's."""

from pathlib import Path

import pytest

from hub.imports.office_words import InvalidWordFile
from tests.hub.imports.conftest import OTHER_TOWNSHIP_OFFICE, TOWNSHIP_OFFICE, Office, refusals
from tests.hub.imports.office import member, write_csv

pytestmark = pytest.mark.anyio

HEADERS = ("列", "词语", "含义")
DAY = {"认定日期": "2026-03-01"}


def words(office: Office, *rows: tuple[str, str, str]) -> Path:
    """A file of words."""
    return write_csv(
        office.folder / "words.csv", [dict(zip(HEADERS, row, strict=True)) for row in rows], HEADERS
    )


async def test_an_offices_own_words_are_kept_for_its_later_files(office: Office) -> None:
    rows = [
        member("H1", 1, 救助类别="一般户", 健康状况="乙等", **DAY),
        member("H2", 2, 救助类别="散居五保", **DAY),
    ]
    assert len((await office.imports(rows)).refused) == 3
    own = words(
        office,
        ("救助类别", "一般户", "低保"),
        ("health", "乙等", "慢性病"),
        ("类别", "散居五保", "分散供养特困人员"),
    )
    with pytest.raises(InvalidWordFile):
        await office.imports(rows, words=own)
    own = words(
        office,
        ("救助类别", "一般户", "低保"),
        ("health", "乙等", "慢性病"),
        ("救助类别", "散居五保", "分散供养特困人员"),
    )
    assert (await office.imports(rows, words=own)).refused == []
    assert (await office.imports(rows)).refused == [], "stated once"
    assert await office.rows("select category, support from certification order by category") == [
        ("EXTREME_HARDSHIP", "DISPERSED"),
        ("SUBSISTENCE_ALLOWANCE", None),
    ]
    assert await office.rows("select health from person order by health") == ["CHRONIC", None]


async def test_the_words_of_an_office_are_no_words_of_another(office: Office) -> None:
    await office.imports([member("H1", 1)], words=words(office, ("健康状况", "乙等", "慢性病")))
    theirs = [member("H9", 9, 行政区划代码="410105002", 健康状况="乙等")]
    assert refusals(await office.imports(theirs, OTHER_TOWNSHIP_OFFICE)) == [(2, "health", "UNKNOWN_WORD")]


async def test_a_word_that_is_stated_again_means_what_it_means_now(office: Office) -> None:
    for meaning, stored in (("慢性病", "CHRONIC"), ("重病", "SERIOUS")):
        own = words(office, ("健康状况", "乙等", meaning))
        await office.imports([member("H1", 1, 健康状况="乙等")], TOWNSHIP_OFFICE, words=own)
        assert await office.rows("select health from person") == [stored]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("救助类别", "特困", "低保"), "already has a meaning"),
        (("救助类别", "低保对象", "特困人员"), "already has a meaning"),
        (("健康状况", "乙等", "病"), "Not an accepted value"),
        (("健康状况", "乙等", "较差"), "more than one meaning"),
        (("健康状况", "乙等", "无"), "no meaning"),
        (("健康状况", "", "慢性病"), "a cell is empty"),
        (("银行账号", "乙等", "慢性病"), "no column with words"),
    ],
)
async def test_what_cannot_be_used_of_a_file_of_words_refuses_it_whole(
    office: Office, row: tuple[str, str, str], reason: str
) -> None:
    with pytest.raises(InvalidWordFile) as refused:
        await office.imports([member("H1", 1)], words=words(office, ("健康状况", "甲等", "健康"), row))
    assert reason in refused.value.message
    assert "Row 3" in refused.value.message
    assert await office.rows("select count(*) from office_word") == [0]
    assert (await office.counts())["person"] == 0
