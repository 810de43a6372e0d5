"""The assistance chain, and the record of who read what."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
import strawberry
from strawberry.scalars import JSON
from strawberry.types.info import Info

from auth.scopes import Scope
from hub.database import table_of
from hub.ledger.chain import verify_chain
from hub.ledger.tables import AccessOutcome, AccessRecordRow, ChainEventRow, EventType
from schema.fields import column, computed, connection, derived, needs, to_one
from schema.filters import order_input
from schema.names import LazyAidRecord, LazyCertification, LazyHousehold, LazyPerson, LazyReferral
from schema.orders import CHAIN_END, CHAIN_ORDER
from schema.paging import Connection
from schema.reads import TYPES, Join, Reads
from schema.regions import Agency
from schema.rowtypes import OnRows, on_rows

HOUSEHOLD = needs(Scope.HOUSEHOLD_READ)
AUDIT = needs(Scope.AUDIT_READ)


def _hex(column: sa.ColumnElement[bytes]) -> sa.ColumnElement[str]:
    return sa.func.encode(column, sa.literal_column("'hex'"))


_SUBJECT = {"household_id": "household_id", "id": "subject_id"}
_LINKED = ("ChainEvent.body", "ChainEvent.client")
"""A hash is of the body too, and the other parts of a link are known: who cannot read a body of few possible values
could try them against it until one fits."""


@on_rows(
    Reads("ChainEvent", table_of(ChainEventRow), ("household_id", "number")),
    "One link of a household's assistance chain. Its skeleton is open to every department that reads households",
)
class ChainEvent(OnRows):
    """救助链事件."""

    number: int | None = column("number", HOUSEHOLD, "序号 Number in the chain, from 1 without gaps")
    type: EventType | None = column("type", HOUSEHOLD, "事件 What happened")
    household: LazyHousehold | None = to_one(
        "Household", {"id": "household_id"}, HOUSEHOLD, "家庭 The household"
    )
    person: LazyPerson | None = to_one(
        "Person", {"household_id": "household_id", "id": "person_id"}, needs(Scope.HOUSEHOLD_READ, Scope.PERSON_READ),
        "人员 The person, where it concerns one",
    )  # fmt: skip
    agency: Agency | None = to_one("Agency", {"id": "agency_id"}, HOUSEHOLD, "单位 Which agency did it")
    occurred_at: datetime | None = column("occurred_at", HOUSEHOLD, "发生时间 When it happened")
    recorded_at: datetime | None = column("recorded_at", HOUSEHOLD, "登记时间 When the hub kept it")
    policy_basis: str | None = column("policy_basis", HOUSEHOLD, "依据条款 Clause")
    aid_record: LazyAidRecord | None = to_one(
        "AidRecord",
        _SUBJECT,
        needs(Scope.HOUSEHOLD_READ, Scope.AID_READ),
        "救助记录 The aid it is about, as it stands now",
    )
    referral: LazyReferral | None = to_one(
        "Referral",
        _SUBJECT,
        needs(Scope.HOUSEHOLD_READ, Scope.REFERRAL_READ),
        "转办单 The referral it is about",
    )
    certification: LazyCertification | None = to_one(
        "Certification",
        _SUBJECT,
        needs(Scope.HOUSEHOLD_READ, Scope.CERTIFICATION_READ),
        "认定 The certification it is about, as it stands now",
    )
    client: str | None = column("client_id", AUDIT, "客户端 Which client wrote it")
    body: JSON | None = column("body", AUDIT, "内容 What changed, as it was hashed")
    hash: str | None = derived(
        lambda event, _: _hex(event.c.hash),
        AUDIT,
        "哈希 SHA-256 of this link (RFC 8785), hex",
        made_of=_LINKED,
    )
    previous_hash: str | None = derived(
        lambda event, _: _hex(event.c.previous_hash), AUDIT, "前一哈希 SHA-256 of the link before it, hex",
        made_of=_LINKED,
    )  # fmt: skip


@strawberry.type(description="Whether a chain is whole: no link changed, missing or moved")
class ChainVerdict:
    """核验结果."""

    whole: bool = strawberry.field(description="是否完整 Whether every link is as it was written")
    length: int = strawberry.field(description="已核验环数 How many links were checked")
    broken_at: int | None = strawberry.field(description="断点 Number of the first wrong link; null: none is")
    reason: str | None = strawberry.field(description="原因 What is wrong with it; null: nothing is")


async def _verify(root: Any, info: Info) -> ChainVerdict:
    verdict = await verify_chain(await info.context.connection(), root.row["household_id"])
    return ChainVerdict(
        whole=verdict.whole, length=verdict.length, broken_at=verdict.broken_at, reason=verdict.reason
    )


@strawberry.type(
    description="一户(人)一条救助链: everything done for one household or person, by every agency, in one order"
)
class Chain:
    """救助链."""

    row: strawberry.Private[Mapping[str, Any]]
    events: Connection[ChainEvent] | None = connection(
        "ChainEvent", HOUSEHOLD, "事件 Its events, the first one first", order=CHAIN_ORDER,
        join=Join({"household_id": "household_id", "person_id": "person_id"}, optional=frozenset({"person_id"})),
    )  # fmt: skip
    head: ChainEvent | None = to_one(
        "ChainEvent",
        {"household_id": "household_id"},
        HOUSEHOLD,
        "链头 The household's last event",
        order=CHAIN_END,
    )
    verified: ChainVerdict | None = computed(
        _verify, HOUSEHOLD, "核验 The household's whole chain, checked now, link by link"
    )


TYPES["Chain"] = Chain


@on_rows(
    Reads("AccessRecord", table_of(AccessRecordRow), ("id",)),
    "Who asked what, for what purpose, and what they got",
)
class AccessRecord(OnRows):
    """访问记录."""

    at: datetime | None = column("at", AUDIT, "时间 When")
    agency: Agency | None = to_one("Agency", {"id": "agency_id"}, AUDIT, "单位 Who")
    client: str | None = column("client_id", AUDIT, "客户端 Which client")
    person: str | None = column("person", AUDIT, "操作人 The natural person, for interactive clients")
    purpose: str | None = column("purpose", AUDIT, "目的 For what purpose")
    operation_name: str | None = column("operation_name", AUDIT, "操作名 Operation name")
    operation_hash: str | None = derived(
        lambda record, _: _hex(record.c.operation_hash), AUDIT, "操作哈希 SHA-256 of the document, hex"
    )
    coordinates: list[str] | None = column("coordinates", AUDIT, "读取字段 Coordinates read")
    forbidden: list[str] | None = column("forbidden", AUDIT, "被拒字段 Coordinates asked and refused")
    household_count: int | None = derived(
        lambda record, _: sa.func.cardinality(record.c.household_ids),
        AUDIT,
        "家庭数 How many households were touched",
    )
    rows: int | None = column("rows", AUDIT, "行数 Rows read")
    milliseconds: int | None = column("milliseconds", AUDIT, "毫秒 How long it took")
    outcome: AccessOutcome | None = column("outcome", AUDIT, "结果 How it ended")
    code: str | None = column("code", AUDIT, "错误码 The error code, where it was refused or failed")


AccessRecordOrder = order_input("AccessRecord", {"AT": ("at", "AccessRecord.at")})
