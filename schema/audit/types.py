"""Access records: who asked what, for what purpose, and with what result."""

from datetime import datetime

import sqlalchemy as sa
import strawberry

from auth.grant import Grant
from hub.foundation.database import table_of
from hub.model.ledger import AccessOutcome, AccessRecordRow, CoordinateSetRow, OperationTextRow
from hub.policy.permissions.row_policies import visible
from schema.engine.declare.field_sources import Join, Reads
from schema.engine.declare.fields import column, connection, derived, record_id, to_one
from schema.engine.declare.filters import order_input
from schema.engine.declare.hexadecimal import hex_of, hex_of_elements
from schema.engine.declare.paging import Connection
from schema.engine.declare.row_types import OnRows, on_rows
from schema.orders import BY_CODE, BY_ID
from schema.regions.types import Agency
from schema.type_names import LazyHousehold, LazyPerson


def _coordinates(record: sa.FromClause, grant: Grant) -> sa.ColumnElement[list[str]]:
    read = table_of(CoordinateSetRow).alias()
    named = sa.select(read.c.coordinates).where(
        read.c.digest == record.c.coordinates_digest, visible(read, grant)
    )
    return named.correlate_except(read).scalar_subquery()


def _document(record: sa.FromClause, grant: Grant) -> sa.ColumnElement[str]:
    sent = table_of(OperationTextRow).alias()
    text = sa.select(sent.c.document).where(sent.c.digest == record.c.operation_hash, visible(sent, grant))
    return text.correlate_except(sent).scalar_subquery()


@on_rows(
    Reads("AccessRecord", table_of(AccessRecordRow), ("id",), ("id",)),
    "访问记录 Who asked what, for what purpose, and with what result",
)
class AccessRecord(OnRows):
    """访问记录."""

    id: strawberry.ID | None = record_id("编号 Opaque id, stable for ever")
    at: datetime | None = column("at", "时间 When")
    agency: Agency | None = to_one(
        "Agency",
        {"id": "agency_id"},
        "单位 The agency that made the request; null: the caller was not authenticated",
    )
    client: str | None = derived(
        lambda record, _: sa.func.nullif(record.c.client_id, sa.literal_column("''")),
        "客户端 The client; null: the caller was not authenticated",
    )
    person: str | None = column("person", "操作人 The natural person, for interactive clients and operators")
    purpose: str | None = derived(
        lambda record, _: sa.func.nullif(record.c.purpose, sa.literal_column("''")),
        "使用用途 The purpose; null: none was claimed",
    )
    operation_name: str | None = column("operation_name", "操作名 Operation name")
    operation_hash: str | None = derived(
        lambda record, _: hex_of(record.c.operation_hash), "操作哈希 SHA-256 of the document, hex"
    )
    document: str | None = derived(
        _document,
        "查询文档 The document, without the values of its strings; null: there was none, or it could not be read",
    )
    variables: list[str] | None = column(
        "variables", "变量结构 The paths of the variables' values, without the values"
    )
    coordinates: list[str] | None = derived(_coordinates, "读取字段 Coordinates read")
    forbidden: list[str] | None = column("forbidden", "被拒字段 Coordinates that were requested and refused")
    household_count: int | None = derived(
        lambda record, _: sa.func.cardinality(record.c.household_ids),
        "家庭数 How many households were touched, or named by a write",
    )
    households: Connection[LazyHousehold] | None = connection(
        "Household",
        "所涉家庭 The households that were touched or named, as far as you see them",
        order=BY_CODE,
        join=Join({}, among={"id": "household_ids"}),
    )
    people: Connection[LazyPerson] | None = connection(
        "Person",
        "所涉人员 The people whose data was read or who were named, if you may see them; all members of a household"
        " if the data read may be of any of them",
        order=BY_ID,
        join=Join(
            {},
            among={"household_id": "household_ids", "id": "person_ids"},
            unless={"id": "whole_households"},
        ),
    )
    rows: int | None = column("rows", "行数 Rows read")
    milliseconds: int | None = column("milliseconds", "毫秒 How long it took")
    outcome: AccessOutcome | None = column("outcome", "结果 How it ended")
    code: str | None = column("code", "错误码 The error code, where it was refused or failed")
    codes: list[str] | None = column(
        "codes", "全部错误码 The codes of all refusals and failures, of a batch too"
    )
    refused: int | None = column(
        "refused", "未写入数 Number of results of its writes that were refused, wholly or in part"
    )
    kept: int | None = column("kept", "已写入数 Number of saved records")
    numbers_named: list[str] | None = derived(
        lambda record, _: hex_of_elements(record.c.numbers_named),
        "所报身份证号摘要 Keyed digests (hex) of the identity numbers that it searched for, found or not, and of"
        " those that its writes named without a visible person. The same number always has the same digest",
    )


AccessRecordOrder = order_input(
    "AccessRecord", "访问记录", {"AT": ("at", "AccessRecord.at", "时间 By when it was asked")}
)
