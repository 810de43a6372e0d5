"""Case conferences (一事一议, 46-2.4): participants, minutes and decisions."""

from datetime import date, datetime
from decimal import Decimal

import strawberry

from hub.foundation.database import table_of
from hub.model.aid import AidKind
from hub.model.conferences import (
    ConferenceMeasureRow,
    ConferenceParticipantRow,
    ConferenceRow,
    ConferenceStatus,
)
from schema.engine.declare.field_sources import Join, Reads
from schema.engine.declare.fields import column, to_many, to_one, where
from schema.engine.declare.filters import DateRange, in_range, one_of
from schema.engine.declare.row_types import Node, OnRows, on_rows
from schema.orders import BY_AGENCY, BY_NUMBER
from schema.regions.arguments import is_agency
from schema.regions.types import Agency
from schema.type_names import LazyHousehold, LazyPerson, LazyReferral

_OF_CONFERENCE = Join({"household_id": "household_id", "conference_id": "id"})


@on_rows(
    Reads(
        "ConferenceParticipant",
        table_of(ConferenceParticipantRow),
        ("household_id", "conference_id", "agency_id"),
    ),
    "参会单位 An agency that takes part in a case conference",
)
class ConferenceParticipant(OnRows):
    """参会单位."""

    agency: Agency | None = to_one("Agency", {"id": "agency_id"}, "单位 The agency")


@on_rows(
    Reads("ConferenceMeasure", table_of(ConferenceMeasureRow), ("household_id", "conference_id", "number")),
    "议定事项 A measure that a case conference decided for an agency",
)
class ConferenceMeasure(OnRows):
    """议定事项."""

    agency: Agency | None = to_one("Agency", {"id": "agency_id"}, "承办单位 Who carries it out")
    kind: AidKind | None = column("kind", "救助类型 Which kind of aid")
    amount: Decimal | None = column("amount", "金额(元) Yuan, where the conference set an amount (46-3.3)")
    what: str | None = column("what", "事项 What is to be done")
    referral: LazyReferral | None = to_one(
        "Referral",
        {"household_id": "household_id", "id": "referral_id"},
        "转办单 The need that was pushed for it; null if the agency that called the conference does it itself",
    )


@on_rows(
    Reads("Conference", table_of(ConferenceRow), ("household_id", "id"), ("household_id", "id")),
    "一事一议会议 A complex case, decided by civil affairs together with the agencies concerned (46-2.4, 46-3.3)",
)
class Conference(OnRows, Node):
    """一事一议."""

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
    called_by: Agency | None = to_one("Agency", {"id": "called_by"}, "召集单位 Who called it")
    called_at: datetime | None = column("called_at", "召集时间 Called at")
    meets_on: date | None = column("meets_on", "会议日期 The day it is to meet")
    matter: str | None = column("matter", "议题 The subject")
    status: ConferenceStatus | None = column("status", "状态 Status")
    participants: list[ConferenceParticipant] | None = to_many(
        "ConferenceParticipant", _OF_CONFERENCE, BY_AGENCY, "参会单位 Who takes part"
    )
    held_on: date | None = column("held_on", "召开日期 When it was held")
    minutes: str | None = column("minutes", "会议纪要 The minutes")
    decision: str | None = column("decision", "会议决定 What was decided")
    measures: list[ConferenceMeasure] | None = to_many(
        "ConferenceMeasure", _OF_CONFERENCE, BY_NUMBER, "议定事项 What each agency is to do"
    )
    version: int | None = column("version", "版本 For expectedVersion")


@strawberry.input(description="会议筛选 Which conferences; all fields must match")
class ConferenceFilter:
    """Each filter needs the scopes of the field that it uses."""

    status: list[ConferenceStatus] | None = where(
        "Conference.status", lambda c, v, _: one_of(c.c.status, v), "状态 One of these"
    )
    called_by: str | None = where(
        "Conference.calledBy", lambda c, v, _: is_agency(c.c.called_by, v), "召集单位 Agency code"
    )
    meets_on: DateRange | None = where(
        "Conference.meetsOn", lambda c, v, _: in_range(c.c.meets_on, v), "会议日期 Meets in this span of days"
    )
