"""Circumstances: facts of other registries (46-2.3). A caller sees the rows of the registries that its scopes open."""

from datetime import date
from decimal import Decimal

from hub.foundation.database import table_of
from hub.model.agencies import Department
from hub.model.circumstances import CircumstanceKind, CircumstanceRow
from hub.model.persons import DisabilityType, EducationStage
from schema.engine.declare.field_sources import Reads
from schema.engine.declare.fields import column, to_many, to_one
from schema.engine.declare.row_types import Node, OnRows, on_rows
from schema.orders import BY_PLACE
from schema.provenance.types import OF_SUBJECT
from schema.regions.types import Agency
from schema.type_names import LazyProvenance


@on_rows(
    Reads("Circumstance", table_of(CircumstanceRow), ("household_id", "id"), ("household_id", "id")),
    "困难情形 A fact that another registry contributes",
)
class Circumstance(OnRows, Node):
    """困难情形."""

    kind: CircumstanceKind | None = column("kind", "情形 Which circumstance")
    source_registry: Department | None = column("source_registry", "来源部门 The registry that reports it")
    since: date | None = column("since", "起始日期 Since")
    until: date | None = column("until", "结束日期 Until; null while it lasts")
    disability_type: DisabilityType | None = column("disability_type", "残疾类别 Disability type")
    disability_grade: int | None = column("disability_grade", "残疾等级 Grade, 1 (most severe) to 4")
    education_stage: EducationStage | None = column("education_stage", "就学阶段 Stage of education")
    school: str | None = column("school", "学校 School")
    amount: Decimal | None = column("amount", "金额(元) Yuan: rigid expense of twelve months, disaster loss")
    note: str | None = column("note", "说明 The registry's own words")
    version: int | None = column("version", "版本 For expectedVersion")
    provenance: list[LazyProvenance] | None = to_many(
        "Provenance",
        OF_SUBJECT,
        BY_PLACE,
        "数据来源 The source of each of its fields that your scopes open",
    )
    agency: Agency | None = to_one("Agency", {"id": "agency_id"}, "报送单位 Who reported it")
