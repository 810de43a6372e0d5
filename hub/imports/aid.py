"""`hub import aid`: aid records of an agency (反馈), one in each row, identified by the agency's own external id (46-2.1)."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from hub.aid.commands import record_aids
from hub.aid.drafts import AidDraft, detail_columns
from hub.foundation.errors import HubError, camel
from hub.imports import words
from hub.imports.aid_words import DANGER_GRADE, FORMS, KIND, PAYEE, STATUS, truth
from hub.imports.cells import Cell, compact, key, long_text, money, name, text, whole_number
from hub.imports.codes import named_subjects
from hub.imports.days import beginning, ending, exact
from hub.imports.files import Table
from hub.imports.headers import Column
from hub.imports.households import identity_reader
from hub.imports.importing import Importing
from hub.imports.records import Record, read_records
from hub.imports.refusals import SubjectMissing
from hub.imports.words import or_nothing
from hub.model.aid import AidKind
from hub.persons.subjects import Subject
from hub.regions.places import Places

DETAILS = {camel(column): column for kind in AidKind for column in detail_columns(kind)}
"""The details of aid in a file, each with the column that stores it."""


def columns(_places: Places, sample: bool) -> tuple[Column, ...]:
    """The columns of a file of aid records; each kind has its own details."""
    return (
        Column("externalId", "外部编号 业务编号 反馈编号", key, required=True),
        Column(
            "idNumber",
            "身份证号 身份证号码 公民身份号码 证件号码 身份证件号 身份证件号码",
            identity_reader(sample),
        ),
        Column("name", "姓名 学生姓名 患者姓名 受助人姓名 救助对象姓名", name),
        Column("head", "户主 户主姓名", name),
        Column("householdCode", "户编号 户号 户编码 家庭编号", compact),
        Column("kind", "救助类型 救助种类", KIND, required=True),
        Column("program", "救助项目 项目", text, required=True),
        Column("periodFrom", "起始日期 开始日期", beginning, required=True),
        Column("periodUntil", "截止日期 结束日期 终止日期", ending, required=True),
        Column("amount", "金额 救助金额", or_nothing(money)),
        Column("status", "状态 办理状态", STATUS, required=True),
        Column("decidedOn", "决定日期 审批日期 审批时间", exact, required=True),
        Column("paidOn", "发放日期 发放时间", exact),
        Column("outcome", "办理结果 结果说明 备注", or_nothing(long_text)),
        Column("form", "救助形式 形式", compact),
        Column("payee", "发放对象", PAYEE),
        Column("monthSupplement", "每月增发 月增发金额", or_nothing(money)),
        Column("institution", "供养机构", or_nothing(text)),
        Column("hospital", "医疗机构 医院", or_nothing(text)),
        Column("totalCost", "总费用 医疗总费用", or_nothing(money)),
        Column("insurancePaid", "医保支付 医保报销", or_nothing(money)),
        Column("premiumInFull", "全额资助 是否全额资助", truth),
        Column("schoolYear", "学年", school_year),
        Column("stage", "就学阶段 学段", words.EDUCATION_STAGE),
        Column("school", "学校 就读学校", or_nothing(text)),
        Column("floorArea", "建筑面积", or_nothing(money)),
        Column("dangerGrade", "危房等级", DANGER_GRADE),
        Column("employer", "用人单位 就业单位", or_nothing(text)),
        Column("post", "岗位", or_nothing(text)),
        Column("disaster", "灾种 灾害", text),
        Column("struckOn", "受灾日期", exact),
        Column("trouble", "急难事由 困难事由", text),
        Column("happenedAtRegion", "发生地区划 发生地区划代码 发生地", compact),
        Column("happenedOn", "急难发生日期 事发日期", exact),
        Column("papersDueOn", "补齐材料期限 补交材料期限", exact),
        Column("papersSuppliedOn", "补齐材料日期 补交材料日期", exact),
        Column("conference", "会议编号 一事一议编号", or_nothing(key)),
        Column("noConferenceReason", "未经会议确定的理由", or_nothing(text)),
        Column("provider", "服务机构", text),
        Column("times", "服务次数 次数", lambda cell: whole_number(cell, 1, 9999)),
        Column("quantity", "数量", or_nothing(money)),
        Column("organisation", "慈善组织 捐赠单位", or_nothing(text)),
        Column("project", "慈善项目", or_nothing(text)),
        Column("offer", "资源编号 供给编号", or_nothing(key)),
        Column("measure", "帮扶措施", text),
    )


def school_year(cell: Cell) -> int | None:
    """The year in which a school year begins: `2026`, `2026-2027` or `2026—2027学年`."""
    written = compact(cell)
    return None if written is None else whole_number(written[:4], 1990, 2099)


def read_aid(importing: Importing, table: Table, columns: Sequence[Column]) -> Iterator[Record]:
    """The rows with a subject and with a form of their kind."""
    for record in read_records(table, columns):
        importing.tally.rows += 1
        values = record.values
        if kind := values.get("kind"):
            try:
                values["form"] = FORMS[kind](values.get("form"))
            except HubError as error:
                record.faults.append(("form", error, values["form"]))
        if not record.faults and not (values.get("idNumber") or values.get("householdCode")):
            missing = SubjectMissing(columns="idNumber or householdCode", columns_zh="身份证号或户编号")
            record.faults.append(("idNumber", missing, None))
        if record.faults:
            importing.refuse(record)
        else:
            record.add_notices(importing.tally)
            yield record


async def record_outcomes(session: AsyncSession, importing: Importing, records: Sequence[Record]) -> None:
    """Write the records through `record_aids`, in the session's transaction."""
    named = await named_subjects(session, importing, records)
    drafts = [(record, _draft(record.values, subject)) for record, subject in named]
    outcomes = await record_aids(importing.context(session), [draft for _, draft in drafts])
    for (record, _), outcome in zip(drafts, outcomes, strict=True):
        if outcome.error is not None:
            importing.tally.refuse(record.row, _column(outcome.error, record), outcome.error)
        importing.tally.changed += outcome.created
        for warning in outcome.warnings:
            importing.tally.warn(warning.code, warning.message, warning.message_zh, record.row)


def _draft(values: dict[str, Any], subject: Subject) -> AidDraft:
    return AidDraft(
        external_id=values["externalId"],
        subject=subject,
        kind=values["kind"],
        program=values["program"],
        period_from=values["periodFrom"],
        period_until=values["periodUntil"],
        status=values["status"],
        decided_on=values["decidedOn"],
        detail={detail: values[key] for key, detail in DETAILS.items() if values.get(key) is not None},
        amount=values.get("amount"),
        paid_on=values.get("paidOn"),
        outcome=values.get("outcome"),
    )


def _column(error: HubError, record: Record) -> str:
    """The column of an error of `record_aids`."""
    place = str(error.path[0]) if error.path else "externalId"
    if place == "subject":
        return "idNumber" if record.values.get("idNumber") else "householdCode"
    if place == "detail":
        return "kind" if len(error.path) == 1 else str(error.path[2])
    return place
