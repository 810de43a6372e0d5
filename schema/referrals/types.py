"""Referrals, their filter and order."""

from datetime import datetime

import sqlalchemy as sa
import strawberry

from hub.foundation.database import table_of
from hub.model.aid import AidKind
from hub.model.referrals import ReferralAidRow, ReferralRow, ReferralStatus
from hub.policy.facts.referrals import overdue
from hub.referrals.answers import answer_revoked
from schema.aid.types import AidRecord
from schema.engine.declare.field_sources import Join, Reads
from schema.engine.declare.fields import column, derived, to_many, to_one, where
from schema.engine.declare.filters import one_of, order_input
from schema.engine.declare.row_types import Node, OnRows, on_rows
from schema.orders import NEWEST_AID
from schema.referrals.snapshots import SentHousehold
from schema.regions.arguments import is_agency
from schema.regions.types import Agency
from schema.type_names import LazyApplication, LazyHousehold, LazyPerson, LazyReferral


def _overdue(referral: sa.FromClause) -> sa.ColumnElement[bool]:
    return overdue(referral, sa.func.now())


@on_rows(
    Reads(
        "Referral",
        table_of(ReferralRow),
        ("household_id", "id"),
        ("household_id", "id"),
        beyond_sight=True,
    ),
    "转办单 A need pushed to the agency in charge, with a deadline (46-2.1). It is visible to its sender, to its"
    " receiver, and to those who may see aid of its kind",
)
class Referral(OnRows, Node):
    """转办单."""

    household: LazyHousehold | None = to_one(
        "Household",
        {"id": "household_id"},
        "家庭 The household",
    )
    person: LazyPerson | None = to_one(
        "Person",
        {"household_id": "household_id", "id": "person_id"},
        "人员 The person; null: the household as a whole",
    )
    from_agency: Agency | None = to_one("Agency", {"id": "from_agency"}, "转出单位 Who sent it", name="from")
    to_agency: Agency | None = to_one(
        "Agency", {"id": "to_agency"}, "接收单位 The agency that must answer", name="to"
    )
    need: AidKind | None = column("need", "需求 Kind of aid needed")
    reason: str | None = column("reason", "事由 Why the need was sent")
    status: ReferralStatus | None = column("status", "状态 Status")
    sent_at: datetime | None = column("sent_at", "转出时间 Sent at")
    due_at: datetime | None = column("due_at", "办理期限 To be answered by")
    overdue: bool | None = derived(
        lambda referral, _: _overdue(referral),
        "是否逾期 Still open, and past its deadline",
        made_of=("Referral.status", "Referral.dueAt"),
    )
    accepted_at: datetime | None = column("accepted_at", "接收时间 Accepted at")
    closed_at: datetime | None = column("closed_at", "办结时间 Returned or completed at")
    return_reason: str | None = column("return_reason", "退回原因 Why it was returned")
    outcome: str | None = column("outcome", "办理结果 Outcome")
    end_reason: str | None = column("end_reason", "终止原因 Why its sender ended it after its return")
    forwarded_from: LazyReferral | None = to_one(
        "Referral",
        {"household_id": "household_id", "id": "forwarded_from"},
        "重新转办自 The returned referral that this one continues",
    )
    forwarded_to: LazyReferral | None = to_one(
        "Referral",
        {"household_id": "household_id", "forwarded_from": "id"},
        "重新转办至 The referral that continues it",
    )
    application: LazyApplication | None = to_one(
        "Application",
        {"household_id": "household_id", "id": "application_id"},
        "申请 The application that contains the need",
    )
    reminded_at: datetime | None = column(
        "reminded_at", "催办时间 When its receiver was reminded of the deadline"
    )
    escalated_at: datetime | None = column("escalated_at", "督办时间 When it was escalated as overdue")
    escalated_to: Agency | None = to_one(
        "Agency", {"id": "escalated_to"}, "督办单位 The agency above to which it was escalated"
    )
    aid_records: list[AidRecord] | None = to_many(
        "AidRecord",
        Join(
            {"household_id": "household_id"},
            through=(
                table_of(ReferralAidRow),
                {"household_id": "household_id", "referral_id": "id"},
                {"aid_id": "id"},
            ),
        ),
        NEWEST_AID,
        "救助记录 The aid that answers it",
    )
    as_sent: SentHousehold | None = to_one(
        "SentHousehold",
        {"household_id": "household_id", "referral_id": "id"},
        "转办时的家庭情况 The household at the time of sending; null: not recorded",
    )
    answer_revoked: bool | None = derived(
        answer_revoked,
        "答复是否已撤销 All aid that answered it was revoked later; the need is open again",
        made_of=("Referral.status", "Referral.aidRecords", "OtherAid.status"),
    )
    version: int | None = column("version", "版本 For expectedVersion")


@strawberry.input(description="转办筛选 Which referrals; all fields must match")
class ReferralFilter:
    """Each filter needs the scopes of the field that it uses."""

    status: list[ReferralStatus] | None = where(
        "Referral.status", lambda r, v, _: one_of(r.c.status, v), "状态 One of these"
    )
    need: list[AidKind] | None = where(
        "Referral.need", lambda r, v, _: one_of(r.c.need, v), "需求 One of these kinds"
    )
    to_agency: str | None = where(
        "Referral.to", lambda r, v, _: is_agency(r.c.to_agency, v), "接收单位 Agency code"
    )
    from_agency: str | None = where(
        "Referral.from", lambda r, v, _: is_agency(r.c.from_agency, v), "转出单位 Agency code"
    )
    overdue: bool | None = where(
        "Referral.overdue",
        lambda r, v, _: _overdue(r) == v.bind(sa.Boolean),
        "是否逾期 Open and past its deadline",
    )
    answer_revoked: bool | None = where(
        "Referral.answerRevoked",
        lambda r, v, grant: answer_revoked(r, grant) == v.bind(sa.Boolean),
        "答复是否已撤销 Answered by aid that was revoked since",
    )


ReferralOrder = order_input(
    "Referral",
    "转办单",
    {
        "SENT_AT": ("sent_at", "Referral.sentAt", "转办时间 By when it was sent"),
        "DUE_AT": ("due_at", "Referral.dueAt", "办理期限 By its deadline"),
    },
)
