"""`hub import households`: one row for each member; the rows of one household share 户编号 (46-2.2).

This module makes drafts of households from rows. `hub.households` checks and registers them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from math import isfinite
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from hub.certifications.refusals import DateInFuture
from hub.circumstances.rules import registry_refusal
from hub.foundation.calendar import today
from hub.foundation.errors import HubError, camel
from hub.households.drafts import HouseholdDraft, MemberDraft, WholeDraft
from hub.households.identity import NumberCorrection, correct_numbers
from hub.households.refusals import DuplicateRow, ValueMissing
from hub.households.registration import register
from hub.imports import words
from hub.imports.cells import (
    Cell,
    account,
    coded,
    compact,
    long_text,
    money,
    name,
    phone,
    text,
)
from hub.imports.days import DayRequired, beginning, ending, exact
from hub.imports.endings import EndingRow, end_rows
from hub.imports.files import Table
from hub.imports.headers import Column
from hub.imports.importing import Importing
from hub.imports.records import Record, read_records
from hub.imports.refusals import CellsMerged
from hub.imports.words import Fuller, RowChange, or_nothing
from hub.model.persons import Gender, Relation
from hub.persons.identity_number import IdentityNumber, InvalidIdentityNumber, parse_identity_number
from hub.persons.papers import Paper, paper_of
from hub.policy.facts.circumstances import DEATH
from hub.regions.places import Places

_OF_WHOLE = {field.name: camel(field.name) for field in fields(WholeDraft)}
_OF_MEMBER = {
    field.name: camel(field.name)
    for field in fields(MemberDraft)
    if field.name not in {"id_number", "name", "relation", "of_whole", "row", "faults", "of_month"}
}
"""The column in the file for each field of a draft."""

_OF_ENDING = frozenset({"householdCode", "idNumber", "name", "change", "changedOn"})
"""The columns that are read in a row that ends something."""

_OF_CERTIFICATION = ("category", "support", "validFrom", "validUntil")
DISPENSABLE = frozenset(
    {"residence", "address", "incomePerCapita", "gender", "birthDate", "phone", "account", "health", "disabilityType",
     "disabilityGrade", "educationStage", "school", "employment", "labour", *_OF_CERTIFICATION}
)  # fmt: skip
"""If a value of these columns cannot be read, the person is still registered. If a category or a day cannot be read, nothing
of the household is certified, because the form of coverage depends on every row."""

_DISABILITY_CARD = re.compile(r"([0-9]{17}[0-9X])[1-7][1-4](B[0-9]{1,2})?")
_SERIAL = re.compile(r"0*[0-9]{1,4}")
_AREA_CODE = re.compile(r"^\(([0-9]{3,4})\)")
_BY_MONTH = re.compile(r"(元)?\s*(/|每)\s*(人)?\s*[/·.]?\s*月$")


@dataclass(frozen=True, slots=True)
class RowsOfHousehold:
    """The rows of a household: its members, corrections of their numbers, and what other rows end."""

    draft: HouseholdDraft
    endings: Sequence[EndingRow]
    corrections: Sequence[NumberCorrection] = ()


class SerialCodes(HubError):
    """{count} household codes look like serial numbers, which differ from file to file; use the codes of your register.
    {count} 个户编号像是序号,另一文件中的同一序号会被当作同一户,请填写系统中的户编号。
    """


class IdentityDocumentIncomplete(HubError):
    """The number cannot be used alone: {reason}; if there is no such number, enter birth date and gender to register by this one.
    号码不能单独使用:{reason_zh};尚无此类号码的,请在同一行填写出生日期和性别,以该证件登记。
    """


class HouseholdsIncomplete(HubError):
    """{count} households were registered without some of their rows; correct those rows and import them again.
    {count} 户有成员未录入,请更正所列各行后重新导入。
    """


class CertificationNotMade(HubError):
    """Nothing of this household was certified, because the category or a day in row {row} cannot be read.
    第 {row} 行的类别或日期无法识别,该户暂未认定,更正后重新导入即可。
    """


def identity_reader(sample: bool) -> Any:
    """The reader of identity numbers, and of document numbers of people without an identity number. It also reads Excel
    numbers, so that they are refused with the right reason, and numbers of disability cards. These begin with the identity
    number (`42` after it: class 4, grade 2)."""

    def read(cell: Cell) -> IdentityNumber | Paper | None:
        if isinstance(cell, int | float) and not isinstance(cell, bool) and isfinite(cell):
            cell = f"{cell:.10E}" if abs(cell) >= 10**15 else str(int(cell))
        number = compact(cell)
        if number is None:
            return None
        card = _DISABILITY_CARD.fullmatch(number.upper()) if len(number) >= 20 else None
        try:
            return parse_identity_number(card[1] if card else number, sample=sample)
        except InvalidIdentityNumber as refusal:
            paper = paper_of(number)
            if paper is None:
                raise
            return Paper(paper, refusal)

    return read


def disability_card(sample: bool) -> Any:
    """The reader of the number of a disability card (GB/T 26341, 20 digits), which contains its owner's identity number."""
    identity = identity_reader(sample)

    def read(cell: Cell) -> Fuller[str] | None:
        number = identity(cell)
        return None if number is None else Fuller(number.number, {"idNumber": number})

    return read


def _phone(cell: Cell) -> str | None:
    """One telephone number; its area code may be in brackets: `(0371)66668888`."""
    written = compact(cell)
    if written is not None and written.startswith("("):
        written = _AREA_CODE.sub(r"\1-", written)
    return None if written is None else phone(written)


def _account(cell: Cell) -> str | None:
    """An account number; its digits may be in groups: `6217-0000-0000-0000-001`."""
    written = compact(cell)
    return None if written is None else account(written.replace("-", ""))


def _income(cell: Cell) -> Decimal | None:
    """An amount in yuan a month, with or without `元/月` after it."""
    return money(_BY_MONTH.sub("", cell) if type(cell) is str and cell.endswith("月") else cell)


def columns(places: Places, sample: bool) -> tuple[Column, ...]:
    """The columns of a file of households."""
    return (
        Column("householdCode", "户编号 户号 户编码 家庭编号 家庭编码", compact, required=True),
        Column("head", "户主 户主姓名", name),
        Column("name", "姓名 成员姓名 家庭成员姓名 家庭成员", name, required=True),
        Column(
            "idNumber",
            "身份证号 身份证号码 公民身份号码 身份证 证件号码 身份证件号 身份证件号码",
            identity_reader(sample),
            required=True,
        ),
        Column(
            "formerNumber",
            "原身份证号 原身份证号码 更正前身份证号 原公民身份号码 原证件号码",
            or_nothing(identity_reader(sample)),
        ),
        Column("relation", "与户主关系 与户主的关系 家庭关系 关系", words.RELATION, required=True),
        Column(
            "region",
            "行政区划代码 所属区划 行政区划 区划代码 所属乡镇 所属街道 所属乡镇街道 所属村 所属社区",
            coded(places.dwelling),
        ),
        Column("residence", "城乡类别 户籍性质 城乡 城乡类型 户口性质 户籍类型 城乡属性", words.RESIDENCE),
        Column("address", "地址 家庭住址 家庭地址 住址 现住址 居住地址 详细地址", or_nothing(long_text)),
        Column("incomePerCapita", "家庭人均月收入 人均月收入 月人均收入 家庭月人均收入", or_nothing(_income)),
        Column("category", "救助类别 救助类型 保障类别 人员类别 对象类别", words.CATEGORY_WITH_SUPPORT),
        Column("support", "供养方式 特困供养方式", words.SUPPORT),
        Column("certifiedAmount", "核定金额 核定月金额 月保障金额 月救助金额 保障金额", or_nothing(money)),
        Column("validFrom", "认定日期 认定时间 保障起始日期", beginning),
        Column("validUntil", "有效期至 有效期 到期日期 保障截止日期", ending),
        Column("change", "变动 变动情况 变动类型 变动类别 变动状态 人员变动 人员变动情况", words.ROW_CHANGE),
        Column("changedOn", "变动日期 变动时间", beginning),
        Column("gender", "性别", words.GENDER),
        Column("birthDate", "出生日期 出生年月日", exact),
        Column("phone", "联系电话 电话 电话号码 手机 手机号 手机号码", or_nothing(_phone)),
        Column(
            "account", "银行账号 一卡通账号 一卡通 一卡通卡号 银行卡号 银行账户 账号", or_nothing(_account)
        ),
        Column("health", "健康状况 身体状况", words.HEALTH),
        Column("disabilityType", "残疾类别 残疾类型", words.DISABILITY_TYPE),
        Column("disabilityGrade", "残疾等级 残疾级别", words.DISABILITY_GRADE),
        Column(
            "educationStage", "就学阶段 学段 教育阶段 就读阶段 就读学段 在校生状况", words.EDUCATION_STAGE
        ),
        Column("school", "学校 就读学校 学校名称", or_nothing(text)),
        Column("employment", "就业状况 就业情况", words.EMPLOYMENT),
        Column("labour", "劳动能力 劳动能力情况", words.LABOUR),
    )


def read_households(
    importing: Importing, table: Table, columns: Sequence[Column]
) -> Iterator[RowsOfHousehold]:
    """The households of a file, each after its last row has been read. Its rows need not be adjacent.

    Memory holds the codes of all households and the rows of unfinished households.
    """
    last_rows, without_code = _last_rows(table)
    if serial := sum(_SERIAL.fullmatch(code) is not None for code in last_rows):
        importing.tally.notice(SerialCodes(count=serial))
    begun: dict[str, list[Record]] = {}
    for record in read_records(table, columns, DISPENSABLE):
        importing.tally.rows += 1
        if type(record.values.get("idNumber")) is Paper:
            _read_paper(record)
        code = record.values.get("householdCode")
        if code in without_code:
            record.faults.append(("householdCode", CellsMerged(row=without_code[code]), code))
        if code is None:
            importing.refuse(record)
            continue
        begun.setdefault(code, []).append(record)
        if last_rows[code] == record.row:
            yield _draft(importing, code, begun.pop(code))


def _read_paper(record: Record) -> None:
    """Use a document number for a person whose birth date and gender are in the row; otherwise refuse it."""
    values = record.values
    paper, born, gender = values.pop("idNumber"), values.get("birthDate"), values.get("gender")
    if values.get("change") is not None or (born is not None and gender is not None and born <= today()):
        values["idNumber"] = IdentityNumber(paper.number, born or today(), gender or Gender.MALE)
    else:
        record.faults.append(("idNumber", IdentityDocumentIncomplete(**paper.refusal.details), paper.number))


def _last_rows(table: Table) -> tuple[dict[str, int], dict[str, int]]:
    """The last row of each code, and the first row without a code below the rows of a code. A row without a code is a member
    whose code was in a merged cell, unless it is another household's head."""
    place, relation = (table.header.places[key] for key in ("householdCode", "relation"))
    last: dict[str, int] = {}
    without: dict[str, int] = {}
    above: str | None = None
    for row, cells in table.rows():
        try:
            code = compact(cells[place]) if place < len(cells) else None
        except HubError:
            above = None
            continue
        if code is not None:
            last[code] = row
            above = code
        elif above is not None and not (relation < len(cells) and _is_head(cells[relation])):
            without.setdefault(above, row)
        else:
            above = None
    return last, without


def _is_head(cell: Cell) -> bool:
    """Whether a relation is that of the head. An unknown word is not."""
    try:
        return words.RELATION(cell) is Relation.HEAD
    except HubError:
        return False


def _draft(importing: Importing, code: str, records: Sequence[Record]) -> RowsOfHousehold:
    endings: list[EndingRow] = []
    stay: list[Record] = []
    for record in records:
        if record.values.get("change") is None and not (record.faults and _is_faulty(record, "change")):
            stay.append(record)
        elif (ending := _ending(importing, code, record, records)) is not None:
            endings.append(ending)
    _withhold_certifications(stay)
    for record in stay:
        record.add_notices(importing.tally)
    leaving = {
        ending.number.number: ending.name for ending in endings if ending.change is not RowChange.STOPPED
    }
    members = [_member(record) for record in stay]
    draft = HouseholdDraft(code, members, in_form=True, leaving=leaving)
    return RowsOfHousehold(draft, endings, list(_corrections(code, stay)))


def _corrections(code: str, records: Sequence[Record]) -> Iterator[NumberCorrection]:
    """The identity numbers that the rows of a household correct."""
    for record in records:
        values = record.values
        former, number = values.get("formerNumber"), values.get("idNumber")
        if former is not None and number is not None and former.number != number.number and not record.faults:
            yield NumberCorrection(record.row, code, former.number, number, values["name"])


def _is_faulty(record: Record, key: str) -> bool:
    return any(name == key for name, _, _ in record.faults)


def _ending(importing: Importing, code: str, record: Record, records: Sequence[Record]) -> EndingRow | None:
    """The row as a row that ends something, or None if it is refused. Its other columns are not read."""
    values, change = record.values, record.values.get("change")
    record.faults = [fault for fault in record.faults if fault[0] in _OF_ENDING]
    record.cell_faults.clear()
    number, on = values.get("idNumber"), values.get("changedOn")
    same = [other.row for other in records if other is not record and other.values.get("idNumber") == number]
    if on is None and not _is_faulty(record, "changedOn"):
        record.faults.append(("changedOn", ValueMissing(), None))
    elif on is not None and on > today():
        record.faults.append(("changedOn", DateInFuture(), str(on)))
    if change is RowChange.DEATH:
        if "changedOn" in record.months:
            record.faults.append(("changedOn", DayRequired(), None))
        if error := registry_refusal(importing.grant, DEATH):
            record.faults.append(("change", error, None))
    if number is not None and same and min(same) < record.row:
        record.faults.append(("idNumber", DuplicateRow(row=min(same)), number.number))
    if record.faults or change is None:
        importing.refuse(record)
        return None
    record.add_notices(importing.tally)
    return EndingRow(record.row, code, values["idNumber"], values["name"], change, values["changedOn"],
                     values.get("category"))  # fmt: skip


def _withhold_certifications(records: Sequence[Record]) -> None:
    """If a row's category or days cannot be read, no row of the household requests a certification."""
    unread = next(
        (record.row for record in records for key, _, _ in record.cell_faults if key in _OF_CERTIFICATION),
        None,
    )
    if unread is None:
        return
    for record in records:
        requested = record.values.get("category") is not None
        for key in _OF_CERTIFICATION:
            record.values.pop(key, None)
        if requested and record.row != unread:
            record.cell_faults.append(("category", CertificationNotMade(row=unread), None))


def _member(record: Record) -> MemberDraft:
    """The draft of a member from a row. Values of the household may be in any row."""
    values = record.values
    member_values: dict[str, Any] = {name: values[key] for name, key in _OF_MEMBER.items() if key in values}
    return MemberDraft(
        id_number=values.get("idNumber"),
        name=values.get("name"),
        relation=values.get("relation"),
        of_whole=WholeDraft(**{name: values[key] for name, key in _OF_WHOLE.items() if key in values}),
        row=record.row,
        faults=record.faults,
        of_month="validFrom" in record.months,
        **member_values,
    )


async def register_households(
    session: AsyncSession, importing: Importing, households: Sequence[RowsOfHousehold]
) -> None:
    """Register the households in the session's transaction, then end what their other rows state. Refusals are added to the
    report."""
    context, rules, tally = importing.context(session), importing.registration_rules, importing.tally
    corrections = [correction for household in households for correction in household.corrections]
    corrected = await correct_numbers(context, rules.places, corrections)
    for row, (key, error) in corrected.refused.items():
        tally.refuse(row, key, error)
    tally.change_fields(corrected.changes)
    drafts = [
        replace(rows.draft, members=members)
        for rows in households
        if (members := [member for member in rows.draft.members if member.row not in corrected.refused])
    ]
    answer = await register(context, rules, drafts)
    answer.changed |= corrected.changed
    for refusal in answer.refused:
        importing.tally.refuse(refusal.row, refusal.field, refusal.error, refusal.value)
    importing.tally.notice_rows(answer.notices)
    importing.tally.changed += len(answer.changed)
    importing.tally.change_fields(answer.changes)
    importing.tally.begin_rows(sorted(answer.changed))
    importing.tally.residences_inferred += answer.residences_inferred
    importing.tally.count(HouseholdsIncomplete, answer.incomplete)
    await end_rows(session, importing, [ending for rows in households for ending in rows.endings])
