"""`hub import households`: one row for each member; the rows of one household share 户编号 (46-2.2).

This module turns rows into drafts of households. `hub.households` checks and registers them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from hub.foundation.errors import HubError, camel
from hub.households.drafts import HouseholdDraft, MemberDraft, WholeDraft
from hub.households.registration import register
from hub.imports import words
from hub.imports.cells import (
    Cell,
    account,
    coded,
    compact,
    day,
    day_or_open,
    long_text,
    money,
    name,
    phone,
    text,
    whole_number,
)
from hub.imports.files import Table
from hub.imports.headers import Column
from hub.imports.importing import Importing
from hub.imports.records import Record, read_records
from hub.persons.identity_number import IdentityNumber, parse_identity_number
from hub.regions.places import Places

_OF_WHOLE = {field.name: camel(field.name) for field in fields(WholeDraft)}
_OF_MEMBER = {
    field.name: camel(field.name)
    for field in fields(MemberDraft)
    if field.name not in {"id_number", "name", "relation", "of_whole", "row", "faults"}
}
"""The column of a file for each field of a draft."""

_GRADES = {"一级": 1, "二级": 2, "三级": 3, "四级": 4, "一": 1, "二": 2, "三": 3, "四": 4}


def identity_reader(sample: bool) -> Any:
    """The reader of identity numbers. It also takes Excel numbers, so that they are refused with the right reason."""

    def read(cell: Cell) -> IdentityNumber | None:
        if isinstance(cell, int | float) and not isinstance(cell, bool):
            cell = f"{cell:.10E}" if abs(cell) >= 10**15 else str(int(cell))
        number = compact(cell)
        return None if number is None else parse_identity_number(number, sample=sample)

    return read


def grade(cell: Cell) -> int | None:
    """残疾等级, 1 (the most severe) to 4: `一级`, `1级` or `1`."""
    written = compact(cell)
    if written is None or written in words.NOTHING:
        return None
    return _GRADES.get(written) or whole_number(written.removesuffix("级"), 1, 4)


def columns(places: Places, sample: bool) -> tuple[Column, ...]:
    """The columns of a file of households."""
    return (
        Column("householdCode", "户编号 户号 户编码 家庭编号 家庭编码", compact, required=True),
        Column("head", "户主 户主姓名", name),
        Column("name", "姓名 成员姓名 家庭成员姓名 家庭成员", name, required=True),
        Column(
            "idNumber",
            "身份证号 身份证号码 公民身份号码 身份证 证件号码",
            identity_reader(sample),
            required=True,
        ),
        Column("relation", "与户主关系 与户主的关系 家庭关系 关系", words.RELATION, required=True),
        Column(
            "region",
            "行政区划代码 所属区划 行政区划 区划代码 所属乡镇 所属街道 所属乡镇街道 所属村 所属社区",
            coded(places.dwelling),
        ),
        Column("residence", "城乡类别 户籍性质 城乡 城乡类型 户口性质 户籍类型", words.RESIDENCE),
        Column("address", "地址 家庭住址 家庭地址 住址 现住址 居住地址", long_text),
        Column("incomePerCapita", "家庭人均月收入 人均月收入 月人均收入 家庭月人均收入", money),
        Column("category", "救助类别 救助类型 保障类别 人员类别 对象类别", words.CATEGORY),
        Column("support", "供养方式 特困供养方式", words.SUPPORT),
        Column("certifiedAmount", "核定金额 核定月金额 月保障金额 月救助金额 保障金额", money),
        Column("validFrom", "认定日期 认定时间 保障起始日期", day),
        Column("validUntil", "有效期至 有效期 到期日期 保障截止日期", day_or_open),
        Column("gender", "性别", words.GENDER),
        Column("birthDate", "出生日期 出生年月日", day),
        Column("phone", "联系电话 电话 电话号码 手机 手机号 手机号码", phone),
        Column("account", "银行账号 一卡通账号 一卡通 一卡通卡号 银行卡号 银行账户 账号", account),
        Column("health", "健康状况 身体状况", words.HEALTH),
        Column("disabilityType", "残疾类别 残疾类型", words.DISABILITY_TYPE),
        Column("disabilityGrade", "残疾等级 残疾级别", grade),
        Column("educationStage", "就学阶段 学段 教育阶段 就读阶段", words.EDUCATION_STAGE),
        Column("school", "学校 就读学校 学校名称", text),
        Column("employment", "就业状况 就业情况", words.EMPLOYMENT),
        Column("labour", "劳动能力 劳动能力情况", words.LABOUR),
    )


def read_households(
    importing: Importing, table: Table, columns: Sequence[Column]
) -> Iterator[HouseholdDraft]:
    """The households of a file, each when its last row has been read; its rows need not be adjacent.

    Memory holds the codes of all households and the rows of unfinished ones.
    """
    last_rows = _last_rows(table)
    begun: dict[str, list[Record]] = {}
    for record in read_records(table, columns):
        importing.tally.rows += 1
        code = record.values.get("householdCode")
        if code is None:
            record.refuse(importing.tally)
            continue
        begun.setdefault(code, []).append(record)
        if last_rows[code] == record.row:
            yield _draft(code, begun.pop(code))


def _last_rows(table: Table) -> dict[str, int]:
    place = table.header.places["householdCode"]
    last: dict[str, int] = {}
    for row, cells in table.rows():
        try:
            code = compact(cells[place]) if place < len(cells) else None
        except HubError:
            continue
        if code is not None:
            last[code] = row
    return last


def _draft(code: str, records: Sequence[Record]) -> HouseholdDraft:
    return HouseholdDraft(code, [_member(record) for record in records], in_form=True)


def _member(record: Record) -> MemberDraft:
    """The draft of a row; values of the household may be in any row."""
    values = record.values
    member_values: dict[str, Any] = {name: values[key] for name, key in _OF_MEMBER.items() if key in values}
    return MemberDraft(
        id_number=values.get("idNumber"),
        name=values.get("name"),
        relation=values.get("relation"),
        of_whole=WholeDraft(**{name: values[key] for name, key in _OF_WHOLE.items() if key in values}),
        row=record.row,
        faults=record.faults,
        **member_values,
    )


async def register_households(
    session: AsyncSession, importing: Importing, drafts: Sequence[HouseholdDraft]
) -> None:
    """Register the households in the session's transaction; refusals are added to the report."""
    answer = await register(importing.context(session), importing.registration_rules, drafts)
    for refusal in answer.refused:
        importing.tally.refuse(refusal.row, refusal.field, refusal.error, refusal.value)
    importing.tally.notice_rows(answer.notices)
    importing.tally.changed += len(answer.changed)
    importing.tally.residences_inferred += answer.residences_inferred
