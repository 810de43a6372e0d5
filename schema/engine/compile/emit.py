"""Pass 5: the lowered tree -> one statement, which answers the whole operation as JSON.

Each object is JSON text (`compile.json_sql`), and each relation is a scalar subselect. A statement returns one row: `data`,
`households` and `persons` (of each row at the top), `others` (the number of rows at the top without a household), `ambiguous`
(look-ups with several results).

For values that the database cannot make (decrypted values, encrypted cursors) the statement leaves marks
(`compile.placeholders`).
"""

from functools import partial
from operator import add
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select
from sqlalchemy.dialects import postgresql as pg

from auth.grant import Grant
from hub.foundation.encryption import Secrecy
from schema.engine.compile.argument_errors import arguments_of
from schema.engine.compile.builder_state import Emission, Touched
from schema.engine.compile.columns import of_choice, picked
from schema.engine.compile.ir import (
    Absent,
    Choice,
    ForbiddenNull,
    Found,
    Identified,
    Page,
    Part,
    Selection,
    TypeName,
)
from schema.engine.compile.json_sql import NULL, Value, name_sql
from schema.engine.compile.objects import Objects, forbidden_null
from schema.engine.compile.sharing import in_pairs, shared_object
from schema.engine.declare import ids
from schema.engine.declare.bind_parameters import ArgumentValue
from schema.engine.declare.field_sources import TYPES, Reads
from schema.engine.declare.joins import readable
from schema.engine.declare.paging import PageRequest
from schema.engine.declare.row_types import NODES

_NOBODY: ColumnElement[Any] = sa.cast(sa.literal_column("'{}'"), sa.ARRAY(sa.Uuid))
_NO_ROWS: ColumnElement[Any] = sa.cast(sa.null(), sa.ARRAY(sa.Uuid))
"""Replaces the persons if no row at the top belongs to one: reading a null takes no time."""
KEY = "key_"
"""The prefix of parameters that hold keys."""


class Emitter:
    """The pass over one operation. The grant decides the statement's structure; its values are bound for each request."""

    def __init__(self, grant: Grant, secrecy: Secrecy) -> None:
        self._grant = grant
        self._secrecy = secrecy
        self.emission = Emission()
        self._objects = Objects(self.emission, grant, secrecy)

    def emit(self, operation: Selection) -> Select[Any]:
        """The statement; raises HubError if an argument is invalid."""
        made = self.emission
        data = shared_object(operation.fields, self._root)
        households = [column for rows in made.touched if (column := rows.households) is not None]
        touched = in_pairs(households, sa.func.array_cat) if households else _NOBODY
        persons = [column for rows in made.touched if (column := rows.persons) is not None]
        others = [rows.count for rows in made.touched if rows.households is None]
        flags = [
            sa.case((made.ambiguous[part], name_sql(key)))
            for key, part in operation.fields
            if part in made.ambiguous
        ]
        ambiguous = sa.func.array_remove(pg.array(flags), None) if flags else _NOBODY
        return sa.select(
            _bytes(data).label("data"),
            touched.label("households"),
            (in_pairs(persons, sa.func.array_cat) if persons else _NO_ROWS).label("persons"),
            in_pairs([sa.literal_column("0"), *others], add).label("others"),
            ambiguous.label("ambiguous"),
        )

    def emit_saved_row(self, choice: Choice) -> Select[Any]:
        """The statement that reads rows by the keys of their ids, one array, `KEY + column`, for each column of the keys.

        Its one row: `data`, the JSON of each row in sight as text; `places`, the number of the key of each, from 1;
        `households`, `persons` and `rows` as above.
        """
        reads: Reads = TYPES[choice.to].reads
        table = reads.rows(self._grant)
        names = reads.id_key
        arrays = [sa.bindparam(KEY + name, [], type_=sa.ARRAY(table.c[name].type)) for name in names]
        wanted = (
            sa.func.unnest(*arrays)
            .table_valued(*(sa.column(name, table.c[name].type) for name in names), with_ordinality="place")
            .render_derived(name="wanted")
        )
        same = sa.and_(*(table.c[name] == wanted.c[name] for name in names))
        rows = (
            sa.select(*picked(table, of_choice(choice, table), reads), wanted.c.place)
            .select_from(wanted.join(table, same))
            .where(readable(reads, table, self._grant))
            .cte()
        )
        household = NULL if reads.household is None else rows.c[reads.household]
        person = _NOBODY if reads.person is None else _values_of(rows, rows.c[reads.person])
        made = _bytes(self._objects.object_of(choice, rows))

        def listed(value: ColumnElement[Any]) -> ColumnElement[Any]:
            return sa.func.array(sa.select(value).select_from(rows).order_by(rows.c.place).scalar_subquery())

        return sa.select(
            listed(made).label("data"),
            listed(rows.c.place).label("places"),
            listed(household).label("households"),
            person.label("persons"),
            sa.select(sa.func.count()).select_from(rows).scalar_subquery().label("rows"),
        )

    def _root(self, part: Part) -> ColumnElement[Any] | Value:
        match part:
            case Absent():
                return NULL
            case ForbiddenNull(offset=offset):
                return forbidden_null(offset, name_sql("Query"))
            case TypeName():
                return name_sql("Query")
            case Page():
                with arguments_of(part.at):
                    return self._root_page(part)
            case Found():
                with arguments_of(part.at):
                    return self._found(part)
            case Identified():
                with arguments_of(part.at):
                    return self._identified(part)
            case _:
                raise AssertionError(part)

    def _root_page(self, page: Page) -> ColumnElement[Any]:
        request = PageRequest.of(page.read, page.coordinate, page.arguments)
        chosen = self._objects.pages.rows(page, request, None)
        if chosen is None:
            return self._objects.pages.of(page, request, None, None)
        rows = chosen.cte()
        self._touch(
            TYPES[page.read.to].reads, rows, rows.c.place <= request.size if "place" in rows.c else sa.true()
        )
        return self._objects.pages.of(page, request, rows, None)

    def _found(self, found: Found) -> ColumnElement[Any]:
        reads: Reads = TYPES[found.read.to].reads
        table = reads.rows(self._grant)
        arguments = found.read.argument_value(self.emission.parameters, found.at, found.arguments)
        rows = (
            sa.select(*picked(table, of_choice(found.choice, table), reads))
            .where(found.read.where(table, arguments, self._secrecy), readable(reads, table, self._grant))
            .limit(1 if found.read.unique else 2)
            .cte()
        )
        if found.read.unique:
            self._touch(reads, rows, sa.true())
            return self._object_of(found.choice, rows)
        several = sa.select(sa.func.count() > 1).select_from(rows).scalar_subquery()
        self.emission.ambiguous[found] = several
        self._touch(reads, rows, ~several)
        return self._object_of(found.choice, rows, ~several)

    def _object_of(self, choice: Choice, rows: FromClause, *only: ColumnElement[bool]) -> ColumnElement[Any]:
        """The object of a single row, or null."""
        made = self._objects.object_of(choice, rows)
        return sa.select(made).select_from(rows).where(*only).scalar_subquery()

    def _identified(self, identified: Identified) -> ColumnElement[Any]:
        (name,) = identified.arguments
        argument = ArgumentValue(self.emission.parameters, identified.at, (name,), identified.arguments[name])
        kind = argument.bind(sa.Text, lambda text: _known_id(text)[0])
        objects: list[ColumnElement[Any]] = []
        for noun, choice in identified.choices:
            reads: Reads = TYPES[choice.to].reads
            table = reads.rows(self._grant)
            parts = [
                argument.bind(sa.Uuid, partial(_part_of_id, place)) for place in range(len(reads.id_key) + 1)
            ]
            key = [table.c[column] == part for column, part in zip(reads.id_key, parts, strict=False)]
            rows = (
                sa.select(*picked(table, of_choice(choice, table), reads))
                .where(kind == noun, *key, parts[-1].is_(None), readable(reads, table, self._grant))
                .limit(1)
                .cte()
            )
            self._touch(reads, rows, sa.true())
            objects.append(self._object_of(choice, rows))
        return sa.func.coalesce(*objects) if objects else NULL

    def _touch(self, reads: Reads, rows: FromClause, only: ColumnElement[bool]) -> None:
        """Note the households and persons of the rows, or the number of rows without a household."""
        of = None if reads.household is None else rows.c[reads.household]
        households = None if of is None else sa.func.array(sa.select(of).where(only).scalar_subquery())
        count = sa.select(sa.func.count()).select_from(rows).where(only).scalar_subquery()
        persons = None if reads.person is None else _values_of(rows, rows.c[reads.person], only)
        self.emission.touched.append(Touched(households, persons, count))


def _values_of(
    rows: FromClause, column: ColumnElement[Any], *only: ColumnElement[bool]
) -> ColumnElement[Any]:
    """The values of a column in some rows, without nulls."""
    chosen = sa.select(column).select_from(rows).where(column.is_not(None), *only)
    return sa.func.array(chosen.scalar_subquery())


def _bytes(text: ColumnElement[str]) -> ColumnElement[bytes]:
    """The result as bytes, so that the driver does not decode it."""
    return sa.func.convert_to(text, sa.literal_column("'UTF8'"), type_=sa.LargeBinary())


def _known_id(text: str) -> tuple[str, tuple[UUID, ...]]:
    """The name and key in an id; raises InvalidId if no type has that name."""
    name, key = ids.decode(text)
    if name not in NODES:
        raise ids.no_node()
    return name, key


def _part_of_id(place: int, text: str) -> UUID | None:
    """A part of the key in an id; None if the key has fewer parts."""
    _, key = _known_id(text)
    return key[place] if place < len(key) else None
