"""Access records: who asked for what. They are written in groups, and each is durable before its response is sent.

Requests that run at the same time share commits: a group is written once at least as many records wait as are still to come,
and after some milliseconds at the latest. A single request waits for one commit. A busy hub would spend a third of its time
on commits of one or two records; so it commits seldom, and reads for one half of its callers while it writes for the other.
"""

import asyncio
import hashlib
import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from time import monotonic
from types import TracebackType
from typing import Self
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncSession

from hub.foundation.database import Database, new_id, now, table_of
from hub.foundation.prepared_sql import PreparedSql, fetch, json_of, render, rows_of_json
from hub.foundation.troubles import RecordFailed, trouble_of
from hub.model.ledger import AccessOutcome, AccessRecordRow, CoordinateSetRow, OperationTextRow

_log = logging.getLogger(__name__)
_LARGEST_GROUP = 500
_LONGEST_WAIT = 0.004
"""The longest time in seconds that a record waits for others."""
_LAST_RECORDS = 4.0
"""Seconds that an ending process waits for its last records."""
_LATELY = 10.0
"""Seconds after the failure of a group during which the next is expected to fail too."""


@dataclass(frozen=True, slots=True)
class AccessRecord:
    """One request; the columns of `AccessRecordRow`, in their order."""

    agency_id: str
    client_id: str
    person: str | None
    purpose: str
    operation_name: str | None
    operation_hash: bytes
    coordinates_digest: bytes
    forbidden: Sequence[str]
    household_ids: Sequence[UUID]
    rows: int
    milliseconds: int
    outcome: AccessOutcome
    code: str | None = None
    codes: Sequence[str] = ()
    refused: int = 0
    kept: int = 0
    numbers_named: Sequence[bytes] = ()
    person_ids: Sequence[UUID] = ()
    whole_households: bool = False
    variables: Sequence[str] = ()
    id: UUID = field(default_factory=new_id)
    at: datetime = field(default_factory=now)


@dataclass(frozen=True, slots=True)
class CoordinateSet:
    """The coordinates that a request read, sorted, and the hash of their list; `CoordinateSetRow`."""

    coordinates: tuple[str, ...]
    digest: bytes

    @classmethod
    def of(cls, coordinates: Iterable[str]) -> Self:
        """The set of the given coordinates."""
        named = tuple(sorted(coordinates))
        return cls(named, hashlib.sha256("\n".join(named).encode()).digest())


NOTHING_READ = CoordinateSet.of(())


@dataclass(frozen=True, slots=True)
class OperationText:
    """The document of a request, by the hash of its text; `write` makes the text to store and is called once."""

    digest: bytes
    write: Callable[[], str]


_table, _set, _text = table_of(AccessRecordRow), table_of(CoordinateSetRow), table_of(OperationTextRow)
_COLUMNS = [one.name for one in fields(AccessRecord)]


def _insert_records() -> PreparedSql:
    """Inserts groups of any size by one prepared statement: JSON takes half the time of COPY. Existing records are skipped:
    if the connection died after the insert, the group is sent again."""
    columns = (sa.column(name, _table.c[name].type) for name in _COLUMNS)
    group = rows_of_json(sa.bindparam("group", type_=sa.Text), *columns)
    records = pg.insert(_table).from_select(_COLUMNS, sa.select(group), include_defaults=False)
    return render(records.on_conflict_do_nothing())


_INSERT_RECORDS = _insert_records()
_INSERT_SET = render(
    pg.insert(_set)
    .values(digest=sa.bindparam("digest"), coordinates=sa.bindparam("coordinates"))
    .on_conflict_do_nothing()
)
_MOST_KNOWN = 20_000


def _insert_texts() -> PreparedSql:
    """Inserts documents by one statement; existing ones are skipped."""
    columns = (sa.column(name, _text.c[name].type) for name in ("digest", "document"))
    texts = rows_of_json(sa.bindparam("texts", type_=sa.Text), *columns)
    return render(
        pg.insert(_text).from_select(["digest", "document"], sa.select(texts)).on_conflict_do_nothing()
    )


_INSERT_TEXTS = _insert_texts()


async def save_record(session: AsyncSession, record: AccessRecord, read: CoordinateSet) -> None:
    """Store the record of an action without a request, in its transaction."""
    await fetch(session, _INSERT_SET, {"digest": read.digest, "coordinates": list(read.coordinates)})
    await fetch(session, _INSERT_RECORDS, {"group": json_of([record])})


_Waiting = tuple[AccessRecord, CoordinateSet, OperationText | None, asyncio.Future[None]]


class AccessLog:
    """The writer of one process. Enter it before the first request and leave it after the last. `coming` is the number of
    requests under way, whose records are still to come: the code that handles a request counts it."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._waiting: list[_Waiting] = []
        self._known: set[bytes] = set()
        self._known_texts: set[bytes] = set()
        self.coming = 0
        self._enough = asyncio.Event()
        self._leaving = False
        self._writer: asyncio.Task[None] | None = None
        self._writing = 0  # records of the group that is being written
        self._failed_at: float | None = None
        self._failure: Exception | None = None

    async def __aenter__(self) -> Self:
        self._writer = asyncio.create_task(self._write_groups())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._writer is not None
        self._leaving = True
        self._enough.set()
        await asyncio.wait([self._writer], timeout=_LAST_RECORDS)
        if not self._writer.done():
            self._writer.cancel()
            _log.error("%d access records could not be written before the end", self.unwritten)

    async def record(
        self, record: AccessRecord, read: CoordinateSet, text: OperationText | None = None
    ) -> None:
        """Store the record of a request with the coordinates that it read and its document, if that could be parsed; returns
        once it is on disk.

        Raises RecordFailed, from the database's error; then no response may be sent.
        """
        loop = asyncio.get_running_loop()
        durable: asyncio.Future[None] = loop.create_future()
        self._waiting.append((record, read, text, durable))
        if len(self._waiting) >= self.coming:
            self._enough.set()
        elif len(self._waiting) == 1:
            loop.call_later(_LONGEST_WAIT, self._enough.set)
        await durable

    @property
    def unwritten(self) -> int:
        """The number of records that requests wait for."""
        return len(self._waiting) + self._writing

    async def check(self) -> None:
        """Check whether a record could be written now, in the way of records but without writing one. Raises RecordFailed."""
        if self._writer is None or self._writer.done():
            raise RecordFailed
        if self._failed_at is not None and monotonic() - self._failed_at < _LATELY:
            raise RecordFailed from self._failure
        try:
            await self._database.write_alone(_INSERT_RECORDS.text, _INSERT_RECORDS.values({"group": "[]"}))
        except Exception as failure:
            raise RecordFailed from failure

    async def _write_groups(self) -> None:
        while self._waiting or not self._leaving:
            await self._enough.wait()
            group = self._waiting[:_LARGEST_GROUP]
            del self._waiting[:_LARGEST_GROUP]
            if not self._waiting and not self._leaving:
                self._enough.clear()
            if group:
                self._writing = len(group)
                self._failure = await self._write(group)
                self._failed_at = None if self._failure is None else monotonic()
                self._writing = 0
                self._end(group, self._failure)

    @staticmethod
    def _end(group: Sequence[_Waiting], failure: Exception | None) -> None:
        """Let the requests of a group continue, except those whose callers are gone."""
        for *_, durable in group:
            if durable.done():
                continue
            if failure is None:
                durable.set_result(None)
            else:
                failed = RecordFailed()
                failed.__cause__ = failure
                durable.set_exception(failed)

    async def _write(self, group: Sequence[_Waiting]) -> Exception | None:
        """Write a group; returns the failure, since each of its requests must get it and the writer must continue."""
        try:
            await self._know_new(group)
            records = json_of([record for record, *_ in group])
            await self._database.write_alone(_INSERT_RECORDS.text, _INSERT_RECORDS.values({"group": records}))
        except Exception as failure:  # for any failure, the requests of the group must not be answered
            if (trouble := trouble_of(failure)) is not None:
                _log.error(
                    "access records could not be written; %d requests fail: %s", len(group), trouble.code
                )
            else:
                _log.exception("access records could not be written; %d requests fail", len(group))
            return failure
        return None

    async def _know_new(self, group: Sequence[_Waiting]) -> None:
        """Store the coordinate sets and documents of a group that are new to this process."""
        sets: dict[bytes, CoordinateSet] = {}
        texts: dict[bytes, OperationText] = {}
        for _, read, text, _ in group:
            if read.digest not in self._known:
                sets[read.digest] = read
            if text is not None and text.digest not in self._known_texts:
                texts[text.digest] = text
        if sets:
            await self._know(sets)
        if texts:
            await self._know_texts(texts)

    async def _know(self, sets: Mapping[bytes, CoordinateSet]) -> None:
        """Store sets, so that each exists before a record names it."""
        for digest, read in sets.items():
            given = {"digest": digest, "coordinates": list(read.coordinates)}
            await self._database.write_alone(_INSERT_SET.text, _INSERT_SET.values(given))
            if len(self._known) == _MOST_KNOWN:
                self._known.clear()
            self._known.add(digest)

    async def _know_texts(self, new: Mapping[bytes, OperationText]) -> None:
        """Store documents, so that each exists before a record names it. Their texts are made in a thread, since some are
        long."""
        written = await asyncio.to_thread(lambda: {digest: one.write() for digest, one in new.items()})
        rows = [{"digest": digest, "document": document} for digest, document in written.items()]
        values = _INSERT_TEXTS.values({"texts": json_of(rows)})
        await self._database.write_alone(_INSERT_TEXTS.text, values)
        if len(self._known_texts) + len(new) > _MOST_KNOWN:
            self._known_texts.clear()
        self._known_texts |= new.keys()
