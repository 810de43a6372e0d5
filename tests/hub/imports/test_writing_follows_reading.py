"""A column that the importer may not read is refused in each row, before anything is looked up (46-4.2)."""

import pytest

from auth.departments import scope_of
from auth.scopes import Scope
from hub.foundation.errors import ForbiddenWrite
from hub.model.import_runs import ImportKind
from tests.hub.imports.conftest import AGRICULTURE, Office, grant_of, refusals
from tests.hub.imports.office import HEADERS, family

pytestmark = pytest.mark.anyio

GROUPS: dict[str, dict[str, str]] = {
    "household.address:read": {"地址": "address"},
    "household.finance:read": {"家庭人均月收入": "incomePerCapita", "银行账号": "account"},
    "person.identity:read": {"身份证号": "idNumber"},
    "person.contact:read": {"联系电话": "phone"},
    "person.health:read": {"健康状况": "health"},
    "person.disability:read": {"残疾类别": "disabilityType", "残疾等级": "disabilityGrade"},
    "person.education:read": {"就学阶段": "educationStage", "学校": "school"},
    "person.employment:read": {"就业状况": "employment", "劳动能力": "labour"},
    "certification:read": {"救助类别": "category", "认定日期": "validFrom"},
}
"""The columns of each group. The other columns are open to everyone who may read households and persons."""


async def test_who_may_not_read_numbers_registers_nobody(office: Office) -> None:
    lacking = grant_of("civil_affairs@410105001", without=frozenset({Scope.PERSON_IDENTITY_READ}))
    with pytest.raises(ForbiddenWrite, match=r"person\.identity:read"):
        await office.imports(family("H1", 0, 2), lacking)
    assert (await office.counts())["household"] == 0


@pytest.mark.parametrize("scope", sorted(GROUPS.keys() - {"person.identity:read"}))
async def test_a_column_that_may_not_be_read_is_refused_whatever_stands_and_left_out_is_no_hindrance(
    office: Office, scope: str
) -> None:
    lacking = grant_of("civil_affairs@410105001", without=frozenset({scope_of(scope)}))
    rows = family("H1", 0, 2)
    wanted = {(row, field, "FORBIDDEN_WRITE") for row in (2, 3) for field in GROUPS[scope].values()}
    assert set(refusals(await office.imports(rows, lacking))) == wanted
    assert (await office.counts())["household"] == 0
    await office.imports(rows)
    before = await office.state()
    report = await office.imports([{**row, "地址": "别处", "健康状况": "重病"} for row in rows], lacking)
    assert set(refusals(report)) == wanted
    assert await office.state() == before
    headers = [header for header in HEADERS if header not in GROUPS[scope]]
    assert refusals(await office.imports(rows, lacking, headers=headers)) == []


async def test_the_groups_hold_every_guarded_column() -> None:
    open_to_all = {"户编号", "户主", "姓名", "与户主关系", "行政区划代码", "户籍性质"}
    assert {one for group in GROUPS.values() for one in group} == set(HEADERS) - open_to_all


async def test_agriculture_registers_who_and_where_and_no_more(office: Office) -> None:
    """46-2.2, 46-1.2.2: a monitored household that no township has uploaded yet."""
    rows = family("H1", 0, 2)
    fields = {field for _, field, _ in refusals(await office.imports(rows, AGRICULTURE))}
    assert fields == {
        field
        for scope, group in GROUPS.items()
        if scope not in AGRICULTURE.scopes
        for field in group.values()
    }
    headers = [
        header
        for header in HEADERS
        if not any(header in group for scope, group in GROUPS.items() if scope not in AGRICULTURE.scopes)
    ]
    assert refusals(await office.imports(rows, AGRICULTURE, headers=headers)) == []


async def test_the_monthly_list_wants_what_it_compares(office: Office) -> None:
    await office.imports(family("H1", 0, 2))
    row = {
        "户编号": "H1",
        "户主身份证号": family("H1", 0, 1)[0]["身份证号"],
        "监测对象类别": "脱贫不稳定户",
        "认定日期": "2026-03-01",
    }
    blind = grant_of("agriculture@410105", without=frozenset({Scope.PERSON_IDENTITY_READ}))
    report = await office.imports([row], blind, ImportKind.MONITORED, list(row))
    assert refusals(report) == [(2, "headIdNumber", "FORBIDDEN_WRITE")]
    lacking = grant_of("agriculture@410105", without=frozenset({Scope.CERTIFICATION_READ}))
    with pytest.raises(ForbiddenWrite):
        await office.imports([row], lacking, ImportKind.MONITORED, list(row))
    assert (await office.counts())["certification"] == 0
