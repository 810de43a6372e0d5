"""Evaluates a fact in PostgreSQL over literal rows of a test, without any table. The tables that a fact also reads are
literal too."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from tests.conftest import TestCluster

Fact = Callable[[sa.FromClause, sa.ColumnElement[Any]], sa.ColumnElement[Any]]


Rows = tuple[Mapping[str, Any], Sequence[tuple[Any, ...]]]
"""The columns of a table with their types, and its rows."""


def evaluated(
    cluster: TestCluster,
    fact: Fact,
    types: Mapping[str, Any],
    rows: Sequence[tuple[Any, ...]],
    beside: Mapping[str, Rows] | None = None,
) -> list[Any]:
    """The value of the fact for each row. `types` are the columns; one of them is the day, named `day`. `beside` are the
    other tables that the fact reads, by name."""
    typed = _stated(
        {"place": sa.Integer, **types}, [(place, *row) for place, row in enumerate(rows)]
    ).subquery()
    tables = [f"{name} as ({_text(_stated(*stated))})" for name, stated in (beside or {}).items()]
    query = _text(sa.select(fact(typed, typed.c.day)).select_from(typed).order_by(typed.c.place))
    statement = f"with {', '.join(tables)} {query}" if tables else query
    with psycopg.connect(cluster.administration) as connection:
        return [value for (value,) in connection.execute(statement.encode()).fetchall()]


def _stated(types: Mapping[str, Any], rows: Sequence[tuple[Any, ...]]) -> sa.Select[Any]:
    columns = [sa.column(name, kind) for name, kind in types.items()]
    values = sa.values(*columns, name="given").data(list(rows))
    return sa.select(*(sa.cast(values.c[name], kind).label(name) for name, kind in types.items()))


def _text(statement: sa.Select[Any]) -> str:
    return str(statement.compile(dialect=PGDialect_psycopg(), compile_kwargs={"literal_binds": True}))  # type: ignore[no-untyped-call]
