"""`hub import circumstances`: the list of a registry, one fact in each row (46-2.2, 46-2.3).

A list is the newest state of its registry: a different value corrects the stored fact. A fact ends by its end date only. It
does not end because its person is missing from the list: lists come in parts and late.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.circumstances.commands import report_circumstances
from hub.circumstances.drafts import CircumstanceDraft
from hub.circumstances.rules import FIELDS, KIND_RULES, kinds_of, registry_refusal
from hub.foundation.errors import HubError, camel
from hub.households.import_lock import one_at_a_time
from hub.households.refusals import ValueMissing
from hub.imports import words
from hub.imports.cells import compact, key, long_text, money, name, text
from hub.imports.codes import named_subjects
from hub.imports.days import DayRequired, beginning, ending
from hub.imports.files import Table
from hub.imports.headers import Column
from hub.imports.households import disability_card, identity_reader
from hub.imports.importing import Importing
from hub.imports.records import Record, read_records
from hub.imports.refusals import SubjectMissing
from hub.imports.words import or_nothing
from hub.model.circumstances import CircumstanceKind
from hub.persons.subjects import Subject
from hub.policy.facts.circumstances import OF_A_DAY
from hub.regions.places import Places
from hub.shares.commands import share_reported


def columns(_places: Places, sample: bool) -> tuple[Column, ...]:
    """The columns of a registry's list; each kind has its own fields."""
    return (
        Column("externalId", "业务编号 外部编号 证书编号", key),
        Column(
            "idNumber",
            "身份证号 身份证号码 公民身份号码 证件号码 身份证件号 身份证件号码 学生身份证号 患者身份证号 死者身份证号"
            " 逝者身份证号",
            identity_reader(sample),
        ),
        Column("disabilityCard", "残疾证号 残疾人证号 残疾证号码", disability_card(sample)),
        Column("householdCode", "户编号 户号 户编码 家庭编号", compact),
        Column(
            "name",
            "姓名 学生姓名 患者姓名 逝者姓名 残疾人姓名 参保人姓名 参保人员姓名 失业人员姓名 死者姓名 死亡人员姓名",
            name,
        ),
        Column("head", "户主 户主姓名", name),
        Column("kind", "困难情形 情形 情形类型", words.CIRCUMSTANCE_KIND),
        Column(
            "since",
            "起始日期 认定日期 认定时间 登记日期 登记时间 失业登记日期 失业登记时间 确诊日期 确诊时间 评定日期 评定时间"
            " 首次评定日期 死亡日期 死亡时间 受灾日期 受灾时间",
            beginning,
            required=True,
        ),
        Column("until", "结束日期 终止日期 终止时间 注销日期 注销时间", ending),
        Column("disabilityType", "残疾类别 残疾类型", words.DISABILITY_TYPE),
        Column("disabilityGrade", "残疾等级 残疾级别", words.DISABILITY_GRADE),
        Column("educationStage", "就学阶段 学段 教育阶段 就读阶段 就读学段", words.EDUCATION_STAGE),
        Column("school", "学校 就读学校 学校名称 所在学校", or_nothing(text)),
        Column(
            "amount",
            "金额 自付金额 个人自付金额 个人自付费用 自付费用 损失金额 直接经济损失",
            or_nothing(money),
        ),
        Column("note", "说明 备注 病种 灾种", or_nothing(long_text)),
    )


def refusal(grant: Grant) -> HubError | None:
    """The refusal for an agency that cannot share such a list; None if it can."""
    return registry_refusal(grant)


def _dispensable(kinds: Sequence[CircumstanceKind]) -> frozenset[str]:
    """The columns that no fact of a registry needs."""
    needed = {column for kind in kinds for column in KIND_RULES[kind].must}
    return frozenset(camel(column) for column in FIELDS if column not in needed)


def read_circumstances(importing: Importing, table: Table, columns: Sequence[Column]) -> Iterator[Record]:
    """The rows with a subject and, if the registry reports several kinds, with a kind."""
    only = kinds_of(importing.grant.department)
    for record in read_records(table, columns, _dispensable(only)):
        importing.tally.rows += 1
        values = record.values
        faulty = {key for key, _, _ in record.faults}
        if values.get("kind") is None and "kind" not in faulty:
            if len(only) == 1:
                values["kind"] = only[0]
            else:
                record.faults.append(("kind", ValueMissing(), None))
        if values.get("kind") in OF_A_DAY and "since" in record.months:
            record.faults.append(("since", DayRequired(), None))
        if not record.faults and not (values.get("idNumber") or values.get("householdCode")):
            missing = SubjectMissing(columns="idNumber or householdCode", columns_zh="身份证号或户编号")
            record.faults.append(("idNumber", missing, None))
        if record.faults:
            importing.refuse(record)
        else:
            record.add_notices(importing.tally)
            yield record


async def report_rows(session: AsyncSession, importing: Importing, records: Sequence[Record]) -> None:
    """Report the rows in the session's transaction. A row with an unknown or invisible subject is refused."""
    await one_at_a_time(session)
    named = await named_subjects(session, importing, records)
    drafts = [(record, _draft(record.values, subject)) for record, subject in named]
    outcomes = await report_circumstances(importing.context(session), [draft for _, draft in drafts])
    for (record, _), outcome in zip(drafts, outcomes, strict=True):
        if outcome.error is not None:
            importing.tally.refuse(record.row, _column(outcome.error, record), outcome.error)
        importing.tally.changed += outcome.created or outcome.changed
        importing.tally.change_fields((record.row, camel(name), *values) for name, *values in outcome.changes)
        importing.tally.notice_rows((record.row, warning) for warning in outcome.warnings)
    if importing.month is not None:
        reported = [draft for _, draft in drafts]
        await share_reported(session, importing.grant, importing.month, reported, outcomes)


def _draft(values: dict[str, Any], subject: Subject) -> CircumstanceDraft:
    silent = frozenset(column for column in ("until", *FIELDS) if camel(column) not in values)
    return CircumstanceDraft(
        values.get("externalId"),
        subject,
        values["kind"],
        values["since"],
        values.get("until"),
        {column: values.get(camel(column)) for column in FIELDS},
        newest=True,
        silent=silent,
    )


def _column(error: HubError, record: Record) -> str:
    """The column of an error of `report_circumstances`."""
    place = str(error.path[0]) if error.path else "since"
    if place == "subject":
        return "idNumber" if record.values.get("idNumber") else "householdCode"
    return place
