"""Persons."""

from datetime import date

from hub.foundation.database import table_of
from hub.model.persons import (
    DisabilityType,
    EducationStage,
    Employment,
    Gender,
    Health,
    Labour,
    PersonRow,
    Relation,
)
from schema.audit.filters import AccessRecordFilter
from schema.engine.declare.field_sources import Join, Reads
from schema.engine.declare.fields import column, connection, inline, sealed, to_many, to_one
from schema.engine.declare.paging import Connection
from schema.engine.declare.row_types import Node, OnRows, on_rows
from schema.entitlements.types import entitlements_withheld
from schema.orders import BY_PLACE, NEWEST_ACCESS, NEWEST_AID, NEWEST_CIRCUMSTANCE
from schema.provenance.types import OF_SUBJECT
from schema.type_names import (
    LazyAccessNotice,
    LazyAccessRecord,
    LazyAidRecord,
    LazyChain,
    LazyCircumstance,
    LazyEntitlement,
    LazyHousehold,
    LazyMonthlySupplement,
    LazyProvenance,
)


@on_rows(
    Reads("Person", table_of(PersonRow), ("household_id", "id"), ("household_id", "id")),
    "人员 A member of a household",
)
class Person(OnRows, Node):
    """人员."""

    household: LazyHousehold | None = to_one("Household", {"id": "household_id"}, "所在家庭 The household")
    name: str | None = column("name", "姓名 Name")
    id_number: str | None = sealed(
        "id_number_sealed", "person.id_number", "身份证号 Identity number (GB 11643)"
    )
    id_number_masked: str | None = column(
        "id_number_masked", "身份证号(掩码) Its first two characters, those of the province"
    )
    birth_date: date | None = column("birth_date", "出生日期 Birth date")
    gender: Gender | None = column("gender", "性别 Gender")
    relation: Relation | None = column("relation", "与户主关系 Relation to the head (GB/T 4761)")
    phone: str | None = sealed("phone_sealed", "person.phone", "联系电话 Telephone")
    account: str | None = sealed(
        "account_sealed",
        "person.account",
        "一卡通账号 Account that aid is paid to (46-3.1)",
    )
    health: Health | None = column("health", "健康状况 State of health")
    disability_type: DisabilityType | None = column(
        "disability_type", "残疾类别 Disability type (GB/T 26341)"
    )
    disability_grade: int | None = column("disability_grade", "残疾等级 Grade, 1 (most severe) to 4")
    education_stage: EducationStage | None = column("education_stage", "就学阶段 Stage of education")
    school: str | None = column("school", "学校 School")
    employment: Employment | None = column("employment", "就业状况 Employment")
    labour: Labour | None = column("labour", "劳动能力 Ability to work")
    circumstances: list[LazyCircumstance] | None = to_many(
        "Circumstance",
        Join({"household_id": "household_id", "person_id": "id"}),
        NEWEST_CIRCUMSTANCE,
        "困难情形 Facts of the registries that your scopes open",
    )
    aid_records: Connection[LazyAidRecord] | None = connection(
        "AidRecord",
        "救助记录 Aid this person had, newest first",
        order=NEWEST_AID,
        join=Join({"household_id": "household_id", "person_id": "id"}),
    )
    monthly_supplement: LazyMonthlySupplement | None = to_one(
        "MonthlySupplement",
        {"household_id": "household_id", "id": "id"},
        "分类施保 The 100 yuan a month of 46-3.1, and the classes it rests on",
    )
    entitlements: list[LazyEntitlement] | None = to_many(
        "Entitlement",
        Join({"household_id": "household_id", "person_id": "id"}),
        BY_PLACE,
        "应享救助 The entitlements of the person (46-3), with their status",
    )
    entitlements_withheld: list[str] | None = entitlements_withheld(of_persons=True)
    provenance: list[LazyProvenance] | None = to_many(
        "Provenance",
        OF_SUBJECT,
        BY_PLACE,
        "数据来源 The source of each of its fields that your scopes open",
    )
    chain: LazyChain | None = inline(
        "Chain",
        {"household_id": "household_id", "person_id": "id"},
        "一人一条救助链 The events of the household's chain that concern this person",
    )
    access_records: Connection[LazyAccessRecord] | None = connection(
        "AccessRecord",
        "访问记录 The requests that read data of this person, or data of the household that may be this person's, or"
        " named the person in a write",
        order=NEWEST_ACCESS,
        join=Join(
            {},
            holds={"household_ids": "household_id", "person_ids": "id"},
            unless={"person_ids": "whole_households"},
        ),
        filter_by=AccessRecordFilter,
    )
    access_notices: Connection[LazyAccessNotice] | None = connection(
        "AccessNotice",
        "查阅告知 Who read data of this person, or data of the household that may be this person's, newest first; to"
        " inform the person",
        order=NEWEST_ACCESS,
        join=Join(
            {"household_id": "household_id"},
            holds={"person_ids": "id"},
            unless={"person_ids": "whole_households"},
        ),
    )
    searches: Connection[LazyAccessRecord] | None = connection(
        "AccessRecord",
        "按号查找 The requests that searched for this person by identity number, found or not",
        order=NEWEST_ACCESS,
        join=Join({}, holds={"numbers_named": "id_number_index"}),
        filter_by=AccessRecordFilter,
    )
