"""Access records: who asked what. Written in groups, and durable before the answer leaves.

Requests that end at about the same time share one commit: whatever arrives while a group is being written, or within
some milliseconds of its beginning, forms the next one. A lone request waits for one commit; a busy hub, which would
spend a third of its time on commits of one or two records, makes few.
"""

import asyncio
import logging
from collections.abc import Sequence
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
_APART = 0.002
"""Seconds from the beginning of one group to that of the next, at least."""


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


class AccessLog:
    """The writer of one process. Enter it before the first request and leave it after the last."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: asyncio.Queue[tuple[AccessRecord, asyncio.Future[None]]] = asyncio.Queue()
        self._writer: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._writer = asyncio.create_task(self._write_groups())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._writer is not None
        await self._waiting.join()
        self._writer.cancel()
        await asyncio.gather(self._writer, return_exceptions=True)

    async def record(self, record: AccessRecord) -> None:
        """Keep a record; returns once it is on disk. Raises what the database raised, and then no answer may leave."""
        durable: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait((record, durable))
        await durable

    async def _write_groups(self) -> None:
        clock, next_group = asyncio.get_running_loop().time, 0.0
        while True:
            group = [await self._waiting.get()]
            if (early := next_group - clock()) > 0:
                await asyncio.sleep(early)
            next_group = clock() + _APART
            while len(group) < _LARGEST_GROUP and not self._waiting.empty():
                group.append(self._waiting.get_nowait())
            failure = await self._write([record for record, _ in group])
            for _, durable in group:
                self._waiting.task_done()
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
