"""Connections: their pages, cursors and counts."""

from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select
from sqlalchemy.dialects import postgresql as pg

from auth.grant import Grant
from hub.foundation.encryption import Secrecy
from schema.engine.compile.argument_errors import arguments_of
from schema.engine.compile.builder_state import Emission, RowColumns, joined_in_sight
from schema.engine.compile.columns import of_page, picked
from schema.engine.compile.ir import Choice, Count, Cursor, Edges, Info, Nodes, Page, TypeName
from schema.engine.compile.json_sql import Plain, list_sql, name_sql, object_sql
from schema.engine.compile.sharing import shared_object
from schema.engine.declare.bind_parameters import ArgumentValue, Parameter
from schema.engine.declare.field_sources import TYPES, Connect, Join, Reads
from schema.engine.declare.filters import predicate
from schema.engine.declare.joins import readable
from schema.engine.declare.keyset import plain_sql
from schema.engine.declare.paging import PageRequest


class RowObjects(Protocol):
    """What writes the objects of rows: `compile.objects`, in which connections stand as these stand in connections."""

    grant: Grant

    def object_of(self, choice: Choice, table: FromClause, *, seen: bool = False) -> ColumnElement[Any]:
        """The object of a row of a table, by its kind."""

    def belonging(
        self, to: str, join: Join, row: RowColumns
    ) -> tuple[Reads, FromClause, list[ColumnElement[bool]]]:
        """A table's alias, and which of its rows belong to a row and are in sight."""


class Pages:
    """Writes connections into one statement; their nodes are objects again."""

    def __init__(self, objects: RowObjects, emission: Emission, secrecy: Secrecy) -> None:
        self._objects = objects
        self._emission = emission
        self._secrecy = secrecy

    def nested(self, page: Page, row: RowColumns) -> ColumnElement[Any]:
        with arguments_of(page.at):
            request = PageRequest.of(page.read, page.coordinate, page.arguments)
            rows = self.rows(page, request, row)
            return self.of(page, request, None if rows is None else rows.subquery(), row)

    def _connected(
        self, page: Page, row: RowColumns | None, *, counted: bool = False
    ) -> tuple[Reads, FromClause, list[ColumnElement[bool]]]:
        """A table's alias, and the condition for the rows of the connection: those that belong, are in sight and match the
        filter."""
        read = page.read
        if row is None or read.join is None:
            reads: Reads = TYPES[read.to].reads
            table: FromClause = reads.rows(self._objects.grant)
            where = [readable(reads, table, self._objects.grant, counted=counted)]
        else:
            reads, table, where = self._objects.belonging(read.to, read.join, row)
        if "filter" in page.arguments:
            argument = ArgumentValue(
                self._emission.parameters, page.at, ("filter",), page.arguments["filter"]
            )
            where.append(predicate(read, argument, table, self._objects.grant))
        return reads, table, where

    def rows(self, page: Page, request: PageRequest, row: RowColumns | None) -> Select[Any] | None:
        """The rows of a page, numbered (`place`), with one more than requested if the end of the list matters; None if nothing
        of the page itself is selected."""
        if not any(isinstance(part, Nodes | Edges | Info) for _, part in page.fields):
            return None
        reads, table, where = self._connected(page, row)
        if request.cursor is not None:
            where.append(request.keyset.beyond(table, self._cursor_values(page, request, table)))
        numbered = _numbered(page, request)
        rows: Select[Any] = (
            sa.select(*picked(table, of_page(page, request.keyset.columns, table), reads))
            .where(*where)
            .order_by(*request.keyset.order_by(table))
            .limit(sa.literal_column(str(request.size + (1 if numbered else 0))))
            .correlate_except(table)
        )
        if not numbered:
            return rows
        inner = rows.subquery()
        return sa.select(inner, sa.func.row_number().over().label("place")).correlate_except(inner)

    def _cursor_values(self, page: Page, request: PageRequest, table: FromClause) -> list[ColumnElement[Any]]:
        """The values in the cursor, as parameters."""
        argument = request.far_end

        def value(place: int) -> ColumnElement[Any]:
            column = table.c[request.keyset.columns[place]]

            def opened(cursor: str, grant: Grant) -> Any:
                return request.opened(self._secrecy, grant.agency, table, cursor)[place]

            name = self._emission.parameters.add(Parameter(page.at, (argument,), opened))
            return sa.bindparam(
                name, opened(page.arguments[argument], self._objects.grant), type_=column.type
            )

        return [value(place) for place in range(len(request.keyset.columns))]

    def of(
        self, page: Page, request: PageRequest, rows: FromClause | None, row: RowColumns | None
    ) -> ColumnElement[Any]:
        """The connection's object over the rows of its page."""
        return shared_object(page.fields, lambda part: self._of_page(part, page, request, rows, row), rows)

    def _of_page(
        self,
        part: Nodes | Edges | Info | Count | TypeName,
        page: Page,
        request: PageRequest,
        rows: FromClause | None,
        row: RowColumns | None,
    ) -> ColumnElement[Any]:
        match part:
            case TypeName():
                return name_sql(f"{page.read.to}Connection")
            case Count():
                _, table, where = self._connected(page, row, counted=True)
                return (
                    sa.select(sa.func.count())
                    .select_from(table)
                    .where(*where)
                    .correlate_except(table)
                    .scalar_subquery()
                )
        assert rows is not None
        only = rows.c.place <= request.size if "place" in rows.c else None
        order = rows.c.place.desc() if request.backwards else None
        match part:
            case Nodes(choice=choice):
                return list_sql(
                    self._objects.object_of(choice, rows, seen=_seen(page.read, row)), only, order
                )
            case Edges(fields=asked):
                edge = shared_object(
                    asked, lambda edge_field: self._of_edge(edge_field, page.read, request, rows, row)
                )
                return list_sql(edge, only, order)
            case Info(fields=named):
                return object_sql([(key, self._of_info(name, request, rows)) for key, name in named])

    def _of_edge(
        self,
        part: Nodes | Cursor | TypeName,
        read: Connect,
        request: PageRequest,
        rows: FromClause,
        row: RowColumns | None,
    ) -> ColumnElement[Any]:
        match part:
            case Cursor():
                return self._cursor(request, rows)
            case TypeName():
                return name_sql(f"{read.to}Edge")
            case Nodes(choice=choice):
                return self._objects.object_of(choice, rows, seen=_seen(read, row))

    def _cursor(self, request: PageRequest, rows: FromClause) -> ColumnElement[Any]:
        values = [plain_sql(rows.c[name]) for name in request.keyset.columns]
        return sa.type_coerce(self._emission.marks.cursor(values, request), Plain())

    def _of_info(self, name: str, request: PageRequest, rows: FromClause) -> ColumnElement[Any]:
        """A field of `pageInfo`; the rows are ordered from the near end of the page to the far one."""
        far_is_next = not request.backwards
        match name:
            case "hasNextPage" | "hasPreviousPage":
                if (name == "hasNextPage") == far_is_next:
                    return sa.func.count() > request.size
                return sa.true() if request.cursor is not None else sa.false()
            case "startCursor" | "endCursor":
                from_far = (name == "endCursor") == far_is_next
                place = rows.c.place.desc() if from_far else rows.c.place.asc()
                cursors = sa.func.array_agg(
                    pg.aggregate_order_by(self._cursor(request, rows), place),
                    type_=sa.ARRAY(Plain),
                )
                return cursors.filter(rows.c.place <= request.size)[1]
            case _:
                return name_sql("PageInfo")


def _seen(read: Connect, row: RowColumns | None) -> bool:
    """Whether the rows of a connection are joined to a household that is already known to be in sight."""
    return row is not None and read.join is not None and joined_in_sight(TYPES[read.to].reads, read.join, row)


def _numbered(page: Page, request: PageRequest) -> bool:
    return request.backwards or any(isinstance(part, Info) for _, part in page.fields)
