"""An import leaves an access record: who imported the file, the people in it, and what was refused (46-4.3)."""

import hashlib
from typing import Any

import pytest

from hub.foundation.errors import HubError
from hub.imports.command import operator_grant
from hub.imports.imports import run_import
from hub.model.import_runs import ImportKind
from tests.hub.imports.conftest import AGRICULTURE, COUNTY_OFFICE, EDUCATION, TOWNSHIP_OFFICE, Office
from tests.hub.imports.office import ELSEWHERE, family, identity_number, member, write_csv

pytestmark = pytest.mark.anyio
RECORDS = (
    "select agency_id, outcome, codes, refused, kept, cardinality(household_ids), cardinality(numbers_named)"
    " from access_record order by at, id"
)


async def records(office: Office) -> list[Any]:
    """The contents of every record."""
    return await office.rows(RECORDS)


async def test_households_that_are_imported_leave_who_imported_what(office: Office) -> None:
    file = write_csv(office.folder / "户籍.csv", family("JS1", 1, 3))
    await office.imports(file)
    await office.imports(file)
    first, again = await records(office)
    assert first[:5] == (TOWNSHIP_OFFICE.agency, "ANSWERED", [], 0, 3)
    assert again == (*first[:5], 1, 0)
    ((name, digest, client, purpose, rows),) = set(
        await office.rows(
            "select operation_name, operation_hash, client_id, purpose, rows from access_record"
        )
    )
    assert (name, client, purpose, rows) == (
        "import households",
        TOWNSHIP_OFFICE.client,
        TOWNSHIP_OFFICE.purpose,
        3,
    )
    assert digest == hashlib.sha256(file.read_bytes()).digest()
    runs = await office.rows("select id::text, client_id from import_run order by id")
    assert [sender for _, sender in runs] == [TOWNSHIP_OFFICE.client] * 2
    assert await office.rows("select client_id from chain_event") == [f"hub-import:{runs[0][0]}"]


async def test_what_an_operator_imports_for_an_agency_leaves_its_run(office: Office) -> None:
    grant = await operator_grant(office.database, TOWNSHIP_OFFICE.agency)
    await office.imports(family("JS1", 1, 2), grant)
    ((run, sender),) = await office.rows("select id::text, client_id from import_run")
    assert sender == "hub-import"
    assert await office.rows("select client_id from access_record") == [f"hub-import:{run}"]


async def test_refused_rows_leave_their_codes_and_whom_they_named(office: Office) -> None:
    await office.imports(
        [*family("JS1", 1, 2), member("JS2", 9, 行政区划代码=ELSEWHERE), member("JS3", 10, 姓名="")]
    )
    ((_, outcome, codes, refused, saved, _, numbers),) = await records(office)
    assert (outcome, codes, refused, saved) == (
        "WRITE_REFUSED",
        ["REGION_OUTSIDE_JURISDICTION", "VALUE_MISSING"],
        2,
        2,
    )
    assert numbers == 2


async def test_a_row_that_cannot_be_written_leaves_whom_it_named(office: Office) -> None:
    headers = ("身份证号", "起始日期")
    rows = [{"身份证号": identity_number(41 + place), "起始日期": "某日"} for place in range(3)]
    await office.imports(rows, kind=ImportKind.CIRCUMSTANCES, headers=headers, grant=COUNTY_OFFICE)
    ((_, outcome, _, refused, saved, _, numbers),) = await records(office)
    assert (outcome, refused, saved, numbers) == ("WRITE_REFUSED", 3, 0, 3)


async def test_rows_of_which_none_is_written_are_recorded_too(office: Office) -> None:
    headers = ("户编号", "起始日期")
    await office.imports(
        [{"户编号": "JS9", "起始日期": "某日"}],
        kind=ImportKind.CIRCUMSTANCES,
        headers=headers,
        grant=COUNTY_OFFICE,
    )
    ((_, outcome, codes, refused, saved, households, _),) = await records(office)
    assert (outcome, refused, saved, households) == ("WRITE_REFUSED", 1, 0, 0)
    assert codes


AID = (
    "外部编号",
    "户编号",
    "姓名",
    "户主",
    "救助类型",
    "救助项目",
    "起始日期",
    "截止日期",
    "状态",
    "决定日期",
    "救助形式",
)


@pytest.mark.parametrize("guessed", [{"姓名": "周不对"}, {"户主": "周不对"}])
async def test_guessed_names_beside_a_household_code_leave_the_household(
    office: Office, guessed: dict[str, str]
) -> None:
    await office.imports(family("JS1", 1, 3))
    row = {
        "外部编号": "E-1", "户编号": "JS1", "救助类型": "教育救助", "救助项目": "助学金", "起始日期": "2026-03-01",
        "截止日期": "2026-07-31", "状态": "已批准", "决定日期": "2026-02-20", "救助形式": "助学金",
    }  # fmt: skip
    await office.imports([row | guessed], EDUCATION, ImportKind.AID, AID)
    (_, (_, outcome, codes, refused, saved, households, numbers)) = await records(office)
    assert codes[0] in {"NAME_MISMATCH", "HEAD_NAME_MISMATCH"}
    assert (outcome, refused, saved, households, numbers) == ("WRITE_REFUSED", 1, 0, 1, 0)


MONITORED = ("户编号", "户主身份证号", "户主", "监测对象类别", "认定日期")


async def test_a_list_of_guesses_leaves_every_household_and_every_number(office: Office) -> None:
    await office.imports([*family("JS1", 1, 2), *family("JS2", 11, 2)])
    right = {"监测对象类别": "脱贫不稳定户", "认定日期": "2026-03-01"}
    guesses = [
        right | {"户编号": "JS1", "户主": "周不对"},
        right | {"户主身份证号": identity_number(11), "户主": "周不对"},
        *(right | {"户主身份证号": identity_number(1_000 + place)} for place in range(2_345)),
    ]
    await office.imports(guesses, AGRICULTURE, ImportKind.MONITORED, MONITORED)
    _, first, *more = await records(office)
    assert first[2] == ["HEAD_NAME_MISMATCH", "NAME_MISMATCH", "UNKNOWN_HOUSEHOLD"]
    assert first[1:2] + first[3:] == ("WRITE_REFUSED", 2_347, 0, 2, 1_000)
    assert [one[3:] for one in more] == [(0, 0, 0, 1_000), (0, 0, 0, 345)]
    assert await office.rows(
        "select sum(rows), count(distinct n) from access_record left join lateral unnest(numbers_named) n on true"
        " where operation_name = 'import monitored' and rows = 0"
    ) == [(0, 1_345)]


@pytest.mark.parametrize("lines", ["什么也不是", "户编号\n"])
async def test_a_file_that_is_refused_as_a_whole_leaves_its_code(office: Office, lines: str) -> None:
    file = office.folder / "file.csv"
    file.write_text(lines, "utf-8")
    with pytest.raises(HubError) as refused:
        await office.imports(file)
    ((_, outcome, codes, count, saved, _, _),) = await records(office)
    assert (outcome, codes, count, saved) == ("REFUSED", [refused.value.code], 0, 0)
    assert await office.rows("select rows from access_record") == [0]


async def test_a_list_of_another_department_leaves_that_it_was_refused(office: Office) -> None:
    with pytest.raises(HubError) as refused:
        await run_import(
            office.database,
            office.secrecy,
            ImportKind.MONITORED,
            office.folder / "absent.csv",
            TOWNSHIP_OFFICE,
            lambda _done, _total: None,
            office.folder / "refused.csv",
        )
    assert refused.value.code == "NOT_YOUR_LIST"
    assert [one[:3] for one in await records(office)] == [
        (TOWNSHIP_OFFICE.agency, "REFUSED", ["NOT_YOUR_LIST"])
    ]
