"""The output of `hub import`."""

import io

import pytest
from rich.console import Console

from hub.imports.command import print_report
from tests.hub.imports.conftest import Office
from tests.hub.imports.office import HEADERS, identity_number, member

pytestmark = pytest.mark.anyio


async def test_words_of_the_file_are_printed_as_they_stand_and_numbers_never_in_full(office: Office) -> None:
    await office.imports([member("[/bold]1", 1)])
    rows = [member("H2", 2), member("H2", 1, "子女"), member("H3", 3, 身份证号=identity_number(3) + "0")]
    report = await office.imports(rows, headers=[*HEADERS, "备注[/red", "说明/]"])
    printed = io.StringIO()
    print_report(report, office.folder / "refused.csv", Console(file=printed, width=200))
    screen = printed.getvalue()
    assert "备注[/red、说明/]" in screen
    assert "household [/bold]1" in screen
    assert "3 rows: 1 landed (1 new or changed), 2 refused" in screen
    assert identity_number(3) not in screen
    assert identity_number(1) not in screen


async def test_a_reason_is_never_cut_on_a_narrow_screen(office: Office) -> None:
    report = await office.imports([member("H1", 1, 行政区划代码="410102001")])
    printed = io.StringIO()
    print_report(report, office.folder / "refused.csv", Console(file=printed, width=60))
    assert "…" not in printed.getvalue()


async def test_the_first_twenty_reasons_are_printed_and_the_others_counted(office: Office) -> None:
    report = await office.imports([member(f"H{number}", number, 联系电话="x") for number in range(25)])
    printed = io.StringIO()
    print_report(report, office.folder / "refused.csv", Console(file=printed, width=200))
    assert printed.getvalue().count("INVALID_PHONE") == 20
    assert "5 more reasons" in printed.getvalue()
