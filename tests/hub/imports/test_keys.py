"""A key in a file is never trusted alone: a code is checked against the head, a number against the name (46-2.2)."""

from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.households.answer import HouseholdsAnswer
from hub.households.checking import CheckedHousehold, CheckedMember
from hub.households.names import refuse_moved
from hub.households.registered import Registered
from hub.imports.report import ImportReport
from hub.model.import_runs import ImportKind
from hub.persons.names import same_name
from tests.hub.imports import test_aid
from tests.hub.imports.conftest import AGRICULTURE, EDUCATION, Office, grant_of, refusals
from tests.hub.imports.office import HEADERS, identity_number, member

pytestmark = pytest.mark.anyio

STRUCK = grant_of("emergency_management@410105")
PUPILS = ("姓名", "身份证号", "起始日期", "学段", "学校")
LOSSES = ("户编号", "户主", "姓名", "起始日期", "金额")
MONITORED = ("户编号", "户主姓名", "户主身份证号", "与户主关系", "监测对象类别", "认定日期")


def named(code: str, sequence: int, head: str, relation: str = "户主", **values: Any) -> dict[str, Any]:
    """A row with the name of the household's head in 户主."""
    return member(code, sequence, relation, 户主=head, **values)


def name_of(sequence: int) -> str:
    """The name in a row of `member`."""
    return str(member("", sequence)["姓名"])


async def names(office: Office) -> list[str]:
    """The registered names."""
    return await office.rows("select name from person order by name")


async def test_the_same_serial_number_of_another_file_brings_nobody_into_a_strangers_household(
    office: Office,
) -> None:
    first = [named("1", 0, name_of(0)), named("1", 1, name_of(0), "配偶")]
    report = await office.imports(first)
    assert [warning.code for warning in report.warnings] == ["SERIAL_CODES"]
    second = [named("1", 10, name_of(10)), *(named("1", one, name_of(10), "子女") for one in (11, 12))]
    report = await office.imports(second)
    assert refusals(report) == [
        (2, "relation", "DUPLICATE_HEAD"),
        (3, "head", "HEAD_NAME_MISMATCH"),
        (4, "head", "HEAD_NAME_MISMATCH"),
    ]
    assert (await office.counts())["person"] == 2


async def test_a_member_alone_whose_head_is_another_does_not_come_into_the_household(office: Office) -> None:
    await office.imports([member("JS1", 0)])
    report = await office.imports([named("JS1", 5, "喻丙", "孙子女")])
    assert refusals(report) == [(2, "head", "HEAD_NAME_MISMATCH")]
    assert (await office.imports([named("JS1", 5, name_of(0), "孙子女")])).refused == []


async def test_a_refused_head_refuses_all_rows_of_the_code_that_do_not_name_the_registered_head(
    office: Office,
) -> None:
    await office.imports([member("JS1", 0)])
    strangers = [member("JS1", 10), member("JS1", 11, "配偶")]
    assert refusals(await office.imports(strangers)) == [
        (2, "relation", "DUPLICATE_HEAD"),
        (3, "relation", "HEAD_REFUSED"),
    ]
    unreadable = [
        member("JS1", 20, 身份证号="110"),
        member("JS1", 21, "配偶"),
        named("JS1", 22, name_of(0), "子女"),
    ]
    assert refusals(await office.imports(unreadable)) == [
        (2, "idNumber", "INVALID_IDENTITY_NUMBER"),
        (3, "relation", "HEAD_REFUSED"),
    ]


async def test_a_head_whose_row_is_refused_for_another_reason_still_vouches_for_the_others(
    office: Office,
) -> None:
    await office.imports([member("JS1", 0)])
    rows = [member("JS1", 0, 性别="男"), member("JS1", 1, "配偶")]
    report = await office.imports(rows, headers=[*HEADERS, "性别"])
    assert refusals(report) == [(2, "gender", "IDENTITY_NUMBER_MISMATCH")]
    assert (await office.counts())["person"] == 2


async def test_a_head_is_the_same_however_the_name_is_spelt(office: Office) -> None:
    await office.imports([member("JS1", 0, 姓名="阿依古丽·买买提")])
    assert (await office.imports([named("JS1", 1, "阿依古丽.买买提", "子女")])).refused == []


async def test_names_that_move_between_the_numbers_of_a_file_are_refused(office: Office) -> None:
    people = [member(f"C{one}", one, 姓名=name) for one, name in enumerate(("陆甲", "陆乙", "陆丙"))]
    await office.imports(people)
    moved = [row | {"姓名": name} for row, name in zip(people, ("陆乙", "陆丙", "陆甲"), strict=True)]
    assert [code for _, _, code in refusals(await office.imports(moved))] == ["NAMES_SHIFTED"] * 3
    assert await names(office) == sorted(("陆甲", "陆乙", "陆丙"))


async def test_one_name_that_changes_is_changed_and_told(office: Office) -> None:
    await office.imports([member("C1", 1, 姓名="陆甲"), member("C2", 2, 姓名="陆乙")])
    report = await office.imports([member("C1", 1, 姓名="陆佳"), member("C2", 2, 姓名="陆乙")])
    assert (report.refused, report.changed) == ([], 1)
    assert [(warning.code, warning.row) for warning in report.warnings] == [("NAME_CHANGED", 2)]
    assert await names(office) == sorted(("陆佳", "陆乙"))


async def test_so_many_new_names_at_once_are_a_column_that_slipped(office: Office) -> None:
    await office.imports([member(f"C{one}", one) for one in range(40)])
    report = await office.imports([member(f"C{one}", one, 姓名=f"某{one}") for one in range(40)])
    assert {code for _, _, code in refusals(report)} == {"NAMES_SHIFTED"}


async def facts(office: Office, *rows: dict[str, Any]) -> ImportReport:
    """Imports a list of hardship students."""
    return await office.imports(rows, EDUCATION, ImportKind.CIRCUMSTANCES, PUPILS)


async def test_a_fact_lands_on_nobody_whose_name_is_another(office: Office) -> None:
    await office.imports([member("JS1", 0), member("JS1", 1, "配偶"), member("JS1", 2, "子女")])
    fact = {"起始日期": "2026-09-01", "学段": "小学", "学校": "经三路小学"}
    shifted = [{"姓名": name_of(one), "身份证号": identity_number((one + 1) % 3), **fact} for one in range(3)]
    assert refusals(await facts(office, *shifted)) == [(row, "name", "NAME_MISMATCH") for row in (2, 3, 4)]
    right = {"姓名": name_of(2), "身份证号": identity_number(2), **fact}
    assert (await facts(office, right, right | {"姓名": "", "学校": "另一小学"})).refused == []
    assert await office.rows("select count(*) from circumstance") == [1]


async def test_money_lands_on_nobody_whose_name_is_another(office: Office) -> None:
    await office.imports([member("JS1", 0), member("JS1", 1, "配偶"), member("JS1", 2, "子女")])
    headers = [*test_aid.HEADERS, "姓名"]
    row = test_aid.grant_money("E-1") | {"姓名": "傅甲"}
    report = await office.imports([row], EDUCATION, ImportKind.AID, headers)
    assert refusals(report) == [(2, "name", "NAME_MISMATCH")]
    number = row["身份证号"]
    own = next(name_of(one) for one in range(3) if identity_number(one) == number)
    report = await office.imports([row | {"姓名": own}], EDUCATION, ImportKind.AID, headers)
    assert (report.refused, (await office.counts())["aid_record"]) == ([], 1)


async def test_a_household_that_is_named_by_its_code_must_be_that_of_its_head_and_of_its_members(
    office: Office,
) -> None:
    await office.imports([member("JS1", 0), member("JS1", 1, "配偶")])
    loss = {"户编号": "JS1", "起始日期": "2026-07-20", "金额": "5000"}
    rows = [loss | {"户主": "别人"}, loss | {"姓名": "别人"}, loss | {"户主": name_of(0), "姓名": name_of(1)}]
    report = await office.imports(rows, STRUCK, ImportKind.CIRCUMSTANCES, LOSSES)
    assert refusals(report) == [(2, "head", "HEAD_NAME_MISMATCH"), (3, "name", "NAME_MISMATCH")]


async def monitored(office: Office, *rows: dict[str, Any]) -> Sequence[tuple[int, str, str]]:
    """The refusals of a monthly list in which each row is a monitored household."""
    listed = [{"监测对象类别": "脱贫不稳定户", "认定日期": "2024-05-01", **row} for row in rows]
    return refusals(await office.imports(listed, AGRICULTURE, ImportKind.MONITORED, MONITORED))


async def test_a_monitored_household_is_that_of_the_head_that_the_row_names(office: Office) -> None:
    await office.imports([member("JS1", 0), member("JS1", 1, "配偶"), member("JS2", 10)])
    number = {one: identity_number(one) for one in (0, 1, 10)}
    assert await monitored(
        office,
        {"户编号": "JS1", "户主姓名": "别人"},
        {"户主身份证号": number[0], "户主姓名": "别人"},
        {"户编号": "JS1", "户主身份证号": number[10], "户主姓名": name_of(10)},
        {"户编号": "JS1", "户主身份证号": number[1], "户主姓名": name_of(1)},
        {"户编号": "JS2", "户主身份证号": number[1], "户主姓名": name_of(1), "与户主关系": "配偶"},
        {"户编号": "JS1", "户主身份证号": number[1], "户主姓名": "别人", "与户主关系": "配偶"},
    ) == [
        (2, "head", "HEAD_NAME_MISMATCH"),
        (3, "head", "NAME_MISMATCH"),
        (4, "householdCode", "HEAD_MISMATCH"),
        (5, "householdCode", "HEAD_MISMATCH"),
        (6, "householdCode", "MEMBER_MISMATCH"),
        (7, "head", "NAME_MISMATCH"),
    ]
    assert (await office.counts())["certification"] == 0


async def test_a_household_with_a_code_of_another_register_is_found_by_number_and_name_together(
    office: Office,
) -> None:
    await office.imports([member("JS1", 0), member("JS2", 10)])
    row = {"监测对象类别": "脱贫不稳定户", "认定日期": "2024-05-01", "户主身份证号": identity_number(0)}
    rows = [row | {"户编号": "4101050010001"}, row | {"户编号": "4101050010001", "户主姓名": name_of(0)}]
    report = await office.imports(rows, AGRICULTURE, ImportKind.MONITORED, MONITORED)
    assert refusals(report) == [(2, "householdCode", "UNKNOWN_HOUSEHOLD")]
    assert "CODES_OF_ANOTHER_REGISTER" in [warning.code for warning in report.warnings]
    assert await office.rows(
        "select h.code from certification c join household h on h.id = c.household_id"
    ) == ["JS1"]


async def test_a_list_with_a_row_for_each_member_monitors_the_household_once(office: Office) -> None:
    await office.imports([member("JS1", 0), member("JS1", 1, "配偶")])
    assert await monitored(
        office,
        *({"户编号": "JS1", "户主身份证号": identity_number(one), "户主姓名": name_of(one), "与户主关系": relation}
          for one, relation in ((0, "户主"), (1, "配偶"))),
    ) == []  # fmt: skip
    assert (await office.counts())["certification"] == 1


NAMES = st.lists(st.sampled_from("甲乙丙丁戊己"), min_size=1, max_size=6)


@settings(max_examples=300, deadline=None, database=None, derandomize=True)
@given(before=NAMES, after=NAMES)
def test_no_name_ever_moves_to_another_number_of_the_file_and_no_lone_change_is_refused(
    before: list[str], after: list[str]
) -> None:
    size = min(len(before), len(after))
    indexes = {row: bytes([row]) for row in range(size)}
    household = CheckedHousehold(
        "H", members=[CheckedMember(row, {"name": after[row], "relation": None}) for row in range(size)]
    )
    registered = Registered({"H": {"id": 0, "version": 1}})
    registered.members[0] = {indexes[row]: {"name": before[row]} for row in range(size)}  # type: ignore[index]
    renamed = refuse_moved([household], (), registered, indexes, HouseholdsAnswer())
    differing = {row for row in range(size) if before[row] != after[row]}
    assert renamed <= differing
    left = {member.row for member in household.members}
    assert set(range(size)) - differing <= left, "who keeps a name is not refused"
    assert all(after[row] not in {before[other] for other in differing} for row in renamed)
    assert len(differing) != 1 or left == set(range(size))


@given(st.text("买提·• .．阿A", min_size=1))
def test_a_name_is_the_same_with_other_spaces_dots_and_width(name: str) -> None:
    assert same_name(name, f" {name.replace('·', '•').replace('A', 'ａ')} ")
