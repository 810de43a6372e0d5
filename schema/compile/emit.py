"""Pass 5: the lowered tree -> one statement, which answers the whole operation as JSON.

Each object is a `json_build_object`, each relation a scalar subselect beside it, so a statement answers one row:
`data` (JSON), `households` (which ones it touched), `rows` (how many at the top), `ambiguous` (look-ups with several).
What the database cannot make (opened secrets, sealed cursors) it leaves as marks (`schema.compile.marks`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import ColumnElement, FromClause, Select
from sqlalchemy.dialects import postgresql as pg

from auth.grant import Grant
from hub.secrecy import Secrecy
from schema import ids
from schema.compile.json_sql import NULL, list_sql, name_sql, object_sql, value_sql
from schema.compile.lowered import (
    Absent,
    Choice,
    Count,
    Cursor,
    Edges,
    Found,
    Identified,
    Info,
    Leaf,
    Many,
    Nodes,
    One,
    Page,
    Part,
    Selection,
    TypeName,
    Within,
)
from schema.compile.marks import Marks
from schema.filters import predicate
from schema.given import Given, Parameter, Parameters
from schema.joins import belongs, readable
from schema.keyset import Keyset, plain_sql
from schema.paging import LARGEST_PAGE, PageRequest
from schema.reads import TYPES, Column, Connect, Derived, Join, NodeId, Reads, Sealed
from schema.rowtypes import NODES


@dataclass(frozen=True)
class Row:
    """A row at hand: its columns by name, and which of them is the id of a household that is in sight already."""

    columns: Mapping[str, ColumnElement[Any]]
    type_name: ColumnElement[str]
    seen: str | None = None
    table: FromClause | None = None
    reads: Reads | None = None


@dataclass
class Emission:
    """A statement on its way: its parts, its parameters, its marks."""

    data: list[tuple[str, ColumnElement[Any]]] = field(default_factory=list)
    households: list[ColumnElement[Any]] = field(default_factory=list)
    rows: list[ColumnElement[int]] = field(default_factory=list)
    ambiguous: list[tuple[str, ColumnElement[bool]]] = field(default_factory=list)
    parameters: Parameters = field(default_factory=Parameters)
    marks: Marks = field(default_factory=Marks)


class Emitter:
    """The pass over one operation. The grant gives the statement its shape; its values are bound for each request."""

    def __init__(self, grant: Grant, secrecy: Secrecy) -> None:
        self._grant = grant
        self._secrecy = secrecy
        self.emission = Emission()

    def emit(self, operation: Selection) -> Select[Any]:
        """The statement; raises HubError where an argument cannot be used."""
        made = self.emission
        for key, part in operation.fields:
            made.data.append((key, self._root(key, part)))
        nobody = sa.cast(sa.literal_column("'{}'"), sa.ARRAY(sa.Uuid))
        touched: ColumnElement[Any] = nobody
        for households in made.households:
            touched = sa.func.array_cat(touched, households)
        rows = sum(made.rows, start=sa.literal_column("0"))
        ambiguous = sa.func.array_remove(
            sa.func.array_cat(
                sa.cast(sa.literal_column("'{}'"), sa.ARRAY(sa.Text)),
                pg.array([sa.case((flag, name_sql(key))) for key, flag in made.ambiguous]),
            ),
            None,
        ) if made.ambiguous else nobody  # fmt: skip
        return sa.select(
            sa.cast(object_sql(made.data), sa.Text).label("data"),
            touched.label("households"), rows.label("rows"), ambiguous.label("ambiguous"),
        )  # fmt: skip

    def _root(self, key: str, part: Part) -> ColumnElement[Any]:
        match part:
            case Absent():
                return NULL
            case TypeName():
                return name_sql("Query")
            case Page():
                return self._root_page(part)
            case Found():
                return self._found(key, part)
            case Identified():
                return self._identified(part)
            case _:
                raise AssertionError(part)

    # --- rows at the top ---

    def _root_page(self, page: Page) -> ColumnElement[Any]:
        request = PageRequest.of(page.read, page.coordinate, page.arguments)
        chosen = self._rows(page, request, None)
        if chosen is None:
            return self._page(page, request, None, None)
        rows = chosen.cte()
        self._touch(
            TYPES[page.read.to].reads, rows, rows.c.place <= request.size if "place" in rows.c else sa.true()
        )
        return self._page(page, request, rows, None)

    def _found(self, key: str, found: Found) -> ColumnElement[Any]:
        reads: Reads = TYPES[found.read.to].reads
        table = reads.table.alias()
        (name,) = found.arguments
        given = Given(self.emission.parameters, found.at, (name,), found.arguments[name])
        rows = (
            sa.select(table)
            .where(found.read.where(table, given, self._secrecy), readable(reads, table, self._grant))
            .limit(2)
            .cte()
        )
        several = sa.select(sa.func.count() > 1).select_from(rows).scalar_subquery()
        self.emission.ambiguous.append((key, several))
        self._touch(reads, rows, ~several)
        return sa.select(self._object(found.choice, rows)).select_from(rows).where(~several).scalar_subquery()

    def _identified(self, identified: Identified) -> ColumnElement[Any]:
        (name,) = identified.arguments
        given = Given(self.emission.parameters, identified.at, (name,), identified.arguments[name])
        kind = given.bind(sa.Text, lambda text: _known_id(text)[0])
        objects: list[ColumnElement[Any]] = []
        for noun, choice in identified.choices:
            reads: Reads = TYPES[choice.to].reads
            table = reads.table.alias()
            parts = [
                given.bind(sa.Uuid, partial(_part_of_id, place)) for place in range(len(reads.id_key) + 1)
            ]
            key = [table.c[column] == part for column, part in zip(reads.id_key, parts, strict=False)]
            rows = (
                sa.select(table)
                .where(kind == noun, *key, parts[-1].is_(None), readable(reads, table, self._grant))
                .limit(1)
                .cte()
            )
            self._touch(reads, rows, sa.true())
            objects.append(sa.select(self._object(choice, rows)).select_from(rows).scalar_subquery())
        return sa.func.coalesce(*objects) if objects else NULL

    def _touch(self, reads: Reads, rows: FromClause, only: ColumnElement[bool]) -> None:
        """Note which households the rows are of, and how many rows there are."""
        self.emission.rows.append(sa.select(sa.func.count()).select_from(rows).where(only).scalar_subquery())
        if (household := reads.household) is not None:
            self.emission.households.append(
                sa.func.array(sa.select(rows.c[household]).where(only).scalar_subquery())
            )

    # --- objects ---

    def _object(self, choice: Choice, table: FromClause) -> ColumnElement[Any]:
        """The object of a row of a table, by its kind."""
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
        row = Row(dict(table.c), type_name, reads.household, table, reads)
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

    def _selection(self, selection: Selection, row: Row) -> ColumnElement[Any]:
        details = {
            part.detail for _, part in selection.fields if isinstance(part, Leaf) and part.detail is not None
        }
        if not details:
            return object_sql([(key, self._part(part, row, None)) for key, part in selection.fields])
        (table,) = details
        assert row.reads is not None
        detail = table.alias()
        built = object_sql([(key, self._part(part, row, detail)) for key, part in selection.fields])
        return (
            sa.select(built)
            .where(*(detail.c[name] == row.columns[name] for name in row.reads.key))
            .correlate_except(detail)
            .scalar_subquery()
        )

    def _part(self, part: Part, row: Row, detail: FromClause | None) -> ColumnElement[Any]:
        match part:
            case Absent():
                return NULL
            case TypeName():
                return row.type_name
            case Leaf():
                return self._leaf(part, row, detail)
            case Within():
                return self._within(part, row)
            case One():
                return self._one(part, row)
            case Many():
                return self._many(part, row)
            case Page():
                return self._nested_page(part, row)
            case _:
                raise AssertionError(part)

    def _leaf(self, leaf: Leaf, row: Row, detail: FromClause | None) -> ColumnElement[Any]:
        match leaf.read:
            case Column(name=name, detail=False):
                return value_sql(row.columns[name], leaf.output)
            case Column(name=name):
                assert detail is not None
                return value_sql(detail.c[name], leaf.output)
            case Sealed(name=name, place=place):
                return self.emission.marks.secret(row.columns[name], row.columns["id"], place)
            case Derived(sql=sql):
                assert row.table is not None
                return value_sql(sql(row.table, self._grant), leaf.output)
            case NodeId():
                assert row.reads is not None
                return ids.encode_sql(row.reads.name, [row.columns[name] for name in row.reads.id_key])

    def _within(self, within: Within, row: Row) -> ColumnElement[Any]:
        columns = {
            name: NULL if own is None else row.columns[own] for name, own in within.read.columns.items()
        }
        seen = next((name for name, own in within.read.columns.items() if own == row.seen), None)
        return self._selection(within.selection, Row(columns, name_sql(within.read.to), seen))

    # --- relations ---

    def _belonging(
        self, to: str, join: Join, row: Row, *, every_version: bool = False
    ) -> tuple[Reads, FromClause, list[ColumnElement[bool]]]:
        """A table's alias, and which of its rows belong to a row and are in sight."""
        reads: Reads = TYPES[to].reads
        table = reads.table.alias()
        seen = (
            row.seen is not None and reads.household is not None and join.on.get(reads.household) == row.seen
        )
        sight = readable(reads, table, self._grant, every_version=every_version, household_seen=seen)
        return reads, table, [belongs(join, table, row.columns), sight]

    def _one(self, one: One, row: Row) -> ColumnElement[Any]:
        reads, table, where = self._belonging(one.read.to, one.read.join, row)
        chosen = sa.select(self._object(one.choice, table)).where(*where).limit(1)
        if one.read.order is not None:
            chosen = chosen.order_by(*Keyset.of(reads, one.read.order).order_by(table))
        return chosen.correlate_except(table).scalar_subquery()

    def _many(self, many: Many, row: Row) -> ColumnElement[Any]:
        read = many.read
        reads, table, where = self._belonging(read.to, read.join, row, every_version=read.every_version)
        if read.where is not None:
            where.append(read.where(table, self._grant))
        rows = (
            sa.select(table)
            .where(*where)
            .order_by(*Keyset.of(reads, read.order).order_by(table))
            .limit(sa.literal_column(str(LARGEST_PAGE)))
            .correlate_except(table)
            .subquery()
        )
        return self._aggregated(list_sql(self._object(many.choice, rows)), rows)

    # --- connections ---

    def _nested_page(self, page: Page, row: Row) -> ColumnElement[Any]:
        request = PageRequest.of(page.read, page.coordinate, page.arguments)
        rows = self._rows(page, request, row)
        return self._page(page, request, None if rows is None else rows.subquery(), row)

    def _connected(self, page: Page, row: Row | None) -> tuple[Reads, FromClause, list[ColumnElement[bool]]]:
        """A table's alias, and which of its rows are in the connection: belonging, in sight, not filtered out."""
        read = page.read
        if row is None or read.join is None:
            reads: Reads = TYPES[read.to].reads
            table: FromClause = reads.table.alias()
            where = [readable(reads, table, self._grant)]
        else:
            reads, table, where = self._belonging(read.to, read.join, row)
        if "filter" in page.arguments:
            given = Given(self.emission.parameters, page.at, ("filter",), page.arguments["filter"])
            where.append(predicate(read, given, table, self._grant))
        if read.where is not None:
            where.append(read.where(table, self._grant))
        return reads, table, where

    def _rows(self, page: Page, request: PageRequest, row: Row | None) -> Select[Any] | None:
        """The rows of a page, numbered (`place`) with one more than asked for where it matters what lies beyond; None
        where nothing of the page itself is asked."""
        if not any(isinstance(part, Nodes | Edges | Info) for _, part in page.fields):
            return None
        _, table, where = self._connected(page, row)
        if request.cursor is not None:
            where.append(request.keyset.beyond(table, self._cursor_values(page, request, table)))
        numbered = _numbered(page, request)
        rows = (
            sa.select(table)
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
        """The values in the cursor given, as parameters."""
        argument = "before" if request.backwards else "after"

        def value(place: int) -> ColumnElement[Any]:
            column = table.c[request.keyset.columns[place]]

            def opened(cursor: str, grant: Grant) -> Any:
                return request.cursors(self._secrecy, grant.client).open(request.keyset, table, cursor)[place]

            name = self.emission.parameters.add(Parameter(page.at, (argument,), opened))
            return sa.bindparam(name, opened(page.arguments[argument], self._grant), type_=column.type)

        return [value(place) for place in range(len(request.keyset.columns))]

    def _page(
        self, page: Page, request: PageRequest, rows: FromClause | None, row: Row | None
    ) -> ColumnElement[Any]:
        """The connection's object over the rows of its page."""
        fields = [(key, self._of_page(part, page, request, rows, row)) for key, part in page.fields]
        built = object_sql(fields)
        return built if rows is None else self._aggregated(built, rows)

    def _of_page(
        self, part: Nodes | Edges | Info | Count | TypeName, page: Page, request: PageRequest,
        rows: FromClause | None, row: Row | None,
    ) -> ColumnElement[Any]:  # fmt: skip
        match part:
            case TypeName():
                return name_sql(f"{page.read.to}Connection")
            case Count():
                _, table, where = self._connected(page, row)
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
                return list_sql(self._object(choice, rows), only, order)
            case Edges(fields=asked):
                edge = object_sql([(key, self._of_edge(one, page.read, request, rows)) for key, one in asked])
                return list_sql(edge, only, order)
            case Info(fields=named):
                return object_sql([(key, self._of_info(name, request, rows)) for key, name in named])

    def _of_edge(
        self, part: Nodes | Cursor | TypeName, read: Connect, request: PageRequest, rows: FromClause
    ) -> ColumnElement[Any]:
        match part:
            case Cursor():
                return self._cursor(request, rows)
            case TypeName():
                return name_sql(f"{read.to}Edge")
            case Nodes(choice=choice):
                return self._object(choice, rows)

    def _cursor(self, request: PageRequest, rows: FromClause) -> ColumnElement[Any]:
        values = [plain_sql(rows.c[name]) for name in request.keyset.columns]
        return self.emission.marks.cursor(values, request)

    def _of_info(self, name: str, request: PageRequest, rows: FromClause) -> ColumnElement[Any]:
        """A field of `pageInfo`; the rows run from the near end of the page to the far one."""
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
                    type_=sa.ARRAY(sa.Text),
                )
                return cursors.filter(rows.c.place <= request.size)[1]
            case _:
                return name_sql("PageInfo")

    def _aggregated(self, built: ColumnElement[Any], rows: FromClause) -> ColumnElement[Any]:
        # HAVING makes it one group and one row, even where no more than constants are asked of it.
        one_row = sa.select(built).select_from(rows).having(sa.literal_column("true"))
        return one_row.correlate_except(rows).scalar_subquery()


def _numbered(page: Page, request: PageRequest) -> bool:
    return request.backwards or any(isinstance(part, Info) for _, part in page.fields)


def _known_id(text: str) -> tuple[str, tuple[UUID, ...]]:
    """The name and key in an id; raises InvalidId where no type has that name."""
    name, key = ids.decode(text)
    if name not in NODES:
        raise ids.InvalidId(noun="node", path=("id",))
    return name, key


def _part_of_id(place: int, text: str) -> UUID | None:
    """A part of the key in an id; None where the key has fewer."""
    _, key = _known_id(text)
    return key[place] if place < len(key) else None
