"""Applications: one for all needs; each department answers its own need (46-4.1)."""

from datetime import datetime

import sqlalchemy as sa
import strawberry
from sqlalchemy import ColumnElement, FromClause

from auth.grant import Grant
from hub.foundation.database import table_of
from hub.model.applications import ApplicationRow, ApplicationStatus, Channel
from hub.model.referrals import ReferralRow, ReferralStatus
from hub.policy.permissions.row_policies import visible
from schema.engine.declare.field_sources import Join, Reads
from schema.engine.declare.fields import column, derived, to_many, to_one, where
from schema.engine.declare.filters import one_of
from schema.engine.declare.row_types import Node, OnRows, on_rows
from schema.orders import NEWEST_REFERRAL
from schema.referrals.types import Referral
from schema.regions.arguments import is_agency
from schema.regions.types import Agency
from schema.type_names import LazyHousehold, LazyPerson

_referral = table_of(ReferralRow)
_ANSWERED = (ReferralStatus.COMPLETED.value, ReferralStatus.ENDED.value)


def _status(application: FromClause, grant: Grant) -> ColumnElement[str]:
    """ANSWERED if every need in sight is completed or ended; null if none is in sight. A forwarded need has the status of the
    referral that replaces it."""
    referral = _referral.alias()
    of_it = sa.and_(
        referral.c.household_id == application.c.household_id,
        referral.c.application_id == application.c.id,
        visible(referral, grant, household_seen=True),
    )
    done = [*_ANSWERED, ReferralStatus.FORWARDED.value]
    waiting = sa.exists().where(of_it, referral.c.status.not_in(done)).correlate_except(referral)
    answered = sa.exists().where(of_it, referral.c.status.in_(_ANSWERED)).correlate_except(referral)
    return sa.case(
        (sa.and_(waiting, answered), ApplicationStatus.PARTLY_ANSWERED.value),
        (waiting, ApplicationStatus.IN_PROGRESS.value),
        (answered, ApplicationStatus.ANSWERED.value),
    )


@on_rows(
    Reads("Application", table_of(ApplicationRow), ("household_id", "id"), ("household_id", "id")),
    "救助申请 One application of a household or person, split into a referral for each need (46-4.1)",
)
class Application(OnRows, Node):
    """救助申请."""

    household: LazyHousehold | None = to_one(
        "Household",
        {"id": "household_id"},
        "家庭 The household",
    )
    person: LazyPerson | None = to_one(
        "Person",
        {"household_id": "household_id", "id": "person_id"},
        "申请人 The person; null: the household as a whole",
    )
    agency: Agency | None = to_one("Agency", {"id": "agency_id"}, "受理单位 The agency that received it")
    channel: Channel | None = column("channel", "申请渠道 How it was submitted")
    submitted_at: datetime | None = column("submitted_at", "申请时间 When")
    status: ApplicationStatus | None = derived(
        _status,
        "办理状态 How many of its needs are answered, of those that you see; null: you see none of them 无权查看任何一项时为空",
        made_of=("Referral.status",),
    )
    answers: list[Referral] | None = to_many(
        "Referral",
        Join({"household_id": "household_id", "application_id": "id"}),
        NEWEST_REFERRAL,
        "分类办理 Its referrals, newest first, including those that continue a returned one",
    )


@strawberry.input(description="申请筛选 Which applications; all fields must match")
class ApplicationFilter:
    """Each filter needs the scopes of the field that it uses."""

    status: list[ApplicationStatus] | None = where(
        "Application.status", lambda a, v, grant: one_of(_status(a, grant), v), "办理状态 One of these"
    )
    agency: str | None = where(
        "Application.agency", lambda a, v, _: is_agency(a.c.agency_id, v), "受理单位 Agency code"
    )
