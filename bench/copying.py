"""The limit of W3: writes the rows of 500 outcomes by COPY in one transaction, with the tables' own constraints and indexes.

There is no request, check, hash or look-up of a receipt: the difference is the cost of what the hub does in addition. The
rows are those written last. They are deleted and then put back as text, which is measured, on as many connections as each
system has.
"""

import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from statistics import median
from typing import Any

import psycopg
from psycopg import sql

from bench.database import BenchDatabase, report_progress
from bench.drafts import BATCH
from bench.systems import POOL

_ROUNDS = 20
_LAST = """
create temp table batch as
select household_id, id from aid_record where kind = 'EDUCATION' and version = 1 order by recorded_at desc, id
limit %s offset %s
"""
_ROWS = {
    "aid_record": "(household_id, id) in (select household_id, id from batch)",
    "education_detail": "(household_id, id) in (select household_id, id from batch)",
    "chain_event": "(household_id, subject_id) in (select household_id, id from batch)",
    "write_receipt": "record_id in (select id from batch)",
}
"""The tables that an outcome is written to, with the condition for the rows of the batch."""
_COLUMNS = """
select column_name from information_schema.columns
where table_schema = 'public' and table_name = %s and is_generated = 'NEVER' order by ordinal_position
"""


def measure(on: BenchDatabase) -> dict[str, Any]:
    """Outcomes per second written by COPY, on as many connections as the systems have, each with its own batch."""
    with ExitStack() as stack, ThreadPoolExecutor(POOL) as threads:
        batches = [_Batch(stack.enter_context(_opened(on)), place) for place in range(POOL)]
        seconds = []
        for _ in range(_ROUNDS):
            deque(threads.map(_Batch.take_out, batches), maxlen=0)
            began = time.perf_counter()
            deque(threads.map(_Batch.put_back, batches), maxlen=0)
            seconds.append(time.perf_counter() - began)
    rounds = [round(POOL * BATCH / one, 1) for one in seconds]
    report_progress(f"W3: COPY writes {median(rounds):,.0f} outcomes a second")
    return {"outcomes_a_second": round(median(rounds)), "rounds": rounds}


def _opened(on: BenchDatabase) -> psycopg.Connection:
    return psycopg.connect(on.urls.owner, autocommit=True)


class _Batch:
    """500 outcomes, and a connection for them."""

    def __init__(self, connection: psycopg.Connection, place: int) -> None:
        self._connection = connection
        connection.execute(_LAST, (BATCH, BATCH * place))
        self._texts = {table: _text(connection, table, where) for table, where in _ROWS.items()}
        self._into = {
            table: sql.SQL("copy {} ({}) from stdin").format(
                sql.Identifier(table), _columns(connection, table)
            )
            for table in self._texts
        }

    def take_out(self) -> None:
        """Delete the rows."""
        with self._connection.transaction():
            self._connection.execute("set local session_replication_role = replica")
            for table, where in _ROWS.items():
                statement = sql.SQL("delete from {} where {}").format(
                    sql.Identifier(table),
                    sql.SQL(where),
                )
                self._connection.execute(statement)

    def put_back(self) -> None:
        """Write the rows in one transaction."""
        with self._connection.transaction(), self._connection.cursor() as cursor:
            for table, text in self._texts.items():
                with cursor.copy(self._into[table]) as copy:
                    copy.write(text)


def _columns(connection: psycopg.Connection, table: str) -> sql.Composed:
    found = connection.execute(_COLUMNS, (table,)).fetchall()
    return sql.SQL(", ").join(sql.Identifier(name) for (name,) in found)


def _text(connection: psycopg.Connection, table: str, where: str) -> bytes:
    """The batch's rows of a table, in COPY's format."""
    statement = sql.SQL("copy (select {} from {} where {}) to stdout").format(
        _columns(connection, table),
        sql.Identifier(table),
        sql.SQL(where),
    )
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        return b"".join(bytes(part) for part in copy)
