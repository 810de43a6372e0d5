"""Runs the exports of a process: sends a query again and again, each time for the next page, as its client would.

Each page is a request under the client's grant: planned, charged, answered in the client's turn, and recorded. So an export
sees what a query sees, costs what the pages cost, and waits while the client's budget is used up. If a process dies, another
continues after the last stored page.
"""

import asyncio
import logging
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from tempfile import TemporaryFile, gettempdir
from types import TracebackType
from typing import IO, Any, Self

import orjson

from auth.grant import Grant
from hub.foundation.database import Database, new_id
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import HubError
from hub.foundation.troubles import trouble_of
from hub.imports.job_leases import RoundRobin, reason_of
from hub.imports.sealed_parts import PART_BYTES, count_parts, part_of, sizes_of_parts
from hub.model.export_jobs import ExportFormat
from hub.model.sealed_parts import JobFile, JobStatus
from hub.service.background import TO_STOP, look_for_work
from hub.service.callers import grant_of
from hub.service.exports import jobs
from hub.service.exports.jobs import ExportRequest, Job
from hub.service.exports.tables import cells_of, csv_of, header_of, line_of, without_objects, write_xlsx
from schema.engine.execute.executor import Executor
from schema.engine.execute.request import Request
from schema.engine.refusals import ForbiddenField, Internal

EVERY = 20.0
"""Seconds between two checks for an export that another process left."""
MOST_BYTES = 1 << 30
"""The largest export, as JSON Lines."""
TURN = 5.0
"""Seconds after which the collected rows are stored, and another export has its turn; at each turn the grant is read again."""
_AFTER_TROUBLE = timedelta(seconds=10)
_MOST_WITHHELD = 200
_log = logging.getLogger(__name__)


class NotAList(HubError):
    """An export needs one list as its only field, with nodes and pageInfo, and the variable `$after` for its next page.
    导出的查询须只含一个列表字段,列出节点与分页信息,并以变量 `$after` 翻页。
    """


class ExportTooLarge(HubError, numbers=("most",)):
    """The export is larger than {most} bytes; narrow its filter.
    导出内容超过 {most} 字节,请缩小筛选范围。
    """


class ExportInterrupted(HubError, numbers=("count",)):
    """The export broke off {count} times without an answer; tell the hub's operators.
    导出已中断 {count} 次,请联系平台运维人员。
    """


class PageRefused(Exception):
    """A page was refused or could not be answered; the first of its errors says why."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        extensions = error.get("extensions", {})
        self.reason = {
            "code": str(extensions.get("code")),
            "message": str(error["message"]),
            "message_zh": str(extensions.get("messageZh", error["message"])),
        }
        super().__init__(self.reason["code"])


class _Yielded(Exception):
    """An export continues in another turn, after some seconds; the collected rows are stored."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.after = timedelta(seconds=seconds)
        super().__init__(seconds)


@dataclass
class _Rows:
    """The rows collected since the last store, and totals over all pages."""

    count: int
    columns: dict[str, None]
    withheld: dict[str, None]
    bytes_saved: int
    waiting: bytearray = field(default_factory=bytearray)

    def add(self, content: bytes) -> Mapping[str, Any]:
        """Add the rows of an answer, and return its pageInfo; raises PageRefused, NotAList. It runs in a thread of its own."""
        body = orjson.loads(content)
        for error in body.get("errors", ()):
            if error.get("extensions", {}).get("code") != ForbiddenField.code:
                raise PageRefused(error)
            self.withheld[error["extensions"]["coordinate"]] = None
        page = _list_of(body.get("data"))
        for node in page["nodes"] if "nodes" in page else [edge["node"] for edge in page["edges"]]:
            if isinstance(node, Mapping):
                self.waiting += line_of(node)
                self.columns.update(dict.fromkeys(path for path, _ in cells_of(node)))
                self.count += 1
        info: Mapping[str, Any] = page["pageInfo"]
        return info


class Exporter:
    """Runs exports while the context is open, one turn of one export at a time."""

    def __init__(
        self, executor: Executor, database: Database, secrecy: Secrecy, every: float = EVERY
    ) -> None:
        self._executor, self._database, self._secrecy, self._every = executor, database, secrecy, every
        self._turns = RoundRobin()
        self._there_is_work = asyncio.Event()
        self._working: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        self._working = asyncio.create_task(self._work())
        return self

    async def __aexit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        assert self._working is not None
        self._working.cancel()
        await asyncio.wait([self._working], timeout=TO_STOP)

    def wake(self) -> None:
        """An export waits: start it, unless another is running."""
        self._there_is_work.set()

    async def _work(self) -> None:
        await look_for_work("exports", self._there_is_work, self._every, self._export_all)

    async def _export_all(self) -> None:
        async with self._database.write() as session:
            await jobs.forget_old_exports(session)
        while True:
            async with self._database.write() as session:
                job = await jobs.claim_export(session, self._turns)
            if job is None:
                return
            try:
                await self._export(job)
            except asyncio.CancelledError:
                await asyncio.shield(self._leave(job, timedelta(0)))
                raise

    async def _export(self, job: Job) -> None:
        """Make a file, as far as one turn allows, or store the reason for its failure."""
        status, reason = JobStatus.REFUSED, None
        try:
            if job["attempts"] >= jobs.MOST_ATTEMPTS:
                status = JobStatus.FAILED
                raise ExportInterrupted(count=job["attempts"])
            if not await self._file(job, time.monotonic() + TURN):
                return  # it was cancelled, or another process holds it
        except _Yielded as over:
            await self._leave(job, over.after)
            return
        except PageRefused as refused:
            reason = refused.reason
        except HubError as refusal:
            reason = reason_of(refusal)
        except Exception as error:
            if trouble_of(error) is not None:
                await self._leave(job, _AFTER_TROUBLE)
                raise
            incident = str(new_id())
            _log.error("incident %s: an export", incident, exc_info=error)
            status, reason = JobStatus.FAILED, reason_of(Internal(incident=incident))
        async with self._database.write() as session:
            if reason is None:
                await jobs.finish_export(session, job)
            else:
                await jobs.end_export(session, job, status, reason)

    async def _file(self, job: Job, until: float) -> bool:
        """Make the file: first the rows, then the table. Returns whether this process still holds the job. Raises _Yielded
        if there is more to do at `until`, by the monotonic clock."""
        async with self._database.write() as session:
            grant = await grant_of(session, job)
        if job["format"] == ExportFormat.CSV:
            async with self._database.write() as session:
                made = await count_parts(session, job["id"], JobFile.TABLE)
            if made:
                return await self._table(job, list(job["columns"]), made, until)
        rows = await self._pages(job, grant, until)
        if rows is None:
            return False
        match job["format"]:
            case ExportFormat.CSV:
                return await self._table(job, list(rows.columns), 0, until)
            case ExportFormat.XLSX:
                return await self._workbook(job, rows)
        return True

    async def _pages(self, job: Job, grant: Grant, until: float) -> _Rows | None:
        """Read the pages after the last stored one. Returns the paths in all rows and the number of rows, or None if this
        process no longer holds the job. Raises _Yielded."""
        async with self._database.write() as session:
            saved = sum(await sizes_of_parts(session, job["id"], JobFile.ROWS))
        request, after = jobs.request_of(self._secrecy, job), jobs.position_of(self._secrecy, job)
        rows = _Rows(job["rows"], dict.fromkeys(job["columns"]), dict.fromkeys(job["withheld"]), saved)
        goes_on = True
        while goes_on:
            page = await self._page(job, request, grant, after, rows)
            if page is None:
                return None
            goes_on, before, after = page["hasNextPage"], after, page["endCursor"]
            if goes_on and (after is None or after == before):
                raise NotAList
            is_over = time.monotonic() > until
            if (is_over or len(rows.waiting) >= PART_BYTES or not goes_on) and not await self._store(
                job, rows, after
            ):
                return None
            if goes_on and is_over:
                raise _Yielded
        return rows

    async def _store(self, job: Job, rows: _Rows, position: str | None) -> bool:
        """Store the collected rows, and renew the hold; returns whether this process still holds the job. Raises
        ExportTooLarge."""
        content = bytes(rows.waiting)
        rows.waiting.clear()
        rows.bytes_saved += len(content)
        if rows.bytes_saved > MOST_BYTES:
            raise ExportTooLarge(most=MOST_BYTES)
        async with self._database.write() as session:
            return await jobs.store_rows(
                session,
                self._secrecy,
                job,
                rows.count,
                content,
                position,
                list(rows.columns),
                list(rows.withheld)[:_MOST_WITHHELD],
            )

    async def _page(
        self, job: Job, request: ExportRequest, grant: Grant, after: str | None, rows: _Rows
    ) -> Mapping[str, Any] | None:
        """The pageInfo of one page, after adding its rows; None if this process no longer holds the job. Raises PageRefused,
        NotAList, and _Yielded if the client has to wait."""
        variables = {**request.variables, **({} if after is None else {"after": after})}
        sent = Request(request.query, variables, request.operation_name, read_only=True)
        answer = await self._executor.answer(sent, grant)
        if answer.retry_after is not None and not answer.executed:
            if not await self._store(job, rows, after):
                return None
            raise _Yielded(answer.retry_after)
        return await asyncio.to_thread(rows.add, answer.content)

    async def _table(self, job: Job, columns: Sequence[str], made: int, until: float) -> bool:
        """Make the table, one part from each part of the rows, starting with the first missing part. Returns whether this
        process still holds the job. Raises _Yielded."""
        columns = without_objects(columns)
        async with self._database.write() as session:
            parts = max(await count_parts(session, job["id"], JobFile.ROWS), 1)
        for number in range(made, parts):
            async with self._database.write() as session:
                lines = await part_of(session, self._secrecy, job["id"], JobFile.ROWS, number)
            content = b"" if number else header_of(columns)
            content += await asyncio.to_thread(csv_of, lines, columns)
            async with self._database.write() as session:
                if not await jobs.store_table_part(session, self._secrecy, job, number, content):
                    return False
            if number + 1 < parts and time.monotonic() > until:
                raise _Yielded
        return True

    async def _workbook(self, job: Job, rows: _Rows) -> bool:
        """Make the table as a workbook, which is one file and is made in one turn; returns whether this process still holds
        the job. Meanwhile the rows and the workbook are in nameless files, which disappear with the process."""
        columns = without_objects(list(rows.columns))
        with TemporaryFile(dir=gettempdir()) as lines, TemporaryFile(dir=gettempdir()) as table:
            for number in count():
                async with self._database.write() as session:
                    part = await part_of(session, self._secrecy, job["id"], JobFile.ROWS, number)
                if not part:
                    break
                await asyncio.to_thread(lines.write, part)
            lines.seek(0)
            writing = asyncio.create_task(asyncio.to_thread(write_xlsx, lines, columns, table, rows.count))
            is_held = True
            while not (await asyncio.wait([writing], timeout=TURN))[0]:
                async with self._database.write() as session:
                    is_held = await jobs.renew_export_lease(session, job) and is_held
            writing.result()
            return is_held and await self._store_workbook(job, table)

    async def _store_workbook(self, job: Job, table: IO[bytes]) -> bool:
        """Store a workbook in parts; replaces what another process did not finish."""
        table.seek(0)
        async with self._database.write() as session:
            await jobs.forget_table(session, job)
        for number in count():
            content = await asyncio.to_thread(table.read, PART_BYTES)
            if not content:
                return True
            async with self._database.write() as session:
                if not await jobs.store_table_part(session, self._secrecy, job, number, content):
                    return False
        return True

    async def _leave(self, job: Job, after: timedelta) -> None:
        async with self._database.write() as session:
            await jobs.leave_export(session, job, after)
        asyncio.get_running_loop().call_later(after.total_seconds(), self.wake)


def _list_of(data: Any) -> Mapping[str, Any]:
    """The only field of an answer, which must be a list with its page information; raises NotAList."""
    if not isinstance(data, Mapping) or len(data) != 1:
        raise NotAList
    (page,) = data.values()
    if not isinstance(page, Mapping) or not {"nodes", "edges"} & page.keys():
        raise NotAList
    if not {"hasNextPage", "endCursor"} <= (page.get("pageInfo") or {}).keys():
        raise NotAList
    return page
