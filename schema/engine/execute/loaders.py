"""The reads of the reference executor: one DataLoader for each relation, and one statement for each batch."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy import ARRAY, ColumnElement, FromClause, Select
from strawberry.dataloader import DataLoader

from auth.grant import Grant
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import AmbiguousIdentity
from schema.engine.declare.bind_parameters import ArgumentValue
from schema.engine.declare.field_sources import Connect, Derived, Join, Lookup, Reads, ToMany, ToOne
from schema.engine.declare.filters import predicate
from schema.engine.declare.joins import belongs, local_names, readable
from schema.engine.declare.keyset import Keyset
from schema.engine.declare.paging import LARGEST_PAGE, PageRequest, PageRows

_MOST_KEYS = 1000
"""The most rows that one statement asks for: a much longer list of keys exceeds PostgreSQL's stack depth."""

Row = Mapping[str, Any]
Key = tuple[Any, ...]


class Reader(Protocol):
    """Runs statements for one request, in one snapshot."""

    async def rows(self, reads: Reads, statement: Select[Any], *, top: bool = False) -> Sequence[Row]:
        """The rows of a statement over a type's table; `top`: the rows belong to no other row of the answer."""
        ...


class Loaders:
    """The loaders of one request, or of one mutation within it."""

    def __init__(self, reader: Reader, grant: Grant, secrecy: Secrecy) -> None:
        self._reader = reader
        self._grant = grant
        self._secrecy = secrecy
        self._made: dict[object, DataLoader[Any, Any]] = {}

    def _loader(self, key: object, load: Callable[[list[Key]], Any]) -> DataLoader[Any, Any]:
        if key not in self._made:
            self._made[key] = DataLoader(load_fn=load, max_batch_size=_MOST_KEYS)
        return self._made[key]

    def detail(self, of: Any) -> DataLoader[Key, Row]:
        """The detail rows of a type, by key."""
        reads: Reads = of.reads
        assert reads.detail is not None
        table = reads.detail

        async def load(keys: list[Key]) -> list[Row]:
            key = [table.c[name] for name in reads.key]
            found = await self._reader.rows(
                reads,
                sa.select(table).where(
                    sa.tuple_(*key).in_(keys), readable(reads, table, self._grant, every_version=True)
                ),
            )
            by_key = {tuple(row[name] for name in reads.key): row for row in found}
            return [by_key[key] for key in keys]

        return self._loader(table.name, load)

    def derived(self, of: Any, read: Derived) -> DataLoader[Key, Any]:
        """An expression over the rows of a type, by key."""
        reads: Reads = of.reads

        async def load(keys: list[Key]) -> list[Any]:
            table = reads.rows(self._grant)
            key = [table.c[name] for name in reads.key]
            found = await self._reader.rows(
                reads,
                sa.select(*key, read.sql(table, self._grant).label("derived")).where(
                    sa.tuple_(*key).in_(keys), readable(reads, table, self._grant, every_version=True)
                ),
            )
            by_key = {tuple(row[name] for name in reads.key): row["derived"] for row in found}
            return [by_key.get(key) for key in keys]

        return self._loader((of, read), load)

    async def to_one(self, read: ToOne, row: Row) -> Any:
        """The object that a row points at, or None."""
        target: Any = read.target
        inner = Keyset.of(target.reads, read.order) if read.order else None
        rows = await self._related(read, read.join, target.reads, inner, row, limit=1)
        return target.of(rows[0]) if rows else None

    async def to_many(self, read: ToMany, row: Row) -> list[Any]:
        """The objects that belong to a row, in order."""
        target: Any = read.target
        rows = await self._related(
            read,
            read.join,
            target.reads,
            Keyset.of(target.reads, read.order, every_version=read.every_version),
            row,
            limit=LARGEST_PAGE,
        )
        return [target.of(one) for one in rows]

    async def _related(
        self, read: ToOne | ToMany, join: Join, reads: Reads, keyset: Keyset | None, row: Row, limit: int
    ) -> Sequence[Row]:
        names = local_names(join)
        local = tuple(_plain(row[name]) for name in names)
        required = {name for remote, name in join.on.items() if remote not in join.optional}
        if any(row[name] is None for name in required):
            return []

        async def load(keys: list[Key]) -> list[Sequence[Row]]:
            table = reads.rows(self._grant)
            where = [readable(reads, table, self._grant, every_version=getattr(read, "every_version", False))]
            if getattr(read, "where", None) is not None:
                where.append(read.where(table, self._grant))  # type: ignore[union-attr, misc]

            def select(near: Mapping[str, ColumnElement[Any]]) -> Select[Any]:
                chosen = sa.select(table).where(belongs(join, table, near), *where).limit(limit)
                return chosen.order_by(*keyset.order_by(table)) if keyset else chosen

            return await self._for_each(reads, names, join, table, keys, select)

        found: Sequence[Row] = await self._loader(id(read), load).load(local)
        return found

    async def _for_each(
        self,
        reads: Reads,
        names: list[str],
        join: Join,
        table: FromClause,
        keys: list[Key],
        select: Callable[[Mapping[str, ColumnElement[Any]]], Select[Any]],
    ) -> list[Sequence[Row]]:
        """Run a select for each near row, in one statement: unnest … cross join lateral."""
        types = _types(names, join, table)
        arrays = [sa.cast([key[place] for key in keys], sa.ARRAY(kind)) for place, kind in enumerate(types)]
        near = (
            sa.func.unnest(*arrays)
            .table_valued(
                *(sa.column(f"near_{name}", kind) for name, kind in zip(names, types, strict=True)),
                with_ordinality="near_place",
            )
            .render_derived(name="near")
        )
        listed = {name: table.c[remote].type for remote, name in join.among.items()}
        local = {
            name: sa.func.string_to_array(near.c[f"near_{name}"], ",").cast(sa.ARRAY(listed[name]))
            if name in listed
            else near.c[f"near_{name}"]
            for name in names
        }
        each: FromClause = select(local).lateral("each")
        found = await self._reader.rows(
            reads,
            sa.select(near.c.near_place, each)
            .select_from(near.join(each, sa.true()))
            .order_by(near.c.near_place),
        )
        grouped: list[list[Row]] = [[] for _ in keys]
        for row in found:
            grouped[row["near_place"] - 1].append(row)
        return list(grouped)

    async def page(
        self, read: Connect, request: PageRequest, given: ArgumentValue | None, parent: Row | None
    ) -> PageRows:
        """One page of a connection."""
        target: Any = read.target
        reads: Reads = target.reads

        def select(table: FromClause, near: Mapping[str, ColumnElement[Any]]) -> Select[Any]:
            chosen = sa.select(table).where(*self._of_connection(read, given, table, near))
            if request.cursor is not None:
                values = request.opened(self._secrecy, self._grant.agency, table, request.cursor)
                chosen = chosen.where(request.keyset.beyond(table, values))
            return chosen.order_by(*request.keyset.order_by(table)).limit(request.size + 1)

        rows = await self._connected(("page", id(read), request, _frozen(given)), read, reads, parent, select)
        kept = rows[: request.size]
        return PageRows(list(reversed(kept)) if request.backwards else kept, more=len(rows) > request.size)

    async def count(self, read: Connect, given: ArgumentValue | None, parent: Row | None) -> int:
        """The number of rows in a connection, on all pages."""
        target: Any = read.target

        def select(table: FromClause, near: Mapping[str, ColumnElement[Any]]) -> Select[Any]:
            return (
                sa.select(sa.func.count().label("count"))
                .select_from(table)
                .where(*self._of_connection(read, given, table, near))
            )

        key = ("count", id(read), _frozen(given))
        rows = await self._connected(key, read, target.reads, parent, select)
        return int(rows[0]["count"])

    def _of_connection(
        self,
        read: Connect,
        given: ArgumentValue | None,
        table: FromClause,
        near: Mapping[str, ColumnElement[Any]],
    ) -> list[ColumnElement[bool]]:
        reads: Reads = read.target.reads
        return [
            belongs(read.join, table, near),
            readable(reads, table, self._grant),
            predicate(read, given, table, self._grant),
        ]

    async def _connected(
        self,
        key: object,
        read: Connect,
        reads: Reads,
        parent: Row | None,
        select: Callable[[FromClause, Mapping[str, ColumnElement[Any]]], Select[Any]],
    ) -> Sequence[Row]:
        table = reads.rows(self._grant)
        if read.join is None or parent is None:
            return await self._reader.rows(reads, select(table, {}), top=True)
        join, names = read.join, local_names(read.join)

        async def load(keys: list[Key]) -> list[Sequence[Row]]:
            return await self._for_each(reads, names, join, table, keys, lambda near: select(table, near))

        local = tuple(_plain(parent[name]) for name in names)
        found: Sequence[Row] = await self._loader(key, load).load(local)
        return found

    async def lookup(self, read: Lookup, argument: ArgumentValue) -> Any:
        """The only object that an argument names, or None; raises AmbiguousIdentity."""
        target: Any = read.target
        table = target.reads.rows(self._grant)
        rows = await self._reader.rows(
            target.reads,
            sa.select(table)
            .where(read.where(table, argument, self._secrecy), readable(target.reads, table, self._grant))
            .limit(2),
            top=True,
        )
        if len(rows) > 1:
            raise AmbiguousIdentity
        return target.of(rows[0]) if rows else None

    async def by_key(self, target: Any, names: tuple[str, ...], key: Key) -> Any:
        """The object whose columns `names` have the values `key`, or None if it is out of sight."""
        reads: Reads = target.reads

        async def load(keys: list[Key]) -> list[Any]:
            table = reads.rows(self._grant)
            columns = [table.c[name] for name in names]
            found = await self._reader.rows(
                reads,
                sa.select(table).where(sa.tuple_(*columns).in_(keys), readable(reads, table, self._grant)),
                top=True,
            )
            by_key = {tuple(row[name] for name in names): row for row in found}
            return [target.of(by_key[key]) if key in by_key else None for key in keys]

        return await self._loader((target, names), load).load(key)

    async def node(self, target: Any, key: Key) -> Any:
        """The object of a node's key, or None if it is out of sight."""
        reads: Reads = target.reads
        if len(key) != len(reads.id_key) or not self._grant.covers(reads.scopes):
            return None
        return await self.by_key(target, reads.id_key, key)


def _frozen(given: ArgumentValue | None) -> str:
    """A key that distinguishes filters, for the loaders' cache."""
    return "" if given is None else repr(given.value)


def _plain(value: Any) -> Any:
    """The value of a near row as a key; an array becomes its text, since arrays of arrays are not possible here."""
    return ",".join(map(str, value)) if isinstance(value, list) else value


def _types(names: list[str], join: Join, table: FromClause) -> list[Any]:
    """The SQL types of the near columns: those of the columns with which they are compared."""
    types = {name: table.c[remote].type for remote, name in join.on.items()}
    types |= {name: sa.Text() for name in join.among.values()}
    types |= {name: sa.Boolean() for remote, name in join.unless.items() if remote in join.among}
    for remote, name in join.holds.items():
        array = table.c[remote].type
        assert isinstance(array, ARRAY)
        types[name] = array.item_type
    if join.through is not None:
        link, to_local, _ = join.through
        types |= {name: link.c[column].type for column, name in to_local.items()}
    return [types[name] for name in names]
