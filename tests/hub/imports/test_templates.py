"""A template that a person fills in is imported completely, and its example never is."""

from io import BytesIO
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from auth.grant import Grant
from hub.imports.headers import EXAMPLE, find_header
from hub.imports.imports import IMPORTS
from hub.imports.templates import choices_of, lines_of, template_columns, write_template
from hub.imports.words import Fuller
from hub.model.import_runs import ImportKind
from hub.regions.places import Places
from tests.hub.imports.conftest import (
    AGRICULTURE,
    COUNTY_OFFICE,
    EDUCATION,
    TOWNSHIP_OFFICE,
    Office,
    notices,
    refusals,
)
from tests.hub.imports.office import identity_number

pytestmark = pytest.mark.anyio

WRITERS = [
    (ImportKind.HOUSEHOLDS, TOWNSHIP_OFFICE),
    (ImportKind.MONITORED, AGRICULTURE),
    (ImportKind.AID, EDUCATION),
    (ImportKind.LINES, COUNTY_OFFICE),
    (ImportKind.CIRCUMSTANCES, EDUCATION),
]
OWN = {
    "households": {"户编号*": "T-1", "姓名*": "张三", "身份证号*": identity_number(1), "户主": "张三"},
    "monitored": {"户编号": "T-1", "户主": "张三", "户主身份证号": identity_number(1)},
    "aid": {"外部编号*": "A-1", "姓名": "张三", "身份证号": identity_number(1)},
    "lines": {"区县*": "金水区"},
    "circumstances": {"业务编号": "C-1", "姓名": "张三", "身份证号": identity_number(1)},
}
"""The values that a person writes instead of the example's placeholders, by kind and header."""


async def template(office: Office, kind: ImportKind, grant: Grant) -> tuple[Workbook, Places]:
    """The template of an agency, opened as a spreadsheet program does."""
    async with office.database.read() as connection:
        places = await Places.load(connection, grant)
    file = BytesIO()
    write_template(file, kind, grant, places)
    return load_workbook(BytesIO(file.getvalue())), places


def filled(workbook: Workbook, own: dict[str, str], into: Path, *, below: bool = True) -> Path:
    """The template with one row: the example's values, with the person's own ones; instead of the example or below it."""
    sheet = workbook.worksheets[0]
    for place, cell in enumerate(sheet[1], 1):
        value = own.get(str(cell.value), sheet.cell(2, place).value)
        sheet.cell(3 if below else 2, place).value = value
    workbook.save(into)
    return into


@pytest.mark.parametrize("kind", ImportKind)
def test_every_column_has_its_line_in_the_notes(kind: ImportKind) -> None:
    columns = IMPORTS[kind].columns(Places({}, TOWNSHIP_OFFICE), False)
    assert set(lines_of(kind)) == {column.key for column in columns}
    assert lines_of(kind)[columns[0].key].example == EXAMPLE


async def test_a_template_filled_in_is_imported_whole_and_its_example_is_not(office: Office) -> None:
    for kind, grant in WRITERS:
        workbook, _ = await template(office, kind, grant)
        as_it_is = office.folder / f"{kind}.empty.xlsx"
        workbook.save(as_it_is)
        nothing = await office.imports(as_it_is, grant, kind)
        assert (nothing.rows, refusals(nothing)) == (0, []), kind
        assert {"NO_ROWS", "ROWS_SKIPPED"} <= set(notices(nothing))
        file = filled(workbook, OWN[kind.lower()], office.folder / f"{kind}.xlsx")
        report = await office.imports(file, grant, kind)
        assert (report.rows, report.accepted, refusals(report)) == (1, 1, []), (kind, report.refused)
        assert report.changed == 1
    assert await office.rows("select code from household") == ["T-1"]


async def test_what_can_be_chosen_is_understood_as_one_value_each(office: Office) -> None:
    for kind, grant in WRITERS:
        workbook, places = await template(office, kind, grant)
        for column in template_columns(kind, grant, places):
            words = choices_of(kind, column, grant, places)
            values = [column.read(word) for word in words]
            plain = [value.value if isinstance(value, Fuller) else value for value in values]
            assert None not in plain
            assert len(set(plain)) == len(words), (kind, column.key)
        offered = {str(one.formula1) for one in workbook.worksheets[0].data_validations.dataValidation}
        assert offered, kind
        assert all(one.startswith("词!") for one in offered)
        assert workbook["词"].sheet_state == "hidden"
        assert workbook.worksheets[0]["A5000"].number_format in {"General", "@"}
        assert workbook.worksheets[0].column_dimensions["A"].number_format == "@"


async def test_a_region_is_chosen_by_code_and_name_and_both_must_belong_together(office: Office) -> None:
    workbook, places = await template(office, ImportKind.HOUSEHOLDS, TOWNSHIP_OFFICE)
    regions = places.dwellings_with_names()
    assert regions[0].startswith("410105001 ")
    assert all(region.startswith("410105001") for region in regions), "an office is offered its own regions"
    own = OWN["households"] | {"行政区划代码": regions[1]}
    assert refusals(await office.imports(filled(workbook, own, office.folder / "a.xlsx"))) == []
    assert await office.rows("select region from household") == [regions[1][:12]]
    own |= {"行政区划代码": regions[1][:12] + "别的社区"}
    refused = await office.imports(filled(workbook, own, office.folder / "b.xlsx"))
    assert refusals(refused) == [(3, "region", "UNKNOWN_REGION")]


async def test_a_row_that_still_holds_a_placeholder_of_the_example_is_refused(office: Office) -> None:
    for left in ("户编号*", "姓名*"):
        workbook, _ = await template(office, ImportKind.HOUSEHOLDS, TOWNSHIP_OFFICE)
        own = {header: value for header, value in OWN["households"].items() if header != left}
        report = await office.imports(filled(workbook, own, office.folder / "a.xlsx", below=False))
        assert [code for _, _, code in refusals(report)] == ["EXAMPLE_NOT_REPLACED"], left
    assert (await office.counts())["household"] == 0


async def test_the_columns_that_an_agency_may_not_write_are_not_in_its_template(office: Office) -> None:
    _, places = await template(office, ImportKind.HOUSEHOLDS, TOWNSHIP_OFFICE)
    few = Grant(
        TOWNSHIP_OFFICE.agency,
        "cli",
        frozenset(scope for scope in TOWNSHIP_OFFICE.scopes if scope != "person.contact:read"),
        TOWNSHIP_OFFICE.regions,
        TOWNSHIP_OFFICE.purpose,
    )
    whole = {column.key for column in template_columns(ImportKind.HOUSEHOLDS, TOWNSHIP_OFFICE, places)}
    left = whole - {column.key for column in template_columns(ImportKind.HOUSEHOLDS, few, places)}
    assert "phone" in left
    assert find_header(
        [["户编号*", "姓名*", "身份证号*", "与户主关系*"]],
        template_columns(ImportKind.HOUSEHOLDS, few, places),
    )
