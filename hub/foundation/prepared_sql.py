"""Prepared SQL: written with SQLAlchemy Core, rendered once for the driver, and run for every request.

Building an expression, its cache key and its parameters costs more than the database takes to answer it. A statement of every
request is therefore rendered at its first use, and goes to asyncpg as text with numbered parameters.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson
import sqlalchemy as sa
from sqlalchemy import BindParameter, ClauseElement, ColumnElement, FromClause
from sqlalchemy.dialects.postgresql import asyncpg as dialects
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.selectable import NamedFromClause
from sqlalchemy.sql.visitors import InternalTraversal
from sqlalchemy.types import TypeEngine

from hub.foundation.database import driver_of

_PARTS_AT_ONCE = 100
"""PostgreSQL's functions take at most a hundred arguments."""


class JoinedText(ColumnElement[Any]):
    """Joins constants and expressions to one text; nulls count as empty, and the result is never null. It uses one function
    call, because PostgreSQL looks up each function of a statement at every run. Constants are the hub's own: SQL escapes
    nothing in them.

    `if_null`: the constant that replaces the text if its one expression is null.
    """

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


class RenderedText(ColumnElement[str]):
    """A text expression whose SQL was rendered before, by `SqlTemplate`. `texts` and `columns` alternate, a text first."""

    _traverse_internals = [  # noqa: RUF012  # SQLAlchemy's own
        ("texts", InternalTraversal.dp_string_list),
        ("columns", InternalTraversal.dp_clauseelement_list),
    ]

    def __init__(self, texts: Sequence[str], columns: Sequence[ColumnElement[Any]]) -> None:
        self.texts = texts
        self.columns = list(columns)
        self.type = sa.Text()

    @property
    def _from_objects(self) -> list[FromClause]:
        return [one for column in self.columns for one in column._from_objects]


@compiles(RenderedText)
def _write_rendered(rendered: RenderedText, compiler: SQLCompiler, **options: Any) -> str:
    columns = [*(compiler.process(column, **options) for column in rendered.columns), ""]
    return "".join(f"{text}{column}" for text, column in zip(rendered.texts, columns, strict=True))


class _Compiler(dialects.PGCompiler_asyncpg):
    """Renders the constants of the hub's own declarations into the text: the planner should know them, and they need not be
    sent with each request. Named values (a caller's, the grant's, the word of the marks) stay parameters."""

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
    """A statement in the driver's form. `names` are its parameters in their order; it holds no values."""

    text: str
    names: tuple[str, ...]
    processors: Mapping[str, Callable[[Any], Any]]

    def values(self, given: Mapping[str, Any]) -> list[Any]:
        """The parameters in their order, in the driver's types; raises KeyError if one is missing."""
        return [
            self.processors[name](given[name]) if name in self.processors else given[name]
            for name in self.names
        ]


def render(statement: ClauseElement) -> PreparedSql:
    """Render a statement; every value that changes must be a named `bindparam`."""
    compiled = statement.compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    assert isinstance(compiled, SQLCompiler)
    names = tuple(compiled.positiontup or ())
    processors = {
        name: process
        for name in names
        if (process := compiled.binds[name].type.dialect_impl(_DIALECT).bind_processor(_DIALECT))
    }
    return PreparedSql(str(compiled), names, processors)


@dataclass(frozen=True)
class SqlTemplate:
    """The SQL of a text expression over one row, for any row with these columns. It costs a thousandth of building the
    expression anew, which matters for large ones in every statement."""

    texts: tuple[str, ...]
    columns: tuple[str, ...]

    @classmethod
    def of(cls, expression: ColumnElement[str], row: NamedFromClause) -> "SqlTemplate":
        """The template of an expression without parameters. The name of `row` must not occur in its constants."""
        made = render(sa.select(expression.label("expression")).select_from(row))
        if made.names:
            raise ValueError(f"a template has no parameters: {', '.join(made.names)}")
        written, end, _ = made.text.removeprefix("SELECT ").rpartition(" AS expression \nFROM ")
        assert end, made.text
        pieces = re.split(rf"\b{row.name}\.(\w+)", f"({written})")
        return cls(tuple(pieces[::2]), tuple(pieces[1::2]))

    def over(self, row: FromClause) -> RenderedText:
        """The expression over a row."""
        return RenderedText(self.texts, [row.c[name] for name in self.columns])


def rows_of_arrays(*columns: sa.ColumnClause[Any], place: str | None = None) -> sa.TableValuedAlias:
    """Rows from one array for each column, in parameters with the columns' names (`by_columns` makes them); `place` names a
    further column that numbers the rows from 1."""
    arrays = [sa.bindparam(column.name, type_=sa.ARRAY(column.type)) for column in columns]
    own = (sa.column(column.name, column.type) for column in columns)
    return sa.func.unnest(*arrays).table_valued(*own, with_ordinality=place).render_derived(name="given")


def in_array(column: sa.ColumnClause[Any]) -> ColumnElement[bool]:
    """Whether a column is among the values of the array in the parameter of its name."""
    return column == sa.any_(sa.bindparam(column.name, type_=sa.ARRAY(column.type)))


def by_columns(names: Sequence[str], rows: Iterable[Sequence[Any]]) -> dict[str, list[Any]]:
    """The parameters for `rows_of_arrays`."""
    parts = list(zip(*rows, strict=True)) or [()] * len(names)
    return {name: list(part) for name, part in zip(names, parts, strict=True)}


def rows_of_json(source: ColumnElement[str], *columns: sa.ColumnClause[Any]) -> sa.TableValuedAlias:
    """Rows from one text that `json_of` writes; a value that is missing in an object is null."""
    rows = sa.func.json_to_recordset(sa.cast(source, sa.JSON))
    return rows.table_valued(*columns).render_derived(name="given", with_types=True)


def json_of(rows: Sequence[object]) -> str:
    """The text for `rows_of_json`, from mappings or dataclasses with the columns' names."""
    return orjson.dumps(rows, default=_for_postgresql).decode()


def _for_postgresql(value: object) -> str:
    """Values that orjson has no form for: bytes in PostgreSQL's form, and the driver's own kind of UUID."""
    return f"\\x{value.hex()}" if isinstance(value, bytes) else str(value)


async def fetch(
    session: AsyncSession, statement: PreparedSql, given: Mapping[str, Any]
) -> list[asyncpg.Record]:
    """Run a statement in a session's transaction; returns its rows. Raises asyncpg.PostgresError."""
    driver = await driver_of(session)
    rows: list[asyncpg.Record] = await driver.fetch(statement.text, *statement.values(given))
    return rows
