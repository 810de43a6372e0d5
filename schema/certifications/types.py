"""Certifications of the low-income population's categories (46-1)."""

from datetime import date
from decimal import Decimal

from hub.foundation.database import table_of
from hub.model.certifications import Category, CertificationRow, EndReason, MonitoredSubtype, Support
from schema.engine.declare.field_sources import Join, Reads
from schema.engine.declare.fields import column, derived, to_many, to_one
from schema.engine.declare.row_types import Node, OnRows, on_rows
from schema.near_relatives.types import near_relative_declared
from schema.orders import BY_PLACE, NEWEST_NEAR_RELATIVE
from schema.provenance.types import OF_SUBJECT
from schema.regions.types import Agency
from schema.type_names import LazyHousehold, LazyNearRelative, LazyPerson, LazyProvenance


@on_rows(
    Reads(
        "Certification",
        table_of(CertificationRow),
        ("household_id", "id"),
        ("household_id", "id"),
    ),
    "认定 A category that an authority certified, for a household or for one member (46-1.2)",
)
class Certification(OnRows, Node):
    """认定."""

    household: LazyHousehold | None = to_one(
        "Household",
        {"id": "household_id"},
        "家庭 The household",
    )
    person: LazyPerson | None = to_one(
        "Person",
        {"household_id": "household_id", "id": "person_id"},
        "认定到人时的人员 The member; null: the whole household",
    )
    category: Category | None = column("category", "类别 Category")
    subtype: MonitoredSubtype | None = column("subtype", "监测对象类型 Only for monitored households")
    support: Support | None = column("support", "供养方式 Only for extreme hardship")
    certified_amount: Decimal | None = column(
        "certified_amount",
        "核定金额(元/月) Yuan a month of allowance or support, including supplements (46-3.1)",
    )
    valid_from: date | None = column("valid_from", "起始日期 From")
    valid_until: date | None = column("valid_until", "有效期至 Until; null: without end")
    ended_on: date | None = column("ended_on", "终止日期 When it was ended; null: in force")
    ended_because: EndReason | None = column("ended_because", "终止情形 Why it was ended, as a code")
    end_reason: str | None = column("end_reason", "终止原因 Why it was ended, in the office's words")
    authority: Agency | None = to_one("Agency", {"id": "authority"}, "认定单位 Who certified")
    policy_basis: str | None = column("policy_basis", "依据条款 Clause, as in 46-1.2.1")
    provenance: list[LazyProvenance] | None = to_many(
        "Provenance",
        OF_SUBJECT,
        BY_PLACE,
        "数据来源 The source of each of its fields that your scopes open",
    )
    near_relative_declared: bool | None = derived(
        near_relative_declared,
        "是否近亲属备案 Its person, or a member of its household, is declared a near relative of an official (46-4.3)",
        made_of=("Certification.category", "NearRelative.endedOn"),
    )
    near_relatives: list[LazyNearRelative] | None = to_many(
        "NearRelative",
        Join({"household_id": "household_id", "person_id": "person_id"}, optional=frozenset({"person_id"})),
        NEWEST_NEAR_RELATIVE,
        "近亲属备案 The declarations, including ended ones",
    )
    version: int | None = column("version", "版本 For expectedVersion")
