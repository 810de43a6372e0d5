"""`hub import households`: one row for each member, the rows of one household share 户编号 (46-2.2).

Here a file becomes households: rows are read and checked against each other. `registration.py` then checks
them against the database and writes them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from auth.grant import Grant
from hub.certifications.rules import authority_refusal, faults, not_your_category
from hub.foundation.errors import HubError
from hub.imports import words
from hub.imports.cells import (
    Cell,
    account,
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
from hub.imports.places import Places
from hub.imports.records import Record, read_records
from hub.imports.refusals import (
    DuplicateHead,
    DuplicateRow,
    HouseholdValueMismatch,
    IdentityNumberMismatch,
    TooManyMembers,
    ValueMissing,
)
from hub.imports.report import Tally
from hub.model.certifications import Category
from hub.model.persons import Relation
from hub.persons.identity_number import IdentityNumber, parse_identity_number

OF_HOUSEHOLD = {
    "region": "region", "residence": "residence", "address": "address", "incomePerCapita": "income_per_capita",
}  # fmt: skip
"""What a file says of a household, and the column of `HouseholdRow` that keeps it."""

OF_PERSON = {
    "name": "name", "relation": "relation", "phone": "phone_sealed", "account": "account_sealed",
    "health": "health", "disabilityType": "disability_type", "disabilityGrade": "disability_grade",
    "educationStage": "education_stage", "school": "school", "employment": "employment", "labour": "labour",
}  # fmt: skip
"""What a file says of a person, and the column of `PersonRow` that keeps it."""

MOST_MEMBERS = 100
"""More rows than this under one code are a mistake in the column, not a household."""

_GRADES = {"一级": 1, "二级": 2, "三级": 3, "四级": 4, "一": 1, "二": 2, "三": 3, "四": 4}


def identity_reader(sample: bool) -> Any:
    """How a cell with an identity number is read: Excel's numbers too, so that they are refused for what they are."""

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
    """What a file of households can say."""
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
            places.read,
        ),
        Column("residence", "户籍性质 城乡 城乡类别 城乡类型 户口性质 户籍类型", words.RESIDENCE),
        Column("address", "地址 家庭住址 家庭地址 住址 现住址 居住地址", long_text),
        Column("incomePerCapita", "家庭人均月收入 人均月收入 月人均收入 家庭月人均收入", money),
        Column("category", "救助类别 救助类型 保障类别 人员类别 对象类别", words.CATEGORY),
        Column("support", "供养方式 特困供养方式", words.SUPPORT),
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


@dataclass(slots=True)
class Household:
    """The rows of one household: `members` can be written, `refused` cannot. `expected_version`: it is written only where
    the household still has that version. `said`: the keyed digest of all that is said of it, by which the same is known
    again; a file has none."""

    code: str
    expected_version: int | None = None
    said: str | None = None
    members: list[Record] = field(default_factory=list)
    refused: list[Record] = field(default_factory=list)

    @property
    def head(self) -> Record | None:
        """The row of the head, if it can be written."""
        return next((one for one in self.members if one.values["relation"] is Relation.HEAD), None)

    def place(self, record: Record) -> int:
        """The place, from 0, of one of the rows among those that were given."""
        return record.row - min(one.row for one in (*self.members, *self.refused))

    @property
    def refused_head(self) -> Record | None:
        """The row of the head that was refused."""
        return next((one for one in self.refused if one.values.get("relation") is Relation.HEAD), None)

    def refuse(self, tally: Tally, record: Record, key: str, error: HubError) -> None:
        """Refuse one more of the rows."""
        self.members.remove(record)
        self.refused.append(record)
        tally.refuse(record.row, key, error)


def read_households(importing: Importing, table: Table, columns: Sequence[Column]) -> Iterator[Household]:
    """The households of a file, each when its last row was read; rows need not stand together.

    Memory holds the codes of the households, and the rows of those that have begun and not ended.
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
            yield check_household(code, begun.pop(code), importing)


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


def check_household(
    code: str,
    records: list[Record],
    importing: Importing,
    expected_version: int | None = None,
    said: str | None = None,
) -> Household:
    """The household of some rows, checked against each other; what is wrong is in the report."""
    household = Household(code, expected_version, said)
    if len(records) > MOST_MEMBERS:
        for record in records:
            record.wrong.append(("householdCode", TooManyMembers(most=MOST_MEMBERS), code))
    numbers: dict[str, int] = {}
    for record in records:
        _check_row(record, importing.grant)
        if not record.wrong:
            _check_beside(record, numbers, household.head)
        if record.wrong:
            record.refuse(importing.tally)
            household.refused.append(record)
        else:
            numbers[record.values["idNumber"].number] = record.row
            household.members.append(record)
    _check_agreement(household, importing.tally)
    return household


def _check_beside(record: Record, numbers: Mapping[str, int], head: Record | None) -> None:
    """What a row that is right in itself says beside the rows above it."""
    number = record.values["idNumber"].number
    if number in numbers:
        record.wrong.append(("idNumber", DuplicateRow(row=numbers[number]), number))
    elif head is not None and record.values["relation"] is Relation.HEAD:
        other, other_zh = f"row {head.row}", f"第 {head.row} 行"
        record.wrong.append(("relation", DuplicateHead(other=other, other_zh=other_zh), None))


def _check_row(record: Record, grant: Grant) -> None:
    """What the columns of one row say of each other."""
    values, wrong = record.values, record.wrong
    identity = values.get("idNumber")
    if identity is not None:
        for key, told in (("gender", identity.gender), ("birthDate", identity.birth_date)):
            if values.get(key) not in (None, told):
                wrong.append((key, IdentityNumberMismatch(), None))
    category = values.get("category")
    if category is None:
        return
    if category is Category.POVERTY_RELAPSE_MONITORED:  # its own list alone says which of the three subtypes
        wrong.append(("category", not_your_category(category), category.value))
        return
    if error := authority_refusal(grant, category):
        wrong.append(("category", error, category.value))
    begins, ends = values.get("validFrom"), values.get("validUntil")
    for key, error in faults(category, begins, ends, None, values.get("support")):
        wrong.append((key, error, str(values[key])))
    if ends and begins is None:
        wrong.append(("validFrom", ValueMissing(), None))


def _check_agreement(household: Household, tally: Tally) -> None:
    """What belongs to the household comes from the head's row; other rows may leave it empty or repeat it."""
    head = household.head
    if head is None:
        return
    if head.values.get("head") not in (None, head.values["name"]):
        household.refuse(tally, head, "head", HouseholdValueMismatch(row=head.row))
        return
    of_household = {key: head.values.get(key) for key in OF_HOUSEHOLD} | {"head": head.values["name"]}
    for record in list(household.members):
        for key, value in of_household.items():
            if record.values.get(key) not in (None, value):
                household.refuse(tally, record, key, HouseholdValueMismatch(row=head.row))
                break
