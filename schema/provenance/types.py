"""The source of a shared field (数据来源), and the changes of an event (变更内容)."""

from datetime import datetime

from hub.model.import_runs import ImportKind
from hub.model.provenance import CHANGE, PROVENANCE, Origin
from hub.provenance.changed import changed
from hub.provenance.origins import origins
from schema.engine.declare.field_sources import Join, Reads
from schema.engine.declare.fields import column, to_one
from schema.engine.declare.row_types import OnRows, on_rows
from schema.regions.types import Agency
from schema.type_names import LazyChainEvent


@on_rows(
    Reads("Provenance", PROVENANCE, ("household_id", "subject_id", "place"), made=origins),
    "数据来源 The source of a field's value; only fields that your scopes open",
)
class Provenance(OnRows):
    """数据来源."""

    field: str | None = column("field", "字段 Name of the field")
    agency: Agency | None = to_one(
        "Agency", {"id": "agency_id"}, "来源单位 The agency that wrote the current value"
    )
    at: datetime | None = column("at", "登记时间 When")
    origin: Origin | None = column("origin", "途径 Whether by an import, a client's request, or sample data")
    import_kind: ImportKind | None = column("import_kind", "导入类型 Kind of the import")
    import_started_at: datetime | None = column(
        "import_started_at", "导入时间 When the import began; null if it was interrupted"
    )
    import_file: str | None = column("import_file", "导入文件 Name of its file")
    client: str | None = column("client_id", "客户端 Which client wrote it, or which run of an import")
    event: LazyChainEvent | None = to_one(
        "ChainEvent",
        {"household_id": "household_id", "number": "number"},
        "事件 The chain event of the value",
    )
    replaced: str | None = column(
        "replaced", "原值 The replaced value, masked if it is stored encrypted; null: none is known"
    )


@on_rows(
    Reads("FieldChange", CHANGE, ("household_id", "number", "place"), made=changed),
    "字段变更 A field that an event changed; only fields that your scopes open",
)
class FieldChange(OnRows):
    """变更内容."""

    field: str | None = column("field", "字段 Name of the field")
    before: str | None = column(
        "before", "原值 The old value, masked if it is stored encrypted; null: there was none"
    )
    after: str | None = column(
        "after", "新值 The new value, masked if it is stored encrypted; null: there is none now"
    )


OF_HOUSEHOLD = Join({"household_id": "id", "subject_id": "id"})
OF_SUBJECT = Join({"household_id": "household_id", "subject_id": "id"})
