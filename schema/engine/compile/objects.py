"""The objects of rows, and the rows related to a row."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause

from auth.grant import Grant
from hub.foundation.bare_tables import bare
from hub.foundation.encryption import Secrecy
from hub.policy.permissions.row_policies import is_public, visible
from schema.engine.compile.builder_state import Emission, RowColumns, aggregated, joined_in_sight
from schema.engine.compile.columns import of_choice, picked
from schema.engine.compile.ir import (
    Absent,
    Choice,
    ForbiddenNull,
    Leaf,
    Page,
    Part,
    RelatedRow,
    RelatedRows,
    Selection,
    TypeName,
    Within,
)
from schema.engine.compile.json_sql import (
    NULL,
    Plain,
    Value,
    list_sql,
    may_be_null,
    name_sql,
    object_sql,
    value_sql,
)
from schema.engine.compile.pages import Pages
from schema.engine.compile.placeholders import Marks
from schema.engine.compile.sharing import shared_object
from schema.engine.declare import ids
from schema.engine.declare.field_sources import TYPES, ColumnValue, Derived, Join, NodeId, Reads, Sealed
from schema.engine.declare.joins import belongs, readable
from schema.engine.declare.keyset import Keyset
from schema.engine.declare.paging import LARGEST_PAGE


def forbidden_null(offset: str, type_name: ColumnElement[str]) -> Value:
    """The mark for a forbidden field's null."""
    return Value(Marks.forbidden(offset, type_name), '"', nullable=False)


class Objects:
    """Writes objects into one statement."""

    def __init__(self, emission: Emission, grant: Grant, secrecy: Secrecy) -> None:
        self._emission = emission
        self.grant = grant
        self.pages = Pages(self, emission, secrecy)

    def object_of(self, choice: Choice, table: FromClause, *, seen: bool = False) -> ColumnElement[Any]:
        """The object of a row of a table, by its kind. `seen`: the row was joined to its household, which is in sight."""
        reads: Reads = TYPES[choice.to].reads
        kinds = reads.kinds
        type_name: ColumnElement[str] = name_sql(choice.to)
        if kinds is not None:
            column = sa.type_coerce(table.c[kinds.column], sa.Text)
            type_name = sa.case(
                *(
                    (column == sa.literal_column(f"'{value}'"), name_sql(name))
                    for value, name in kinds.types.items()
                )
            )
        household = None if reads.beyond_sight and not seen else reads.household
        row = RowColumns(dict(table.c), type_name, household, table, reads)
        if len(choice.options) == 1:
            return self._selection(choice.options[0][1], row)
        assert kinds is not None
        values = {name: value for value, name in kinds.types.items()}
        column = sa.type_coerce(table.c[kinds.column], sa.Text)
        return sa.case(
            *(
                (
                    column.in_([sa.literal_column(f"'{values[name]}'") for name in names]),
                    self._selection(selection, row),
                )
                for names, selection in choice.options
            )
        )

    def _selection(self, selection: Selection, row: RowColumns) -> ColumnElement[Any]:
        details = {
            part.detail for _, part in selection.fields if isinstance(part, Leaf) and part.detail is not None
        }
        if not details:
            return shared_object(selection.fields, lambda part: self._part(part, row, None))
        (table,) = details
        assert row.reads is not None
        detail = bare(table).alias()
        built = shared_object(selection.fields, lambda part: self._part(part, row, detail))
        return (
            sa.select(built)
            .where(*(detail.c[name] == row.columns[name] for name in row.reads.key))
            .where(visible(detail, self.grant, household_seen=True))
            .correlate_except(detail)
            .scalar_subquery()
        )

    def _part(self, part: Part, row: RowColumns, detail: FromClause | None) -> ColumnElement[Any] | Value:
        match part:
            case Absent():
                return NULL
            case ForbiddenNull(offset=offset):
                return forbidden_null(offset, row.type_name)
            case TypeName():
                return row.type_name
            case Leaf():
                return self._leaf(part, row, detail)
            case Within():
                return self._within(part, row)
            case RelatedRow():
                return self._to_one(part, row)
            case RelatedRows():
                return self._many(part, row)
            case Page():
                return self.pages.nested(part, row)
            case _:
                raise AssertionError(part)

    def _leaf(self, leaf: Leaf, row: RowColumns, detail: FromClause | None) -> ColumnElement[Any] | Value:
        match leaf.read:
            case ColumnValue(name=name, detail=False):
                return value_sql(row.columns[name], leaf.output)
            case ColumnValue(name=name):
                assert detail is not None
                return value_sql(detail.c[name], leaf.output)
            case Sealed(name=name, place=place):
                mark = self._emission.marks.secret(row.columns[name], row.columns["id"], place)
                return sa.type_coerce(mark, Plain())
            case Derived(sql=sql):
                assert row.table is not None
                return value_sql(sql(row.table, self.grant), leaf.output)
            case NodeId():
                assert row.reads is not None
                made = ids.encode_sql(row.reads.name, [row.columns[name] for name in row.reads.id_key])
                return sa.type_coerce(made, Plain())

    def _within(self, within: Within, row: RowColumns) -> ColumnElement[Any]:
        columns = {
            name: NULL if own is None else row.columns[own] for name, own in within.read.columns.items()
        }
        seen = next((name for name, own in within.read.columns.items() if own == row.seen), None)
        return self._selection(within.selection, RowColumns(columns, name_sql(within.read.to), seen))

    def belonging(
        self, to: str, join: Join, row: RowColumns, *, every_version: bool = False
    ) -> tuple[Reads, FromClause, list[ColumnElement[bool]]]:
        """A table's alias, and the condition for those of its rows that belong to a row and are in sight."""
        reads: Reads = TYPES[to].reads
        table = reads.rows(self.grant)
        seen = joined_in_sight(reads, join, row)
        sight = readable(reads, table, self.grant, every_version=every_version, household_seen=seen)
        return reads, table, [belongs(join, table, row.columns), sight]

    def _to_one(self, to_one: RelatedRow, row: RowColumns) -> ColumnElement[Any]:
        if (pointed_at := self._pointed_at(to_one, row)) is not None:
            return pointed_at
        reads, table, where = self.belonging(to_one.read.to, to_one.read.join, row)
        seen = joined_in_sight(reads, to_one.read.join, row)
        chosen = sa.select(self.object_of(to_one.choice, table, seen=seen)).where(*where).limit(1)
        if to_one.read.order is not None:
            chosen = chosen.order_by(*Keyset.of(reads, to_one.read.order).order_by(table))
        return chosen.correlate_except(table).scalar_subquery()

    def _pointed_at(self, to_one: RelatedRow, row: RowColumns) -> ColumnElement[Any] | None:
        """The object of a row that need not be read: only its key is selected, this row has the key as a foreign key, and
        every caller may see it."""
        to: Reads = TYPES[to_one.read.to].reads
        held = to_one.read.join.on
        if row.reads is None or not is_public(to.table) or len(to_one.choice.options) != 1:
            return None
        for remote, local in held.items():
            if not any(key.column is to.table.c[remote] for key in row.reads.table.c[local].foreign_keys):
                return None
        ((_, selection),) = to_one.choice.options
        fields: list[tuple[str, ColumnElement[Any] | Value]] = []
        for key, part in selection.fields:
            match part:
                case TypeName():
                    fields.append((key, name_sql(to_one.read.to)))
                case Leaf(read=ColumnValue(name=name, detail=False)) if name in held:
                    fields.append((key, value_sql(row.columns[held[name]], part.output)))
                case _:
                    return None
        missing = [row.columns[local] for local in held.values() if may_be_null(row.columns[local])]
        made = object_sql(fields)
        return sa.case((sa.and_(*(column.is_not(None) for column in missing)), made)) if missing else made

    def _many(self, many: RelatedRows, row: RowColumns) -> ColumnElement[Any]:
        read = many.read
        reads, table, where = self.belonging(read.to, read.join, row, every_version=read.every_version)
        if read.where is not None:
            where.append(read.where(table, self.grant))
        rows = (
            sa.select(*picked(table, of_choice(many.choice, table), reads))
            .where(*where)
            .order_by(*Keyset.of(reads, read.order, every_version=read.every_version).order_by(table))
            .limit(sa.literal_column(str(LARGEST_PAGE)))
            .correlate_except(table)
            .subquery()
        )
        seen = joined_in_sight(reads, read.join, row)
        return aggregated(list_sql(self.object_of(many.choice, rows, seen=seen)), rows)
