"""Aid records: the interface, the eleven kinds, their filter and order.

The interface's fields are open. Each kind declares them again under its own scopes, so `amount` of `AidRecord` has a value
on rows whose kind the grant covers, and is null on the others in the same list.
"""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any, TypeVar

import sqlalchemy as sa
import strawberry

from hub.foundation.calendar import TODAY
from hub.foundation.database import table_of
from hub.model import aid as rows
from hub.model.aid import DETAIL_OF, AidKind, AidRecordRow, AidStatus
from hub.model.persons import EducationStage
from hub.overlaps.programmes import programme_code
from hub.policy.facts.aid import paid_in_time, papers_overdue
from hub.policy.facts.versions import current
from schema.engine.declare.field_sources import TYPES, Join, Kinds, Reads
from schema.engine.declare.fields import (
    GuardedField,
    column,
    derived,
    inline,
    of_type,
    to_many,
    to_one,
    where,
)
from schema.engine.declare.filters import DateRange, in_range, is_value, one_of, order_input
from schema.engine.declare.row_types import NODES, Node, OnRows
from schema.orders import BY_PLACE, NEWEST_RECOVERY, VERSIONS
from schema.provenance.types import OF_SUBJECT
from schema.regions.arguments import is_agency
from schema.regions.types import Agency
from schema.type_names import LazyHousehold, LazyPerson, LazyProvenance, LazyRecovery

T = TypeVar("T", bound=type)


@strawberry.type(description="救助期间 The days an aid covers, both included")
class AidPeriod:
    """期间."""

    row: strawberry.Private[Mapping[str, Any]]
    start: date = column("start", "起始日期 The first day")
    end: date = column("end", "截止日期 The last day")


TYPES["AidPeriod"] = AidPeriod
_types: dict[str, str] = {}
_KINDS = Kinds("kind", _types)


@strawberry.interface(
    description="救助记录 One decision, payment, service or benefit (46-3); its kind is its type. It is visible to readers of the"
    " kind, or of the facts by which it is granted"
)
class AidRecord(OnRows, Node):
    """救助记录."""

    household: LazyHousehold | None = to_one(
        "Household",
        {"id": "household_id"},
        "受助家庭 The household",
    )
    person: LazyPerson | None = to_one(
        "Person",
        {"household_id": "household_id", "id": "person_id"},
        "受助人 The person; null: the household as a whole",
    )
    kind: AidKind | None = column("kind", "救助类型 Kind of aid")
    program: str | None = column("program", "项目 Programme, as its agency writes it")
    programme: str | None = derived(
        lambda record, _: programme_code(record),
        "项目代码 The programme of the catalogue that has the name in `program` (`codeTables`, Programme); null: free text",
    )
    agency: Agency | None = to_one("Agency", {"id": "agency_id"}, "救助单位 Who gives it")
    period: AidPeriod | None = inline(
        "AidPeriod", {"start": "period_from", "end": "period_until"}, "期间 Period"
    )
    status: AidStatus | None = column("status", "状态 Status")
    decided_on: date | None = column("decided_on", "决定日期 Decided on")
    paid_on: date | None = column("paid_on", "发放日期 Paid on")
    policy_basis: str | None = column("policy_basis", "依据条款 Clause, as in 46-3.1")
    version: int | None = column("version", "版本 For expectedVersion; each amendment adds one")
    recorded_at: datetime | None = column("recorded_at", "登记时间 When the hub recorded it")
    superseded_at: datetime | None = column("superseded_at", "被更正时间 When an amendment replaced it")
    amount: Decimal | None = column("amount", "金额(元) Yuan for the whole period")
    outcome: str | None = column("outcome", "结果 The outcome")
    amendment_reason: str | None = column("amendment_reason", "更正原因 Why it was amended")
    provenance: list[LazyProvenance] | None = to_many(
        "Provenance",
        OF_SUBJECT,
        BY_PLACE,
        "数据来源 The source of each of its fields that your scopes open",
    )
    revoked_because: rows.CorrectionReason | None = column(
        "revoked_because", "撤销情形 Why it was revoked; FALSE_CLAIM flags a false claim (46-4.3)"
    )
    recoveries: list[LazyRecovery] | None = to_many(
        "Recovery",
        Join({"household_id": "household_id", "aid_id": "id"}),
        NEWEST_RECOVERY,
        "追回 Its recoveries, newest first (46-4.3)",
    )
    history: list["AidRecord"] | None = to_many(
        "AidRecord",
        Join({"household_id": "household_id", "id": "id"}),
        VERSIONS,
        "更正历史 Every version, oldest first",
        every_version=True,
    )

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Any:
        """The object of the row, by its kind."""
        return TYPES[_KINDS.types[row["kind"]]](row=row)


def _reads(kind: AidKind | None) -> Reads:
    return Reads(
        "AidRecord",
        table_of(AidRecordRow),
        ("household_id", "id", "version"),
        ("household_id", "id"),
        detail=None if kind is None else table_of(DETAIL_OF[kind]),
        kinds=_KINDS,
        current=current,
        beyond_sight=True,
    )


for _field in AidRecord.__strawberry_definition__.fields:  # type: ignore[attr-defined]
    # only on the fields of the kinds: Apollo's composition refuses the directive on an interface's field
    _field.directives = []
AidRecord.reads = _reads(None)
TYPES["AidRecord"] = AidRecord
NODES["AidRecord"] = AidRecord


def aid_type(kind: AidKind, description: str) -> Callable[[T], T]:
    """Declare the type of a kind: its detail columns, and the interface's fields under the kind's scopes."""

    def declare(cls: T) -> T:
        for field in AidRecord.__strawberry_definition__.fields:  # type: ignore[attr-defined]
            if isinstance(field, GuardedField) and field.python_name != "id":
                assert field.type_annotation is not None
                setattr(cls, field.python_name, of_type(field, cls.__name__))
                cls.__annotations__[field.python_name] = field.type_annotation.raw_annotation
        made: Any = strawberry.type(cls, description=description)
        made.reads = _reads(kind)
        TYPES[made.__name__] = made
        _types[kind.value] = made.__name__
        declared: T = made
        return declared

    return declare


def detail(name: str, description: str) -> Any:
    """A column of the kind's detail table."""
    return column(name, description, detail=True)


@aid_type(AidKind.BASIC_LIVING, "基本生活救助 Basic living aid (46-3.1)")
class BasicLivingAid(AidRecord):
    """46-3.1."""

    form: rows.BasicLivingForm | None = detail("form", "救助形式 The form of the aid")
    payee: rows.Payee | None = detail("payee", "发放对象 Whose account the money goes to")
    month_supplement: Decimal | None = detail(
        "month_supplement",
        "分类施保增发(元/月) The part of the amount from the +100 classes, yuan a month (46-3.1)",
    )
    institution: str | None = detail(
        "institution", "供养服务机构 The institution; required if the payee is INSTITUTION"
    )
    paid_in_time: bool | None = derived(
        lambda aid, _: paid_in_time(aid, TODAY),
        "是否按时发放 Paid by the first 10th of a month since it began and was decided (46-3.1); null: neither paid nor due",
        made_of=("BasicLivingAid.period", "BasicLivingAid.decidedOn", "BasicLivingAid.paidOn"),
    )


@aid_type(AidKind.MEDICAL, "医疗救助 Medical aid (46-3.2.1)")
class MedicalAid(AidRecord):
    """46-3.2.1."""

    form: rows.MedicalForm | None = detail("form", "救助形式 The form of the aid")
    hospital: str | None = detail("hospital", "医院 Name of the hospital")
    total_cost: Decimal | None = detail("total_cost", "总费用(元) Yuan: the whole cost of the treatment")
    insurance_paid: Decimal | None = detail("insurance_paid", "医保支付(元) Yuan of it that insurance paid")
    premium_in_full: bool | None = detail(
        "premium_in_full",
        "是否全额资助参保 Whether the premium is paid in full, as extreme hardship is entitled to",
    )


@aid_type(AidKind.EDUCATION, "教育救助 Education aid (46-3.2.2)")
class EducationAid(AidRecord):
    """46-3.2.2."""

    form: rows.EducationForm | None = detail("form", "救助形式 The form of the aid")
    school_year: int | None = detail(
        "school_year", "学年 School year, by the year it begins in: 2026 for 2026–2027"
    )
    stage: EducationStage | None = detail("stage", "就学阶段 Stage of school")
    school: str | None = detail("school", "学校 Name of the school")


@aid_type(AidKind.HOUSING, "住房救助 Housing aid (46-3.2.3)")
class HousingAid(AidRecord):
    """46-3.2.3."""

    form: rows.HousingForm | None = detail("form", "救助形式 The form of the aid")
    floor_area: Decimal | None = detail("floor_area", "面积(平方米) Floor area in square metres")
    danger_grade: rows.DangerGrade | None = detail("danger_grade", "危房等级 Danger grade of a rural house")


@aid_type(AidKind.EMPLOYMENT, "就业救助 Employment aid (46-3.2.4)")
class EmploymentAid(AidRecord):
    """46-3.2.4."""

    form: rows.EmploymentForm | None = detail("form", "救助形式 The form of the aid")
    employer: str | None = detail("employer", "用人单位 Name of the employer")
    post: str | None = detail("post", "岗位 Post that the person has, or was trained for")


@aid_type(AidKind.DISASTER, "受灾人员救助 Disaster aid (46-3.2.5)")
class DisasterAid(AidRecord):
    """46-3.2.5."""

    form: rows.DisasterForm | None = detail("form", "救助形式 The form of the aid")
    disaster: str | None = detail("disaster", "灾害 Which disaster, in words")
    struck_on: date | None = detail("struck_on", "受灾日期 Day on which it struck")


@aid_type(AidKind.TEMPORARY, "临时救助 Urgent aid, given where the trouble happens (46-3.3)")
class TemporaryAid(AidRecord):
    """46-3.3."""

    form: rows.TemporaryForm | None = detail("form", "救助形式 The form of the aid")
    trouble: str | None = detail("trouble", "急难事由 What trouble, in words")
    happened_at_region: str | None = detail(
        "happened_at_region", "急难发生地 Code of the region where it happened, as in 410105001"
    )
    happened_on: date | None = detail(
        "happened_on",
        "急难发生日期 The day of the trouble; all that happened to a household on one day is one matter (46-3.3)",
    )
    papers_due_on: date | None = detail(
        "papers_due_on",
        "补齐材料期限 The deadline for the papers of pay-first aid; default: 20 working days after decidedOn",
    )
    papers_supplied_on: date | None = detail(
        "papers_supplied_on", "材料补齐日期 The day the papers were supplied"
    )
    papers_overdue: bool | None = derived(
        lambda aid, _: papers_overdue(aid, TODAY),
        "材料是否逾期 The papers are overdue (46-3.3)",
        made_of=("TemporaryAid.papersDueOn", "TemporaryAid.papersSuppliedOn", "TemporaryAid.status"),
    )
    conference: str | None = detail(
        "conference", "会议编号 externalId of the case conference that set the amount (46-3.3)"
    )
    no_conference_reason: str | None = detail(
        "no_conference_reason",
        "未经会议确定的理由 Why the county set an amount above 3 times the standard without a conference (46-3.3)",
    )


@aid_type(AidKind.SERVICE, "服务类社会救助 Service aid, without money (46-3.4)")
class ServiceAid(AidRecord):
    """46-3.4."""

    form: rows.ServiceForm | None = detail("form", "救助形式 The form of the aid")
    provider: str | None = detail("provider", "服务机构 Who provides the service")
    times: int | None = detail("times", "次数 How many times in the period")


@aid_type(AidKind.OTHER, "其他救助帮扶 Other aid (46-3.5)")
class OtherAid(AidRecord):
    """46-3.5."""

    form: rows.OtherForm | None = detail("form", "救助形式 The form of the aid")
    quantity: Decimal | None = detail("quantity", "数量 Quantity, in the unit of the form")


@aid_type(AidKind.CHARITY, "慈善帮扶 Charity (46-3.6)")
class CharityAid(AidRecord):
    """46-3.6."""

    form: rows.CharityForm | None = detail("form", "救助形式 The form of the aid")
    organisation: str | None = detail("organisation", "慈善组织 Name of the organisation")
    project: str | None = detail("project", "慈善项目 Name of the project")
    offer: str | None = detail("offer", "资源编号 externalId of the offer that it uses (46-3.6)")


@aid_type(
    AidKind.RELAPSE_PREVENTION,
    "防止返贫帮扶 Targeted help of monitored households against a return to poverty (46-3)",
)
class RelapsePreventionAid(AidRecord):
    """46-3, opening."""

    form: rows.RelapsePreventionForm | None = detail("form", "帮扶形式 The form of the help")
    measure: str | None = detail("measure", "帮扶措施 What is done, in words")


TYPE_OF_KIND: Mapping[str, str] = _types
"""The GraphQL type of each kind, by the kind's code."""
KINDS = tuple(TYPES[name] for name in _types.values())


@strawberry.input(description="救助记录筛选 Which aid records; all fields must match")
class AidRecordFilter:
    """A filter by the open fields only. Amounts cannot be filtered, because each kind has its own scopes."""

    kind: list[AidKind] | None = where(
        "OtherAid.kind", lambda a, v, _: one_of(a.c.kind, v), "救助类型 Of one of these kinds"
    )
    program: str | None = where(
        "OtherAid.program", lambda a, v, _: is_value(a.c.program, v), "项目 This programme"
    )
    agency: str | None = where(
        "OtherAid.agency", lambda a, v, _: is_agency(a.c.agency_id, v), "单位 Agency code"
    )
    status: list[AidStatus] | None = where(
        "OtherAid.status", lambda a, v, _: one_of(a.c.status, v), "状态 One of these"
    )
    period_from: DateRange | None = where(
        "OtherAid.period",
        lambda a, v, _: in_range(a.c.period_from, v),
        "起始日期 The period begins in this span",
    )
    decided_on: DateRange | None = where(
        "OtherAid.decidedOn", lambda a, v, _: in_range(a.c.decided_on, v), "决定日期 Decided in this span"
    )
    papers_overdue: bool | None = where(
        "TemporaryAid.papersOverdue",
        lambda a, v, _: sa.and_(
            a.c.kind == AidKind.TEMPORARY.value,
            sa.func.coalesce(papers_overdue(a, TODAY), False) == v.bind(sa.Boolean),
        ),
        "材料是否逾期 Urgent aid whose papers are overdue, or are not (46-3.3)",
    )


AidRecordOrder = order_input(
    "AidRecord",
    "救助记录",
    {
        "PERIOD_FROM": ("period_from", "OtherAid.period", "期间起始日 By the first day of the period"),
        "DECIDED_ON": ("decided_on", "OtherAid.decidedOn", "决定日期 By the day of the decision"),
    },
)
