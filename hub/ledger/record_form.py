"""The canonical form of a row and its digest: in SQL, for the database that makes and checks record events, and in Python.

The form is RFC 8785 JSON, `{"record":{...},"table":"aid_record"}`: docs/record-events.md has its rules and test vectors.
Empty values (null, an empty list) are left out, so that a column that is added later changes no digest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlmodel.sql.sqltypes import AutoString

from hub.foundation.canonical_json import canonical_digest
from hub.model.records import covered_columns, household_column, key_columns


def field_name(column: str) -> str:
    """The name of a column in the form: `paidOn` for `paid_on`."""
    first, *others = column.split("_")
    return first + "".join(part.capitalize() for part in others)


@dataclass(frozen=True)
class RecordForm:
    """SQL expressions over a row of a table with the alias `n`. `household` is `null` if the row belongs to none; `text` is
    the canonical form."""

    table: str
    household: str
    key: str
    text: str

    @property
    def digest(self) -> str:
        """SHA-256 of the form."""
        return f"sha256(convert_to({self.text}, 'UTF8'))"

    def select(self, rows: str) -> str:
        """A query for household_id, record and digest of rows (a FROM item with the alias `n`)."""
        return (
            f"select {self.household}::uuid as household_id, {self.key} as record, {self.digest} as digest"
            f" from {rows}"
        )


def form_of(table: sa.Table) -> RecordForm:
    """The form of a table's rows. Raises TypeError for a column type without a form."""
    fields = sorted((field_name(column.name), _json_of(column)) for column in covered_columns(table))
    members = ", ".join(f"'\"{name}\":' || {value}" for name, value in fields)
    text = f"'{{\"record\":{{' || concat_ws(',', {members}) || '}},\"table\":\"{table.name}\"}}'"
    household = household_column(table)
    key = " || ':' || ".join(_text_of(column) for column in key_columns(table)) or "''"
    return RecordForm(
        table.name,
        "null" if household is None else f"n.{household.name}",
        f'({key})::text collate "C"',
        text,
    )


def _json_of(column: sa.Column[Any]) -> str:
    """A column as JSON text; null if it is empty."""
    name, kind = f'n."{column.name}"', column.type
    if isinstance(kind, pg.ARRAY):
        if isinstance(kind.item_type, sa.LargeBinary):
            hexadecimal = (
                "select string_agg('\"' || encode(part, 'hex') || '\"', ',' order by place)"
                f" from unnest({name}) with ordinality parts(part, place)"
            )
            return f"'[' || ({hexadecimal}) || ']'"
        return f"case when cardinality({name}) > 0 then array_to_json({name})::text end"
    if isinstance(kind, sa.Boolean | sa.Integer):
        return f"{name}::text"
    if isinstance(kind, sa.JSON):
        return f"to_json({name}::text)::text"
    if isinstance(kind, sa.String | AutoString):
        return f"to_json({name})::text"
    return f"'\"' || {_text_of(column)} || '\"'"


def _text_of(column: sa.Column[Any]) -> str:
    """A column as text, independent of the session's settings."""
    name, kind = f'n."{column.name}"', column.type
    match kind:
        case sa.TIMESTAMP() | sa.DateTime():
            return f"to_char({name} at time zone 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"+00:00\"')"
        case sa.Date():
            return f"to_char({name}, 'YYYY-MM-DD')"
        case sa.LargeBinary():
            return f"encode({name}, 'hex')"
        case sa.Numeric() | sa.Uuid() | sa.Integer() | sa.String() | AutoString():
            return f"{name}::text"
    raise TypeError(f"{column} has no canonical form")


def form(table: str, row: Mapping[str, Any]) -> dict[str, Any]:
    """The canonical form of a row as JSON values; `row` has the names of its columns."""
    said = {field_name(name): _value(value) for name, value in row.items()}
    record = {name: value for name, value in said.items() if value is not None and value != []}
    return {"record": record, "table": table}


def digest(table: str, row: Mapping[str, Any]) -> bytes:
    """SHA-256 of the canonical form of a row."""
    return canonical_digest(form(table, row))


def _value(value: Any) -> Any:
    match value:
        case StrEnum():
            return value.value
        case datetime():
            return value.astimezone(UTC).isoformat(timespec="microseconds")
        case date() | UUID():
            return str(value)
        case Decimal():
            return f"{value:.2f}"
        case bytes():
            return value.hex()
        case list():
            return [_value(part) for part in value]
        case _:
            return value
