"""Who may undo an import: its agency alone, with every scope that one needs to write what the import wrote (46-4.2, 46-4.3)."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pytest

from auth.departments import scope_of
from hub.foundation.errors import ForbiddenWrite, NotFound
from hub.imports.undo import Undone, undo_import
from hub.model.import_runs import ImportKind
from tests.hub.imports.conftest import Office, grant_of
from tests.hub.imports.office import HEADERS, Row, family, identity_number, member
from tests.hub.imports.test_undo import present, run_id

pytestmark = pytest.mark.anyio
STREET, COUNTY, SCHOOLS, FARMS = (
    "civil_affairs@410105001", "civil_affairs@410105", "education@410105", "agriculture@410105",
)  # fmt: skip
BEFORE = family("H1", 0, 2, 联系电话="13900001234", 银行账号="6228480712345678901", 健康状况="健康")
AFTER = [
    {**row, "联系电话": "13900005678", "银行账号": "6228480799999999999", "健康状况": "重病", "劳动能力": "无",
     "残疾类别": "肢体", "残疾等级": "二级", "学校": "经三路小学", "就学阶段": "小学", "地址": "别处" if row["地址"] else "",
     "救助类别": "低保", "认定日期": "2026-03-01"}
    for row in BEFORE
]  # fmt: skip


@dataclass(frozen=True)
class Sent:
    """A file of an agency after the registration of a household, the scopes without which it is not undone, and agencies for
    which there is no such import."""

    agency: str
    kind: ImportKind
    rows: Sequence[Row]
    scopes: tuple[str, ...]
    others: tuple[str, ...]
    headers: Sequence[str] = ()


FILES = {
    "what was changed of a household": Sent(
        STREET, ImportKind.HOUSEHOLDS, AFTER,
        ("household:write", "person.identity:read", "household:read", "household.address:read", "household.finance:read",
         "person.contact:read", "person.health:read", "person.disability:read", "person.education:read", "person.employment:read",
         "certification:write", "certification:read"),
        (COUNTY, "civil_affairs@4101", "civil_affairs@410105002", "civil_affairs@410102", FARMS), HEADERS,
    ),
    "a new household": Sent(
        STREET, ImportKind.HOUSEHOLDS, [member("H2", 9)], ("household:write", "person.identity:read"),
        (COUNTY, "civil_affairs@410105002"), HEADERS,
    ),
    "a number that was corrected": Sent(
        STREET, ImportKind.HOUSEHOLDS,
        [BEFORE[0], BEFORE[1] | {"身份证号": identity_number(78), "原身份证号": BEFORE[1]["身份证号"]}],
        ("household:write", "person.identity:read"), (COUNTY,), (*HEADERS, "原身份证号"),
    ),
    "who moved out": Sent(
        STREET, ImportKind.HOUSEHOLDS,
        [{"户编号": "H1", "姓名": BEFORE[1]["姓名"], "身份证号": BEFORE[1]["身份证号"], "变动": "迁出",
          "变动日期": "2026-10-01"}],
        ("household:write", "person.identity:read"), (COUNTY,), (*HEADERS, "变动", "变动日期"),
    ),
    "a list of monitored households": Sent(
        FARMS, ImportKind.MONITORED, [{"户编号": "H1", "监测对象类别": "脱贫不稳定户", "认定日期": "2026-03-01"}],
        ("certification:write", "certification:read"), ("agriculture@4101", "agriculture@410102", COUNTY),
    ),
    "a list of pupils": Sent(
        SCHOOLS, ImportKind.CIRCUMSTANCES,
        [{"身份证号": identity_number(1), "起始日期": "2026-09-01", "学段": "小学", "学校": "经三路小学"}],
        ("circumstance.education:write", "circumstance.education:read"), ("education@4101", "education@410102", COUNTY),
    ),
    "aid": Sent(
        SCHOOLS, ImportKind.AID,
        [{"外部编号": "Z-1", "身份证号": identity_number(1), "救助类型": "教育救助", "救助项目": "国家助学金",
          "起始日期": "2026-03-01", "截止日期": "2026-07-31", "金额": "500", "状态": "已审核确认", "决定日期": "2026-02-20",
          "救助形式": "助学金", "学年": "2025", "就学阶段": "小学", "学校": "经三路小学"}],
        ("aid.education:write", "aid:read"), ("education@4101", "education@410102", COUNTY),
    ),
    "a line": Sent(
        COUNTY, ImportKind.LINES,
        [{"区县": "金水区", "城乡类别": "城市", "救助类别": "低保", "执行月份": "2026-07", "月标准": "801", "文号": "一号"}],
        (), ("civil_affairs@4101", STREET, "civil_affairs@410102", SCHOOLS),
    ),
}  # fmt: skip
LINES = "select count(*) from poverty_line where superseded_at is null and yuan = 801"
REFUSED = "select code, count(*) from access_record where operation_name = 'undo import' and outcome = 'REFUSED' group by 1"


async def everything(office: Office) -> list[Any]:
    """What stands, and how much there is."""
    aid = await office.rows("select status, superseded_at from aid_record order by id, version")
    numbers = await office.rows("select id, id_number_index, left_on, version from person order by id")
    return [await present(office), await office.counts(), await office.rows(LINES), aid, numbers]


def test_every_kind_of_file_is_tried() -> None:
    assert {sent.kind for sent in FILES.values()} == set(ImportKind)


@pytest.mark.parametrize("sent", FILES.values(), ids=list(FILES))
async def test_an_import_is_undone_by_its_agency_alone_with_every_scope_to_write_what_it_wrote(
    office: Office, sent: Sent
) -> None:
    first = await office.imports(BEFORE)
    assert first.refused == []
    before = await everything(office)
    report = await office.imports(
        sent.rows, grant_of(sent.agency), sent.kind, sent.headers or list(sent.rows[0])
    )
    assert (report.refused, report.changed) == ([], len([row for row in sent.rows if row not in BEFORE]))
    run, stands = await run_id(office), await everything(office)
    assert stands != before

    async def undo(agency: str, *without: str) -> Undone:
        grant = grant_of(agency, without=frozenset(map(scope_of, without)))
        return await undo_import(office.database, office.secrecy, run, grant)

    for other in sent.others:
        with pytest.raises(NotFound):
            await undo(other)
    for scope in sent.scopes:
        with pytest.raises(ForbiddenWrite, match=scope):
            await undo(sent.agency, scope)
        assert await everything(office) == stands, scope
    codes = {"NOT_FOUND": len(sent.others), "FORBIDDEN_WRITE": len(sent.scopes)}
    assert dict(await office.rows(REFUSED)) == {code: times for code, times in codes.items() if times}

    assert not (await undo(sent.agency)).before
    assert (await undo(sent.agency)).before, "again, it is as it was"
    assert (await present(office)) == before[0]
    assert await office.rows(LINES) == [0]
    for other in sent.others:
        with pytest.raises(NotFound):
            await undo(other)
    assert await office.chains_are_whole()
