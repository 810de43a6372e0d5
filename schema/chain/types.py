"""The assistance chain."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import strawberry
from strawberry.scalars import JSON
from strawberry.types.info import Info

from auth.grant import Grant
from hub.foundation.calendar import day_of
from hub.foundation.database import TIMESTAMP, table_of
from hub.ledger.chain import Verdict, verify_chain
from hub.model.households import HouseholdRow
from hub.model.ledger import ChainEventRow, EventType
from hub.policy.permissions.row_policies import visible
from schema.chain.summary import SUMMARY_VALUES, summary, summary_zh
from schema.engine.declare.bind_parameters import ArgumentValue
from schema.engine.declare.field_sources import TYPES, Join, Reads
from schema.engine.declare.fields import column, computed, connection, derived, to_many, to_one, where
from schema.engine.declare.filters import DateRange, in_range, key_part, one_of
from schema.engine.declare.hexadecimal import hex_of
from schema.engine.declare.paging import Connection
from schema.engine.declare.row_types import Node, OnRows, on_rows
from schema.orders import BY_PLACE, CHAIN_END, CHAIN_ORDER
from schema.provenance.types import FieldChange
from schema.regions.arguments import in_region, is_agency
from schema.regions.types import Agency
from schema.type_names import (
    LazyAidRecord,
    LazyAlert,
    LazyApplication,
    LazyCertification,
    LazyChainEvent,
    LazyCircumstance,
    LazyConference,
    LazyDisclosure,
    LazyHousehold,
    LazyLiabilityDecision,
    LazyNearRelative,
    LazyOverlapCase,
    LazyPerson,
    LazyRecovery,
    LazyReferral,
    LazyVisit,
)

_ANSWERED = Join({"household_id": "household_id"}, among={"number": "answers"})
_SUBJECT = {"household_id": "household_id", "id": "subject_id"}
_LINKED = ("ChainEvent.body", "ChainEvent.client")
"""A hash covers the body, and the other parts of a link are known. A reader without access to a body with few possible
values could try them all against the hash, so the hash needs the scopes of the body."""


@on_rows(
    Reads("ChainEvent", table_of(ChainEventRow), ("household_id", "id"), ("household_id", "id")),
    "救助链事件 One link of a household's assistance chain. Visible to readers of its subject",
)
class ChainEvent(OnRows, Node):
    """救助链事件."""

    number: int | None = column(
        "number",
        "序号 Number in the chain, from 1 without gaps; only for callers from whom no event is hidden",
    )
    type: EventType | None = column("type", "事件 What happened")
    household: LazyHousehold | None = to_one("Household", {"id": "household_id"}, "家庭 The household")
    person: LazyPerson | None = to_one(
        "Person",
        {"household_id": "household_id", "id": "person_id"},
        "人员 The person, where it concerns one",
    )
    agency: Agency | None = to_one("Agency", {"id": "agency_id"}, "单位 Which agency did it")
    occurred_at: datetime | None = column("occurred_at", "发生时间 When it happened")
    recorded_at: datetime | None = column("recorded_at", "登记时间 When the hub recorded it")
    policy_basis: str | None = column("policy_basis", "依据条款 Clause")
    aid_record: LazyAidRecord | None = to_one(
        "AidRecord",
        _SUBJECT,
        "救助记录 The aid record of the event, as it is now",
    )
    referral: LazyReferral | None = to_one(
        "Referral",
        _SUBJECT,
        "转办单 The referral of the event",
    )
    certification: LazyCertification | None = to_one(
        "Certification",
        _SUBJECT,
        "认定 The certification of the event, as it is now",
    )
    circumstance: LazyCircumstance | None = to_one(
        "Circumstance",
        _SUBJECT,
        "情形 The circumstance of the event, as it is now",
    )
    alert: LazyAlert | None = to_one("Alert", _SUBJECT, "预警 The alert of the event")
    visit: LazyVisit | None = to_one("Visit", _SUBJECT, "走访 The visit of the event")
    conference: LazyConference | None = to_one(
        "Conference",
        _SUBJECT,
        "会议 The case conference of the event",
    )
    application: LazyApplication | None = to_one(
        "Application",
        _SUBJECT,
        "申请 The application of the event",
    )
    overlap_case: LazyOverlapCase | None = to_one(
        "OverlapCase",
        _SUBJECT,
        "核实单 The case of overlapping aid of the event",
    )
    changes: list[FieldChange] | None = to_many(
        "FieldChange",
        Join({"household_id": "household_id", "number": "number"}),
        BY_PLACE,
        "变更内容 The changes, old and new values, in the fields that your scopes open",
    )
    answers: list[LazyChainEvent] | None = to_many(
        "ChainEvent",
        _ANSWERED,
        CHAIN_ORDER,
        "所依据的事件 The events that it follows from: a visit follows from an alert, a referral from the decision on"
        " it, aid from a referral, a correction from the record",
    )
    follows_from: LazyChainEvent | None = to_one(
        "ChainEvent",
        _ANSWERED,
        "上一环 The last event that it follows from; step by step it leads from a payment back to the finding",
        order=CHAIN_END,
    )
    answered_by: list[LazyChainEvent] | None = to_many(
        "ChainEvent",
        Join({"household_id": "household_id"}, holds={"answers": "number"}),
        CHAIN_ORDER,
        "后续事件 The events that followed from it",
    )
    recovery: LazyRecovery | None = to_one(
        "Recovery",
        _SUBJECT,
        "追回 The recovery of the event, as it is now",
    )
    near_relative: LazyNearRelative | None = to_one(
        "NearRelative",
        _SUBJECT,
        "近亲属备案 The declaration of the event",
    )
    liability_decision: LazyLiabilityDecision | None = to_one(
        "LiabilityDecision",
        _SUBJECT,
        "责任认定 The decision of the event",
    )
    disclosure: LazyDisclosure | None = to_one(
        "Disclosure",
        {"id": "subject_id"},
        "公示名单 The public list that named the household",
    )
    summary: str | None = derived(
        summary,
        "事项叙述(英文) The event as a sentence, with the values that the caller's scopes open",
        discloses=SUMMARY_VALUES,
    )
    summary_zh: str | None = derived(
        summary_zh,
        "所发生的事项,以一句话叙述;详略随调用方的权限而定 The same in Chinese",
        discloses=SUMMARY_VALUES,
    )
    client: str | None = column("client_id", "客户端 Which client wrote it")
    body: JSON | None = column("body", "内容 What changed, as it was hashed")
    hash: str | None = derived(
        lambda event, _: hex_of(event.c.hash),
        "哈希 SHA-256 of this link (RFC 8785), hex",
        made_of=_LINKED,
    )
    previous_hash: str | None = derived(
        lambda event, _: hex_of(event.c.previous_hash),
        "前一哈希 SHA-256 of the link before it, hex",
        made_of=_LINKED,
    )


def _of_household(event: sa.FromClause, id: ArgumentValue, _grant: Grant) -> sa.ColumnElement[bool]:
    return event.c.household_id == key_part(id, "Household", 1, 0)


def _of_person(event: sa.FromClause, id: ArgumentValue, _grant: Grant) -> sa.ColumnElement[bool]:
    household, person = (key_part(id, "Person", 2, place) for place in range(2))
    return sa.and_(event.c.household_id == household, event.c.person_id == person)


def _in_region(event: sa.FromClause, code: ArgumentValue, grant: Grant) -> sa.ColumnElement[bool]:
    household = table_of(HouseholdRow).alias()
    lives_there = in_region(household.c.region, code)
    return sa.exists().where(household.c.id == event.c.household_id, lives_there, visible(household, grant))


@strawberry.input(description="事件筛选 Which events; all fields must match")
class ChainEventFilter:
    """Filters by fields that every event has, among the events that the caller may see."""

    type: list[EventType] | None = where(
        "ChainEvent.type", lambda e, v, _: one_of(e.c.type, v), "事件 One of these"
    )
    agency: str | None = where(
        "ChainEvent.agency", lambda e, v, _: is_agency(e.c.agency_id, v), "单位 Agency code"
    )
    occurred_on: DateRange | None = where(
        "ChainEvent.occurredAt",
        lambda e, v, _: in_range(day_of(e.c.occurred_at), v),
        "发生日期 Happened in this span of days",
    )
    household: strawberry.ID | None = where(
        "ChainEvent.household", _of_household, "家庭 Of the household of this `id`"
    )
    person: strawberry.ID | None = where(
        "ChainEvent.person", _of_person, "人员 About the person of this `id`"
    )
    region: str | None = where(
        "Household.region",
        _in_region,
        "区划 Of households that live in this region now: code of 2 to 12 digits",
    )
    since: datetime | None = where(
        "ChainEvent.recordedAt",
        lambda e, v, _: e.c.recorded_at >= v.bind(TIMESTAMP),
        "登记时间不早于 Recorded at this instant or later",
    )


@strawberry.type(description="救助链校验结果 Whether a chain is whole: no link changed, missing or moved")
class ChainVerdict:
    """核验结果."""

    verdict: strawberry.Private[Verdict]
    whole: bool | None = computed(
        lambda root: root.verdict.whole, "是否完整 Whether every link is as it was written"
    )
    length: int | None = computed(lambda root: root.verdict.length, "已核验环数 How many links were checked")
    broken_at: int | None = computed(
        lambda root: root.verdict.broken_at, "断点 Number of the first wrong link; null: none"
    )
    reason: str | None = computed(
        lambda root: root.verdict.reason, "原因 What is wrong with it; null: nothing"
    )


async def _verify(root: Any, info: Info) -> ChainVerdict:
    household = root.row["household_id"]
    return ChainVerdict(
        verdict=await info.context.read(lambda connection: verify_chain(connection, household))
    )


@strawberry.type(
    description="一户(人)一条救助链: everything done for one household or person, by every agency, in one order"
)
class Chain:
    """救助链."""

    row: strawberry.Private[Mapping[str, Any]]
    events: Connection[ChainEvent] | None = connection(
        "ChainEvent",
        "事件 Its events, oldest first",
        order=CHAIN_ORDER,
        join=Join(
            {"household_id": "household_id", "person_id": "person_id"}, optional=frozenset({"person_id"})
        ),
        filter_by=ChainEventFilter,
    )
    head: ChainEvent | None = to_one(
        "ChainEvent",
        {"household_id": "household_id"},
        "链头 The household's last event",
        order=CHAIN_END,
    )
    verified: ChainVerdict | None = computed(
        _verify, "核验 The household's whole chain, checked now, link by link"
    )


TYPES["Chain"] = Chain
