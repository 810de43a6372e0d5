"""Recoveries: money to repay, and the repayments (46-4.3). A caller sees the recoveries of the kinds that its scopes open."""

from datetime import date
from decimal import Decimal

import strawberry

from hub.foundation.database import table_of
from hub.model.aid import AidKind, CorrectionReason
from hub.model.recoveries import RecoveryManner, RecoveryRow, RecoveryStatus, RepaymentRow
from hub.recoveries import sums
from schema.engine.declare.field_sources import Join, Reads
from schema.engine.declare.fields import column, derived, to_many, to_one, where
from schema.engine.declare.filters import DateRange, in_range, one_of
from schema.engine.declare.row_types import Node, OnRows, on_rows
from schema.orders import BY_NUMBER
from schema.regions.arguments import is_agency
from schema.regions.types import Agency
from schema.type_names import LazyAidRecord, LazyHousehold, LazyPerson


@on_rows(
    Reads("Repayment", table_of(RepaymentRow), ("household_id", "recovery_id", "number")),
    "退款 A repayment",
)
class Repayment(OnRows):
    """退款."""

    number: int | None = column("number", "序号 From 1, in the order of recording")
    amount: Decimal | None = column("amount", "金额(元) Yuan")
    repaid_on: date | None = column("repaid_on", "退款日期 When it was repaid")
    agency: Agency | None = to_one("Agency", {"id": "agency_id"}, "登记单位 Who recorded it")


@on_rows(
    Reads(
        "Recovery",
        table_of(RecoveryRow),
        ("household_id", "id"),
        ("household_id", "id"),
        beyond_sight=True,
    ),
    "追回 The recovery of money after a record was revoked or amended below the paid amount (46-4.3)",
)
class Recovery(OnRows, Node):
    """追回."""

    household: LazyHousehold | None = to_one("Household", {"id": "household_id"}, "家庭 The household")
    person: LazyPerson | None = to_one(
        "Person",
        {"household_id": "household_id", "id": "person_id"},
        "受助人 The person of the record; null: the household as a whole",
    )
    aid_record: LazyAidRecord | None = to_one(
        "AidRecord",
        {"household_id": "household_id", "id": "aid_id"},
        "救助记录 The record, as it is now",
    )
    kind: AidKind | None = column("kind", "救助类型 Kind of the aid")
    agency: Agency | None = to_one("Agency", {"id": "agency_id"}, "追回单位 Who recovers it")
    because: CorrectionReason | None = column("because", "情形 Why; FALSE_CLAIM flags a false claim 骗取")
    reason: str | None = column("reason", "说明 In the agency's own words")
    manner: RecoveryManner | None = column(
        "manner", "追回方式 How goods or services are recovered; null: money is recovered"
    )
    goods: str | None = column("goods", "追回的物资或服务 Which goods or services are recovered")
    amount: Decimal | None = column(
        "amount", "应追回(元) Yuan to recover; for goods and services, their value"
    )
    repaid: Decimal | None = derived(sums.repaid, "已追回(元) Repaid yuan", made_of=("Repayment.amount",))
    outstanding: Decimal | None = derived(
        sums.outstanding,
        "尚欠(元) Outstanding yuan",
        made_of=("Recovery.amount", "Recovery.waived", "Recovery.repaid"),
    )
    status: RecoveryStatus | None = derived(
        sums.status,
        "状态 The status, by the amounts",
        made_of=("Recovery.amount", "Recovery.waived", "Recovery.repaid"),
    )
    opened_on: date | None = column("opened_on", "开始日期 Opened on")
    due_on: date | None = column("due_on", "期限 To be repaid by")
    waived: Decimal | None = column("waived", "免予追回(元) Waived yuan")
    waive_reason: str | None = column("waive_reason", "免予追回原因 Why it was waived")
    waived_by: Agency | None = to_one("Agency", {"id": "waived_by"}, "免予追回单位 The agency that waived it")
    waived_on: date | None = column("waived_on", "免予追回日期 When it was waived")
    policy_basis: str | None = column("policy_basis", "依据条款 Clause")
    repayments: list[Repayment] | None = to_many(
        "Repayment",
        Join({"household_id": "household_id", "recovery_id": "id"}),
        BY_NUMBER,
        "退款 The repayments, oldest first",
    )
    version: int | None = column("version", "版本 For expectedVersion")


@strawberry.input(description="追回筛选 Which recoveries; all fields must match")
class RecoveryFilter:
    """Each filter needs the scopes of the field that it uses."""

    kind: list[AidKind] | None = where(
        "Recovery.kind", lambda r, v, _: one_of(r.c.kind, v), "救助类型 One of these kinds"
    )
    because: list[CorrectionReason] | None = where(
        "Recovery.because", lambda r, v, _: one_of(r.c.because, v), "情形 One of these"
    )
    status: list[RecoveryStatus] | None = where(
        "Recovery.status", lambda r, v, grant: one_of(sums.status(r, grant), v), "状态 One of these"
    )
    agency: str | None = where(
        "Recovery.agency", lambda r, v, _: is_agency(r.c.agency_id, v), "追回单位 Agency code"
    )
    opened_on: DateRange | None = where(
        "Recovery.openedOn", lambda r, v, _: in_range(r.c.opened_on, v), "开始日期 Opened in this span"
    )
