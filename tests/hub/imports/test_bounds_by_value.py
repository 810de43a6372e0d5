"""Bounds within files, by value: the bound itself is taken, one beyond it is refused."""

from pathlib import Path

import pytest

from hub.imports.refusals import UnreadableFile
from tests.hub.imports.conftest import Office, refusals
from tests.hub.imports.office import HEADERS, member, write_csv

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize(("lines", "taken"), [(63, True), (64, True), (65, False)])
async def test_a_row_has_at_most_64_lines(office: Office, tmp_path: Path, lines: int, taken: bool) -> None:
    written = write_csv(tmp_path / "rows.csv", [member("H1", 1, 地址="地址在此")], HEADERS)
    text = written.read_text("utf-8-sig")
    assert text.count("地址在此") == 1
    path = tmp_path / "lines.csv"
    path.write_text(text.replace("地址在此", '"经三路' + "\n" * (lines - 1) + '8号"'), "utf-8")
    if not taken:
        with pytest.raises(UnreadableFile):
            await office.imports(path)
        return
    report = await office.imports(path)
    assert report.rows == 1


@pytest.mark.parametrize(("renamed", "taken"), [(19, True), (20, True), (21, False)])
async def test_twenty_people_are_renamed_in_a_small_file_and_no_more(
    office: Office, renamed: int, taken: bool
) -> None:
    rows = [member(f"H{place}", place) for place in range(40)]
    await office.imports(rows)
    for place in range(renamed):
        rows[place] |= {"姓名": f"新名{'甲乙丙丁戊己庚辛壬癸'[place % 10]}{'子丑寅'[place // 10]}"}
    report = await office.imports(rows)
    assert [code for _, _, code in refusals(report)] == ([] if taken else ["NAMES_SHIFTED"] * renamed)
    names = await office.rows("select count(*) from person where name like '新名%'")
    assert names == [renamed if taken else 0]
