"""`hub import households`: what is imported, what is refused, and that nothing remains half-written."""

from typing import Any

import anyio
import pytest

from hub.foundation.encryption import place_of
from hub.foundation.errors import ForbiddenWrite
from tests.hub.imports.conftest import (
    COUNTY_OFFICE,
    EDUCATION,
    OTHER_COUNTY_OFFICE,
    OTHER_TOWNSHIP_OFFICE,
    TOWNSHIP_OFFICE,
    Office,
    refusals,
)
from tests.hub.imports.office import ELSEWHERE, HEADERS, family, identity_number, many_families, member

pytestmark = pytest.mark.anyio

COVERED = {"救助类别": "低保", "认定日期": "2026-03-01"}


class Killed(Exception):
    """Ends the import."""


async def test_a_household_lands_with_its_members_certification_and_chain(office: Office) -> None:
    report = await office.imports(family("H1", 0, 3, **COVERED, 联系电话="13900001234"))
    assert (report.rows, report.accepted, report.changed, report.refused) == (3, 3, 3, [])
    assert await office.rows("select code, region, residence, income_per_capita::text from household") == [
        ("H1", "410105001", "URBAN", "812.50")
    ]
    assert await office.rows("select type, body from chain_event order by number") == [
        ("HOUSEHOLD_REGISTERED", {"code": "H1", "region": "410105001", "members": 3}),
        (
            "CERTIFIED",
            {
                "category": "SUBSISTENCE_ALLOWANCE",
                "subtype": None,
                "support": None,
                "validFrom": "2026-03-01",
                "validUntil": None,
            },
        ),
    ]
    assert await office.rows("select authority, policy_basis from certification") == [
        (TOWNSHIP_OFFICE.agency, "46-1.2.1")
    ]
    assert await office.chains_are_whole()


async def test_identity_telephone_and_account_numbers_are_kept_sealed_and_can_be_opened(
    office: Office,
) -> None:
    await office.imports([member("H1", 7, 联系电话="13900001234", 银行账号="6228 4807 1234 567")])
    sealed = await office.rows(
        "select id, id_number_sealed, phone_sealed, account_sealed, id_number_masked from person"
    )
    id, number, phone, account, masked = sealed[0]
    opened = [
        office.secrecy.open(value, place_of(f"person.{column}", id.bytes))
        for column, value in (("id_number", number), ("phone", phone), ("account", account))
    ]
    assert opened == [identity_number(7), "13900001234", "622848071234567"]
    assert masked == "41" + "*" * 16
    bodies = await office.rows("select body::text from chain_event")
    assert not any(value in body for value in opened for body in bodies)


async def test_the_same_file_again_changes_nothing_and_appends_no_event(office: Office) -> None:
    rows = list(many_families(60))
    first = await office.imports(rows)
    before, state = await office.counts(), await office.state()
    again = await office.imports(rows)
    assert (first.changed, again.accepted, again.changed) == (60, 60, 0)
    assert await office.counts() == before | {"import_run": 2}
    assert await office.state() == state
    assert await office.rows("select max(version) from person") == [1]


async def test_a_row_that_differs_updates_its_columns_and_tells_their_names_only(office: Office) -> None:
    rows = family("H1", 0, 2, 联系电话="13900001234")
    await office.imports(rows)
    rows[0] |= {"地址": "新住址 9 号", "家庭人均月收入": "900"}
    rows[1] |= {"联系电话": "13700009876", "健康状况": "重病"}
    report = await office.imports(rows)
    assert (report.accepted, report.changed) == (2, 2)
    assert await office.rows(
        "select type, person_id is null, body from chain_event where number > 1 order by number"
    ) == [
        ("HOUSEHOLD_UPDATED", True, {"changed": ["address", "incomePerCapita"]}),
        ("HOUSEHOLD_UPDATED", False, {"changed": ["phone", "health"]}),
    ]
    assert await office.rows("select version, address from household") == [(2, "新住址 9 号")]
    assert await office.rows("select version, health from person order by version") == [
        (1, None),
        (2, "SERIOUS"),
    ]
    assert await office.chains_are_whole()


async def test_a_column_the_file_lacks_leaves_what_stands_and_an_empty_cell_clears_it(office: Office) -> None:
    await office.imports([member("H1", 0, 健康状况="慢性病", 学校="一中")])
    await office.imports(
        [member("H1", 0, 学校="")], headers=[header for header in HEADERS if header != "健康状况"]
    )
    assert await office.rows("select health, school from person") == [("CHRONIC", None)]


async def test_part_of_a_file_and_then_the_whole_gives_what_the_whole_gives(office: Office) -> None:
    rows = list(many_families(40))
    await office.imports(rows[:1] + rows[7:23])
    report = await office.imports(rows)
    assert (report.accepted, report.refused) == (40, [])
    whole = await office.state()
    assert len(whole) == 40
    assert (await office.imports(rows)).changed == 0
    assert await office.chains_are_whole()


async def test_rows_of_a_household_need_not_stand_together(office: Office) -> None:
    rows = [*family("H1", 0, 3), *family("H2", 10, 3)]
    report = await office.imports([rows[4], rows[1], rows[0], rows[5], rows[2], rows[3]])
    assert (report.accepted, report.refused) == (6, [])
    assert await office.rows("select count(*) from household") == [2]


BAD_CELLS = [
    ("身份证号", identity_number(1)[:-1] + "*", "idNumber", "INVALID_IDENTITY_NUMBER"),
    ("身份证号", identity_number(1)[:-1] + identity_number(2)[-1], "idNumber", "INVALID_IDENTITY_NUMBER"),
    ("身份证号", "999999198005170012", "idNumber", "INVALID_IDENTITY_NUMBER"),
    ("身份证号", "", "idNumber", "VALUE_MISSING"),
    ("姓名", "　", "name", "VALUE_MISSING"),
    ("姓名", "王\x00伟", "name", "INVALID_TEXT"),
    ("姓名", "#REF!", "name", "INVALID_TEXT"),
    ("与户主关系", "邻居", "relation", "UNKNOWN_WORD"),
    ("行政区划代码", "410105999", "region", "UNKNOWN_REGION"),
    ("行政区划代码", "410105", "region", "UNKNOWN_REGION"),
    ("行政区划代码", ELSEWHERE, "region", "REGION_OUTSIDE_JURISDICTION"),
    ("户编号", "", "householdCode", "VALUE_MISSING"),
    ("户主", "别人", "head", "HOUSEHOLD_VALUE_MISMATCH"),
]


@pytest.mark.parametrize(("header", "value", "field", "code"), BAD_CELLS)
async def test_a_bad_cell_refuses_its_row_alone(
    office: Office, header: str, value: str, field: str, code: str
) -> None:
    good, bad = member("H1", 2), member("H2", 1, **{header: value})
    report = await office.imports([good, bad])
    assert refusals(report) == [(3, field, code)]
    assert report.refused[0].column == header
    assert report.refused[0].message
    assert report.refused[0].message_zh
    assert await office.rows("select code from household") == ["H1"]
    counts = await office.counts()
    assert (counts["person"], counts["certification"], counts["chain_event"]) == (1, 0, 1)


async def test_each_reason_of_a_row_is_told_at_once(office: Office) -> None:
    report = await office.imports([member("H1", 1, 家庭人均月收入="x", 联系电话="y", 身份证号="1")])
    assert {refusal.field for refusal in report.refused} == {"idNumber", "incomePerCapita", "phone"}
    assert (report.accepted, report.refused_rows) == (0, 1)


async def test_sex_and_birth_date_must_agree_with_the_identity_number(office: Office) -> None:
    row = member("H1", 1, 性别="女", 出生日期="1980-05-18")
    report = await office.imports([row], headers=[*HEADERS, "性别", "出生日期"])
    assert refusals(report) == [
        (2, "gender", "IDENTITY_NUMBER_MISMATCH"),
        (2, "birthDate", "IDENTITY_NUMBER_MISMATCH"),
    ]
    agreeing = row | {"性别": "男", "出生日期": "1980/5/17"}
    assert (await office.imports([agreeing], headers=[*HEADERS, "性别", "出生日期"])).refused == []


async def test_sample_numbers_are_refused_by_a_database_that_is_no_sample(office: Office) -> None:
    async with office.database.write() as session:
        connection = await session.connection()
        await connection.exec_driver_sql("update installation set sample = false")
    report = await office.imports([member("H1", 1)])
    assert refusals(report) == [(2, "idNumber", "INVALID_IDENTITY_NUMBER")]


async def test_a_refused_member_leaves_the_rest_of_the_household_to_land(office: Office) -> None:
    rows = family("H1", 0, 4)
    rows[2]["身份证号"] = "110"
    report = await office.imports(rows)
    assert (report.accepted, refusals(report)) == (3, [(4, "idNumber", "INVALID_IDENTITY_NUMBER")])
    assert [warning.code for warning in report.warnings] == ["HOUSEHOLDS_INCOMPLETE"]
    assert await office.rows("select body->>'members' from chain_event") == ["3"]


async def test_a_new_household_whose_heads_row_is_refused_does_not_land_and_its_rows_say_why(
    office: Office,
) -> None:
    rows = family("H1", 0, 3)
    rows[0]["性别"] = "男"
    report = await office.imports(rows, headers=[*HEADERS, "性别"])
    assert refusals(report) == [
        (2, "gender", "IDENTITY_NUMBER_MISMATCH"),
        (3, "relation", "HEAD_REFUSED"),
        (4, "relation", "HEAD_REFUSED"),
    ]
    assert "第 2 行" in report.refused[1].message_zh
    assert (await office.counts())["household"] == 0
    headless = await office.imports(rows[1:])
    assert refusals(headless) == [(2, "relation", "HEAD_MISSING"), (3, "relation", "HEAD_MISSING")]


async def test_a_known_household_whose_heads_row_is_refused_keeps_its_own_columns_and_takes_members(
    office: Office,
) -> None:
    rows = family("H1", 0, 3)
    await office.imports(rows[:2])
    rows[0] |= {"地址": "新址", "性别": "男"}
    report = await office.imports(rows, headers=[*HEADERS, "性别"])
    assert (report.accepted, report.changed, len(report.refused)) == (2, 1, 1)
    assert await office.rows("select address from household") == ["经三路 8 号院 3 号楼"]
    assert await office.rows("select body from chain_event where number = 2") == [{"changed": ["members"]}]


async def test_a_household_has_one_head(office: Office) -> None:
    two = [member("H1", 1), member("H1", 2)]
    assert refusals(await office.imports(two)) == [(3, "relation", "DUPLICATE_HEAD")]
    assert refusals(await office.imports(two[1:])) == [(2, "relation", "DUPLICATE_HEAD")]
    assert refusals(await office.imports([member("H1", 1, "配偶")])) == [(2, "relation", "HEAD_MISSING")]
    changed = await office.imports([member("H1", 2), member("H1", 1, "配偶")])
    assert (changed.refused, changed.changed) == ([], 2)
    assert await office.rows("select count(*) from person where relation = 'HEAD'") == [1]


async def test_the_same_person_twice_in_a_household_is_refused_the_second_time(office: Office) -> None:
    report = await office.imports([member("H1", 1), member("H1", 2, "配偶"), member("H1", 2, "子女")])
    assert refusals(report) == [(4, "idNumber", "DUPLICATE_ROW")]
    assert identity_number(2) not in report.refused[0].value
    assert (await office.counts())["person"] == 2


async def test_what_belongs_to_the_household_must_be_the_same_in_each_row(office: Office) -> None:
    rows = family("H1", 0, 3)
    rows[1]["家庭人均月收入"] = "812.5"
    rows[2]["家庭人均月收入"] = "99"
    report = await office.imports(rows)
    assert refusals(report) == [(4, "incomePerCapita", "HOUSEHOLD_VALUE_MISMATCH")]


async def test_a_person_in_two_households_of_a_file_is_refused_the_second_time(office: Office) -> None:
    report = await office.imports([*family("H1", 0, 2), *family("H2", 10, 2), member("H2", 1, "子女")])
    assert refusals(report) == [(6, "idNumber", "PERSON_IN_ANOTHER_HOUSEHOLD")]
    assert "H1" in report.refused[0].message
    assert (await office.counts())["person"] == 4


async def test_a_refused_row_does_not_claim_its_person(office: Office) -> None:
    report = await office.imports([member("H1", 1, 户主="别人"), member("H2", 1)])
    assert refusals(report) == [(2, "head", "HOUSEHOLD_VALUE_MISMATCH")]
    assert await office.rows("select code from household") == ["H2"]


async def test_the_other_household_of_a_person_is_named_only_to_those_who_may_see_it(office: Office) -> None:
    await office.imports(family("H1", 0, 2))
    mine = [member("H7", 30, 行政区划代码="410105002"), member("H7", 1, "子女")]
    unseen = await office.imports(mine, OTHER_TOWNSHIP_OFFICE)
    assert refusals(unseen) == [(3, "idNumber", "PERSON_IN_ANOTHER_HOUSEHOLD")]
    assert "another household" in unseen.refused[0].message
    assert "H1" not in unseen.refused[0].message + unseen.refused[0].message_zh
    seen = await office.imports(mine, COUNTY_OFFICE)
    assert "household H1" in seen.refused[0].message
    assert (await office.counts())["person"] == 3


async def test_a_household_of_another_jurisdiction_is_refused_and_stays_as_it_was(office: Office) -> None:
    await office.imports(family("H1", 0, 2))
    before = await office.state()
    theirs = [member("H1", 0, 行政区划代码=ELSEWHERE, 地址="夺来的地址"), member("H1", 40, "子女")]
    report = await office.imports(theirs, OTHER_COUNTY_OFFICE)
    assert [refusal.code for refusal in report.refused] == ["FOREIGN_HOUSEHOLD", "FOREIGN_HOUSEHOLD"]
    assert await office.state() == before
    assert (await office.counts())["chain_event"] == 1


async def test_without_the_scope_nothing_of_the_file_is_taken(office: Office) -> None:
    with pytest.raises(ForbiddenWrite):
        await office.imports(family("H1", 0, 2), EDUCATION)
    assert set((await office.counts()).values()) == {0}


async def test_a_township_need_not_say_where_its_households_live_but_a_county_must(office: Office) -> None:
    headers = [header for header in HEADERS if header not in ("行政区划代码", "户籍性质")]
    report = await office.imports([member("H1", 1)], headers=headers)
    assert [(warning.code, "1 个新户" in warning.message_zh) for warning in report.warnings] == [
        ("RESIDENCE_INFERRED", True)
    ]
    assert await office.rows("select region, residence from household") == [("410105001", "URBAN")]
    county = await office.imports([member("H2", 2)], COUNTY_OFFICE, headers=headers)
    assert refusals(county) == [(2, "region", "VALUE_MISSING")]


async def test_sql_in_cells_lands_as_text(office: Office) -> None:
    name, address = "王'); drop table person; --", "\"; delete from household where ''='"
    await office.imports([member("H'1;--", 1, 姓名=name, 地址=address, 户主=name)])
    assert await office.rows("select code, address from household") == [("H'1;--", address)]
    assert await office.rows("select name from person") == ["王');droptableperson;--"]


async def test_a_column_that_is_no_household_code_is_refused(office: Office) -> None:
    rows = [member("郑州市", sequence, "子女" if sequence else "户主") for sequence in range(101)]
    report = await office.imports(rows)
    assert {refusal.code for refusal in report.refused} == {"TOO_MANY_MEMBERS"}
    assert (await office.counts())["person"] == 0


async def test_a_killed_import_leaves_whole_transactions_and_running_it_again_completes_it(
    office: Office,
) -> None:
    rows = list(many_families(12_000))
    steps: list[tuple[int, int]] = []

    def killed(done: int, total: int) -> None:
        steps.append((done, total))
        if len(steps) == 2:
            raise Killed

    with pytest.raises(Killed):
        await office.imports(rows, progress=killed)
    assert [total for _, total in steps] == [12_000, 12_000]
    assert (await office.counts())["person"] == steps[1][0] < 12_000
    assert await office.rows(
        "select count(*) from household h where not exists (select from chain_event e where e.household_id = h.id)"
    ) == [0]
    assert (await office.counts())["import_run"] == 0
    report = await office.imports(rows)
    assert (report.accepted, report.changed) == (12_000, 12_000 - steps[1][0])
    assert (await office.counts())["person"] == 12_000
    assert await office.rows(
        "select count(*) from person p join household h on h.id = p.household_id where h.code = 'JS0000001'"
    ) == [2]


async def test_two_imports_at_once_register_each_person_once(office: Office) -> None:
    here = [*family("H1", 0, 3), *family("H2", 10, 3)]
    there = [member("H8", 50), *(member("H8", sequence, "子女") for sequence in (1, 2, 11))]
    files = {"a.csv": here, "b.csv": there, "c.csv": here}
    reports: dict[str, Any] = {}

    async def run(name: str) -> None:
        other = Office(office.database, office.secrecy, office.folder / name)
        other.folder.mkdir()
        reports[name] = await other.imports(files[name])

    async with anyio.create_task_group() as tasks:
        for name in files:
            tasks.start_soon(run, name)
    assert await office.rows("select count(*) from person group by id_number_index having count(*) > 1") == []
    assert reports["a.csv"].changed + reports["c.csv"].changed == 6 - 3 * (reports["b.csv"].changed == 4)
    assert await office.chains_are_whole()


async def test_a_run_is_recorded_with_its_figures_and_the_files_digest(office: Office) -> None:
    await office.imports([member("H1", 1), member("H2", 2, 户主="别人")])
    assert await office.rows(
        "select kind, agency_id, file_name, length(file_sha256), rows, accepted, changed, refused from import_run"
    ) == [("HOUSEHOLDS", TOWNSHIP_OFFICE.agency, "file.csv", 32, 2, 1, 1, 1)]
