"""SQL that is written with SQLAlchemy Core once, rendered once for the driver, and run for every request.

Building an expression, its cache key and its parameters costs more than the database takes to answer it. What runs in
every request is therefore rendered when it is first needed, and goes to asyncpg as text with numbered parameters.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson
import sqlalchemy as sa
from sqlalchemy import BindParameter, ClauseElement, ColumnElement, FromClause
from sqlalchemy.dialects.postgresql import asyncpg as dialects
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import TypeEngine

from hub.foundation.database import driver_of

_PARTS_AT_ONCE = 100
"""PostgreSQL's functions take a hundred arguments."""


class JoinedText(ColumnElement[Any]):
    """Constants and expressions joined to one text, in which a null is nothing; never null itself. All by one function, because
    PostgreSQL looks up each function of a statement whenever it runs. A constant is the hub's own: SQL escapes nothing in it.

    `if_null`: the constant instead, where the one expression is null."""

    __visit_name__ = "joined_text"
    _traverse_internals = [("expressions", InternalTraversal.dp_clauseelement_list)]  # noqa: RUF012  # SQLAlchemy's own

    def __init__(
        self,
        parts: Sequence[str | ColumnElement[Any]],
        kind: TypeEngine[Any] | type[TypeEngine[Any]],
        if_null: str | None = None,
    ) -> None:
        self.parts = tuple(parts)
        self.expressions = [part for part in parts if not isinstance(part, str)]
        self.type = sa.types.to_instance(kind)
        self.if_null = if_null

    @property
    def _from_objects(self) -> list[FromClause]:
        return [one for expression in self.expressions for one in expression._from_objects]


class _Compiler(dialects.PGCompiler_asyncpg):
    """Writes the constants of the hub's own declarations into the text: the planner should know them, and they need not
    travel with each request. What has a name (a caller's value, the grant, the mark) stays a parameter."""

    def visit_bindparam(self, bindparam: BindParameter[Any], *args: Any, **options: Any) -> str:
        options["literal_binds"] = bindparam.unique
        text: str = super().visit_bindparam(bindparam, *args, **options)  # type: ignore[no-untyped-call]
        return text

    def visit_joined_text(self, joined: JoinedText, **options: Any) -> str:
        written = {part: str(part._compiler_dispatch(self, **options)) for part in joined.expressions}
        made = _joined([f"'{part}'" if isinstance(part, str) else written[part] for part in joined.parts])
        if joined.if_null is None:
            return made
        (expression,) = written.values()
        return f"CASE WHEN ({expression} IS NULL) THEN '{joined.if_null}' ELSE {made} END"


def _joined(pieces: Sequence[str]) -> str:
    groups = [pieces[at : at + _PARTS_AT_ONCE] for at in range(0, len(pieces), _PARTS_AT_ONCE)]
    made = [f"concat({', '.join(group)})" for group in groups]
    return made[0] if len(made) == 1 else _joined(made)


class _Dialect(dialects.dialect):
    statement_compiler = _Compiler
    supports_statement_cache = True


_DIALECT = _Dialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True)
class PreparedSql:
    """A statement as the driver takes it. `names` are its parameters in their order; no value is kept."""

    text: str
    names: tuple[str, ...]
    processors: Mapping[str, Callable[[Any], Any]]

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        """The parameters in their order, in the driver's types; raises KeyError where one is not given."""
        return [
            self.processors[name](given[name]) if name in self.processors else given[name]
            for name in self.names
        ]


def render(statement: ClauseElement) -> PreparedSql:
    """The text of a statement, in which everything that changes is a named `bindparam`."""
    compiled = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    assert isinstance(compiled, SQLCompiler)
    names = tuple(compiled.positiontup or ())
    processors = {
        name: process
        for name in names
        if (process := compiled.binds[name].type.dialect_impl(_DIALECT).bind_processor(_DIALECT))
    }
    return PreparedSql(str(compiled), names, processors)


def rows_of_arrays(*columns: sa.ColumnClause[Any], place: str | None = None) -> sa.TableValuedAlias:
    """Rows given as one array for each column, in parameters of the columns' names (`by_columns` makes them); `place`
    names a further column that counts them from 1."""
    arrays = [sa.bindparam(column.name, type_=sa.ARRAY(column.type)) for column in columns]
    own = (sa.column(column.name, column.type) for column in columns)
    return sa.func.unnest(*arrays).table_valued(*own, with_ordinality=place).render_derived(name="given")


def in_array(column: sa.ColumnClause[Any]) -> ColumnElement[bool]:
    """Whether a column is one of the values given, as an array, in the parameter of its name."""
    return column == sa.any_(sa.bindparam(column.name, type_=sa.ARRAY(column.type)))


def by_columns(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> dict[str, list[Any]]:
    """The parameters of `rows_of_arrays`."""
    parts = list(zip(*rows, strict=True)) or [()] * len(names)
    return {name: list(part) for name, part in zip(names, parts, strict=True)}


def rows_of_json(source: ColumnElement[str], *columns: sa.ColumnClause[Any]) -> sa.TableValuedAlias:
    """Rows given as one text, as `json_of` writes it; a value that no object of it has is null."""
    rows = sa.func.json_to_recordset(sa.cast(source, sa.JSON))
    return rows.table_valued(*columns).render_derived(name="given", with_types=True)


def json_of(rows: Sequence[object]) -> str:
    """The text of `rows_of_json`: mappings or dataclasses by the columns' names."""
    return orjson.dumps(rows, default=_for_postgresql).decode()


def _for_postgresql(value: object) -> str:
    """What orjson has no form for: bytes, as PostgreSQL reads them, and the driver's own kind of UUID."""
    return f"\\x{value.hex()}" if isinstance(value, bytes) else str(value)


async def fetch(
    session: AsyncSession, statement: PreparedSql, given: Mapping[str, Any]
) -> list[asyncpg.Record]:
    """Run a statement in a session's transaction; answers its rows. Raises asyncpg.PostgresError."""
    driver = await driver_of(session)
    rows: list[asyncpg.Record] = await driver.fetch(statement.text, *statement.values(given))
    return rows
