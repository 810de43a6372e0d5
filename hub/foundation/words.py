"""The domain's codes in the database: one SQL function for each enum, called by the CHECK of every column with its values.

PostgreSQL inlines the function's one expression, so such a CHECK costs as much as a list written out in it. A new code only
changes the function's body: no table is altered, locked or read. The reasons: docs/adr/0008-words-in-the-database.md.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg

from hub.foundation.operating import OperatorError


class WordInUse(OperatorError):
    """{place} holds {words}, which this hub does not know; use a version that does, or rewrite those rows by a migration.
    {place} 中存有本版本平台不认识的代码 {words},请使用认识它的版本,或先以迁移改写这些行。
    """


@dataclass(frozen=True)
class Vocabulary:
    """The codes of an enum, and the columns that hold them."""

    name: str
    words: tuple[str, ...]
    columns: tuple[sa.Column[Any], ...]

    @property
    def function(self) -> str:
        """The function that checks the codes: `is_aid_kind` for AidKind."""
        return "is_" + re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", self.name).lower()

    @property
    def constraint(self) -> str:
        """The name of the CHECK on each of its columns, without the table's prefix."""
        return self.name.lower()


def vocabularies(metadata: sa.MetaData) -> tuple[Vocabulary, ...]:
    """Every enum whose values are in a table."""
    found: dict[Any, list[sa.Column[Any]]] = {}
    for table in metadata.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, sa.Enum):
                found.setdefault(column.type.enum_class, []).append(column)
    return tuple(
        Vocabulary(enum.__name__, tuple(word.value for word in enum), tuple(columns))
        for enum, columns in found.items()
    )


def constrain_words(metadata: sa.MetaData) -> None:
    """Give each column with an enum's values its CHECK."""
    for one in vocabularies(metadata):
        for column in one.columns:
            sa.CheckConstraint(sa.Function(one.function, column), name=one.constraint)


def write_words(connection: sa.Connection, function: str, words: Iterable[str]) -> None:
    """Make a function, or replace its body, so that it accepts these codes and no others. A migration calls it for a new
    enum, or to write a new code into rows before `sync_words` runs.

    The body is parsed at once (`return`), so that it depends on no search_path, in particular not on pg_restore's.
    """
    connection.exec_driver_sql(
        f"create or replace function {function}(text) returns boolean language sql immutable parallel safe"
        f" return $1 = any ('{{{','.join(words)}}}'::text[])"
    )
    connection.exec_driver_sql(f"grant execute on function {function}(text) to hub_reader, hub_writer")


def sync_words(connection: sa.Connection, known: Sequence[Vocabulary]) -> None:
    """Make the database accept the codes that the hub knows, and no others; functions that already agree are left alone.

    Raises WordInUse if a row holds a code that is to be removed: its CHECK would no longer be true, a dump could not be
    restored, and no hub of this version could read the row.
    """
    held = _accepted_codes(connection, known)
    for one in known:
        before = held.get(one.function, ())
        if before != one.words:
            if gone := [word for word in before if word not in one.words]:
                _refuse_where_used(connection, one, gone)
            write_words(connection, one.function, one.words)


def words_lacking(connection: sa.Connection, known: Sequence[Vocabulary]) -> list[str]:
    """The codes that the hub would write and the database would refuse, each with its enum: `AidKind.MEDICAL`."""
    held = _accepted_codes(connection, known)
    return [
        f"{one.name}.{word}" for one in known for word in one.words if word not in held.get(one.function, ())
    ]


def _accepted_codes(connection: sa.Connection, known: Sequence[Vocabulary]) -> Mapping[str, tuple[str, ...]]:
    """The codes that the database accepts, by function, in its order."""
    words = sa.text(
        "select proname, (regexp_match(pg_get_function_sqlbody(oid), '''(.*)'''))[1]::text[] from pg_proc"
        " where proname = any (:functions) and pg_function_is_visible(oid)"
    ).bindparams(sa.bindparam("functions", [one.function for one in known], pg.ARRAY(sa.Text)))
    return {function: tuple(listed) for function, listed in connection.execute(words)}


def _refuse_where_used(connection: sa.Connection, one: Vocabulary, gone: Sequence[str]) -> None:
    """Raises WordInUse if a row holds such a code. Nobody can write one between this check and the end of the transaction."""
    tables = ", ".join(sorted({column.table.name for column in one.columns}))
    connection.exec_driver_sql(f"lock table {tables} in share mode")
    for column in one.columns:
        word = sa.cast(column, sa.Text)
        used = connection.scalars(sa.select(word).where(word.in_(gone)).distinct()).all()
        if used:
            raise WordInUse(place=f"{column.table.name}.{column.name}", words=", ".join(sorted(used)))
