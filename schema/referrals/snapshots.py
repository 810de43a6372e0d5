"""The household as of the day a referral was sent (46-2.1), under the scopes of its fields."""

from datetime import date
from decimal import Decimal

from hub.foundation.database import table_of
from hub.model.agencies import Department
from hub.model.certifications import Category, MonitoredSubtype, Support
from hub.model.circumstances import CircumstanceKind
from hub.model.households import Residence
from hub.model.persons import DisabilityType, EducationStage, Employment, Gender, Health, Labour, Relation
from hub.model.referral_snapshots import (
    SentCertificationRow,
    SentCircumstanceRow,
    SentHouseholdRow,
    SentMemberRow,
)
from schema.engine.declare.field_sources import Join, Reads
from schema.engine.declare.fields import column, to_many, to_one
from schema.engine.declare.row_types import OnRows, on_rows
from schema.orders import BY_PERSON, NEWEST_CERTIFICATION, NEWEST_CIRCUMSTANCE
from schema.regions.types import Agency, Region
from schema.type_names import LazyPerson

_OF_REFERRAL = Join({"household_id": "household_id", "referral_id": "referral_id"})
_WHO = {"household_id": "household_id", "id": "person_id"}


@on_rows(
    Reads("SentMember", table_of(SentMemberRow), ("household_id", "referral_id", "person_id")),
    "转办时的成员 A member of the household when the referral was sent",
)
class SentMember(OnRows):
    """转办时的成员."""

    person: LazyPerson | None = to_one("Person", _WHO, "人员 The person, as it is now")
    name: str | None = column("name", "姓名 Name")
    id_number_masked: str | None = column(
        "id_number_masked", "身份证号(掩码) Its first two characters, those of the province"
    )
    birth_date: date | None = column("birth_date", "出生日期 Birth date")
    gender: Gender | None = column("gender", "性别 Gender")
    relation: Relation | None = column("relation", "与户主关系 Relation to the head (GB/T 4761)")
    health: Health | None = column("health", "健康状况 State of health")
    disability_type: DisabilityType | None = column(
        "disability_type", "残疾类别 Disability type (GB/T 26341)"
    )
    disability_grade: int | None = column("disability_grade", "残疾等级 Grade, 1 (most severe) to 4")
    education_stage: EducationStage | None = column("education_stage", "就学阶段 Stage of education")
    school: str | None = column("school", "学校 School")
    employment: Employment | None = column("employment", "就业状况 Employment")
    labour: Labour | None = column("labour", "劳动能力 Ability to work")


@on_rows(
    Reads(
        "SentCertification",
        table_of(SentCertificationRow),
        ("household_id", "referral_id", "certification_id"),
    ),
    "转办时的认定 A certification in force when the referral was sent",
)
class SentCertification(OnRows):
    """转办时的认定."""

    person: LazyPerson | None = to_one(
        "Person",
        _WHO,
        "认定到人时的人员 The member; null: the whole household",
    )
    category: Category | None = column("category", "类别 Category")
    subtype: MonitoredSubtype | None = column("subtype", "监测对象类型 Only for monitored households")
    support: Support | None = column("support", "供养方式 Only for extreme hardship")
    valid_from: date | None = column("valid_from", "起始日期 From")
    valid_until: date | None = column("valid_until", "有效期至 Until; null: without end")
    authority: Agency | None = to_one("Agency", {"id": "authority"}, "认定单位 Who certified")


@on_rows(
    Reads(
        "SentCircumstance", table_of(SentCircumstanceRow), ("household_id", "referral_id", "circumstance_id")
    ),
    "转办时的困难情形 A fact of a registry that lasted when the referral was sent",
)
class SentCircumstance(OnRows):
    """转办时的困难情形."""

    person: LazyPerson | None = to_one("Person", _WHO, "人员 The member; null: the whole household")
    kind: CircumstanceKind | None = column("kind", "情形 Which circumstance")
    source_registry: Department | None = column("source_registry", "来源部门 The registry that reports it")
    since: date | None = column("since", "起始日期 Since")
    until: date | None = column("until", "结束日期 Until; null: it had no end")
    disability_type: DisabilityType | None = column("disability_type", "残疾类别 Disability type")
    disability_grade: int | None = column("disability_grade", "残疾等级 Grade, 1 (most severe) to 4")
    education_stage: EducationStage | None = column("education_stage", "就学阶段 Stage of education")
    school: str | None = column("school", "学校 School")
    amount: Decimal | None = column("amount", "金额(元) Yuan: rigid expense of twelve months, disaster loss")
    note: str | None = column("note", "说明 The registry's own words")


@on_rows(
    Reads("SentHousehold", table_of(SentHouseholdRow), ("household_id", "referral_id")),
    "转办时的家庭情况 The household at the time the referral was sent, for sender and receiver",
)
class SentHousehold(OnRows):
    """转办时的家庭情况."""

    region: Region | None = to_one("Region", {"code": "region"}, "所在区划 Where it lived")
    residence: Residence | None = column("residence", "城乡类别 Urban or rural")
    address: str | None = column("address", "住址 Address")
    income_per_capita: Decimal | None = column(
        "income_per_capita",
        "家庭人均月收入(元) Yuan a month for each member",
    )
    members: list[SentMember] | None = to_many("SentMember", _OF_REFERRAL, BY_PERSON, "成员 Its members")
    certifications: list[SentCertification] | None = to_many(
        "SentCertification",
        _OF_REFERRAL,
        NEWEST_CERTIFICATION,
        "认定 What it was certified as",
    )
    circumstances: list[SentCircumstance] | None = to_many(
        "SentCircumstance",
        _OF_REFERRAL,
        NEWEST_CIRCUMSTANCE,
        "困难情形 Facts of the registries that your scopes open",
    )
