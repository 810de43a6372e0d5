"""Evaluates a fact over rows that a test states, by PostgreSQL, without any table."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg

from tests.conftest import TestCluster

Fact = Callable[[sa.FromClause, sa.ColumnElement[date]], sa.ColumnElement[Any]]


def evaluated(
    cluster: TestCluster, fact: Fact, types: Mapping[str, Any], rows: Sequence[tuple[Any, ...]]
) -> list[Any]:
    """What the fact says of each row; `types` are its columns, and the day, named `day`, is one of them."""
    columns = [sa.column("place", sa.Integer), *(sa.column(name, kind) for name, kind in types.items())]
    given = sa.values(*columns, name="given").data([(place, *row) for place, row in enumerate(rows)])
    typed = sa.select(
        given.c.place, *(sa.cast(given.c[name], kind).label(name) for name, kind in types.items())
    ).subquery()
    statement = sa.select(fact(typed, typed.c.day)).order_by(typed.c.place)
    compiled = statement.compile(dialect=PGDialect_psycopg(), compile_kwargs={"literal_binds": True})  # type: ignore[no-untyped-call]
    with psycopg.connect(cluster.administration) as connection:
        return [value for (value,) in connection.execute(str(compiled).encode()).fetchall()]
