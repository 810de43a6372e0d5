"""Access records: who asked what. Written in groups, and durable before the answer leaves.

Requests that are under way at the same time share commits: a group is written as soon as no fewer records wait for it
than are still to come, and after some milliseconds at the latest. A lone request waits for one commit; a busy hub, which
would spend a third of its time on commits of one or two records, makes few, and reads for one half of its callers while
it writes for the other.
"""

import asyncio
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import datetime
from types import TracebackType
from typing import Self
from uuid import UUID

import orjson
import sqlalchemy as sa

from hub.database import Database, new_id, now, table_of
from hub.ledger.tables import AccessOutcome, AccessRecordRow
from hub.rendered import Rendered, render

_log = logging.getLogger(__name__)
_LARGEST_GROUP = 500
_LONGEST_WAIT = 0.004
"""Seconds that a record waits for others to come, at the most."""


@dataclass(frozen=True, slots=True)
class AccessRecord:
    """One request; the columns of `AccessRecordRow`, in their order."""

    agency_id: str
    client_id: str
    person: str | None
    purpose: str
    operation_name: str | None
    operation_hash: bytes
    coordinates: Sequence[str]
    forbidden: Sequence[str]
    household_ids: Sequence[UUID]
    rows: int
    milliseconds: int
    outcome: AccessOutcome
    code: str | None = None
    id: UUID = field(default_factory=new_id)
    at: datetime = field(default_factory=now)


_table = table_of(AccessRecordRow)
_COLUMNS = [one.name for one in fields(AccessRecord)]


def _keep() -> Rendered:
    """Groups of any size by one prepared statement: as JSON they are made and read in half the time of COPY."""
    group = sa.cast(sa.bindparam("group", type_=sa.Text), sa.JSON)
    columns = (sa.column(name, _table.c[name].type) for name in _COLUMNS)
    given = sa.func.json_to_recordset(group).table_valued(*columns).render_derived("given", with_types=True)
    return render(sa.insert(_table).from_select(_COLUMNS, sa.select(given), include_defaults=False))


_KEEP = _keep()


def _plain(value: object) -> str:
    """What orjson has no form for: bytes, as PostgreSQL reads them, and the driver's own kind of UUID."""
    return f"\\x{value.hex()}" if isinstance(value, bytes) else str(value)


_Waiting = tuple[AccessRecord, asyncio.Future[None]]


class AccessLog:
    """The writer of one process. Enter it before the first request and leave it after the last."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[_Waiting] = []
        self._coming = 0
        self._enough = asyncio.Event()
        self._leaving = False
        self._writer: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._writer = asyncio.create_task(self._write_groups())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._writer is not None
        self._leaving = True
        self._enough.set()
        await self._writer

    @contextmanager
    def coming(self) -> Iterator[None]:
        """While a request is answered: its record is still to come."""
        self._coming += 1
        try:
            yield
        finally:
            self._coming -= 1

    async def record(self, record: AccessRecord) -> None:
        """Keep a record; returns once it is on disk. Raises what the database raised, and then no answer may leave."""
        loop = asyncio.get_running_loop()
        durable: asyncio.Future[None] = loop.create_future()
        self._waiting.append((record, durable))
        if len(self._waiting) >= self._coming:
            self._enough.set()
        elif len(self._waiting) == 1:
            loop.call_later(_LONGEST_WAIT, self._enough.set)
        await durable

    async def _write_groups(self) -> None:
        while self._waiting or not self._leaving:
            await self._enough.wait()
            group = self._waiting[:_LARGEST_GROUP]
            del self._waiting[:_LARGEST_GROUP]
            if not self._waiting and not self._leaving:
                self._enough.clear()
            if group:
                self._end(group, await self._write([record for record, _ in group]))

    @staticmethod
    def _end(group: Sequence[_Waiting], failure: Exception | None) -> None:
        """Let the requests of a group go on, but for those whose callers went away."""
        for _, durable in group:
            if durable.done():
                continue
            if failure is None:
                durable.set_result(None)
            else:
                durable.set_exception(failure)

    async def _write(self, records: Sequence[AccessRecord]) -> Exception | None:
        """Write a group; answers the failure, since each of its requests must hear of it and the writer must go on."""
        try:
            group = orjson.dumps(records, default=_plain).decode()
            await self._database.write_alone(_KEEP.text, _KEEP.values({"group": group}))
        except Exception as failure:  # whatever it was, the requests of the group must not be answered
            _log.exception("access records could not be written; %d requests fail", len(records))
            return failure
        return None
