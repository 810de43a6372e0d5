"""The importer of a process: a thread that imports uploaded files one after another, with small files beside a large one.
Waiting clients take turns.

Any number of processes may look for work at once. One process holds each job and renews its hold every few seconds. If a
process dies, another takes over its job; rows that are already imported are found unchanged and are not written twice.
"""

import asyncio
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryFile, gettempdir

from hub.foundation.database import Database, new_id
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import HubError
from hub.foundation.troubles import trouble_of
from hub.imports import job_previews, job_undoing, jobs
from hub.imports.imports import run_import
from hub.imports.job_leases import RoundRobin
from hub.imports.jobs import ImportInterrupted, Job
from hub.imports.preview import write_preview
from hub.imports.report import ImportReport
from hub.imports.sealed_parts import part_of
from hub.imports.undo import undo_import
from hub.model.sealed_parts import JobFile
from hub.service.background import WorkerThread, look_for_work
from hub.service.callers import grant_of
from schema.engine.refusals import Internal

EVERY = 20.0
"""Seconds between two checks for a job that another process left; files sent to this process start at once."""
SMALL = 2 << 20
"""The largest file, in bytes, that does not wait for larger ones."""
_TELL = 2.0
"""Seconds between two progress reports of a running import."""
_AFTER_TROUBLE = timedelta(seconds=10)
_log = logging.getLogger(__name__)


@dataclass
class _Position:
    """The progress of an import."""

    done: int = 0
    total: int | None = None

    def move(self, done: int, total: int) -> None:
        """Set the number of finished rows, and of all rows."""
        self.done, self.total = done, total


class Importer(WorkerThread):
    """Imports uploaded files while the context is open. Leaving cancels a running import; the next process continues it."""

    def __init__(self, database: Database, secrecy: Secrecy, every: float = EVERY) -> None:
        super().__init__("importer", "an import", database)
        self._secrecy, self._every = secrecy, every
        self._turns = RoundRobin()
        self._lines = {sys.maxsize: asyncio.Event(), SMALL: asyncio.Event()}
        """The largest file of each queue, and the event that wakes it."""

    def wake(self) -> None:
        """A file is complete: start with it, unless others are being imported."""
        for woken in self._lines.values():
            self.call(woken.set)

    async def work(self, database: Database) -> None:
        """Import the waiting files of both queues."""
        async with asyncio.TaskGroup() as lines:
            for most_bytes, woken in self._lines.items():
                work = partial(_import_all, database, self._secrecy, self._turns, most_bytes)
                lines.create_task(look_for_work("uploads", woken, self._every, work))


async def _import_all(database: Database, secrecy: Secrecy, turns: RoundRobin, most_bytes: int) -> None:
    """Import every free job whose file is not too large for the queue; the queue of large files also deletes old jobs."""
    if most_bytes > SMALL:
        async with database.write() as session:
            await jobs.forget_old(session)
    while True:
        async with database.write() as session:
            job = await jobs.claim_job(session, turns, most_bytes)
        if job is None:
            return
        try:
            await _import(database, secrecy, job)
        except asyncio.CancelledError:
            await asyncio.shield(_leave(database, job, timedelta(0)))
            raise


async def _import(database: Database, secrecy: Secrecy, job: Job) -> None:
    """Import one file or undo its import, and store the outcome."""
    if job["attempts"] >= jobs.MOST_ATTEMPTS * (1 + job["undo"]):
        await _fail(database, job, ImportInterrupted(count=job["attempts"]))
        return
    position = _Position()
    working = asyncio.create_task(_run(database, secrecy, job, position))
    try:
        while not (await asyncio.wait([working], timeout=_TELL))[0]:
            async with database.write() as session:
                if not await jobs.go_on(session, job, position.done, position.total):
                    return  # it was cancelled, or another process holds it
        done = working.result()
    except HubError as refusal:
        async with database.write() as session:
            await (job_undoing.undone if job["undo"] else jobs.refuse)(session, job, refusal)
    except Exception as error:
        if trouble_of(error) is not None:  # it is temporary: the file is imported later
            await _leave(database, job, _AFTER_TROUBLE)
            raise
        incident = str(new_id())
        _log.error("incident %s: an import", incident, exc_info=error)
        await _fail(database, job, Internal(incident=incident))
    else:
        await _end(database, secrecy, job, done)
    finally:
        working.cancel()
        await asyncio.wait([working])


async def _end(database: Database, secrecy: Secrecy, job: Job, done: "_Done | None") -> None:
    """Store the outcome of a job."""
    async with database.write() as session:
        if done is None:
            await job_undoing.undone(session, job)
        elif done.report.preview is None:
            await jobs.finish(session, secrecy, job, done.report, done.files)
        else:
            outdated = job["confirms"] is not None
            await job_previews.show(session, secrecy, job, done.report, done.files, outdated=outdated)


@dataclass(frozen=True)
class _Done:
    """The report of an import or of its preview, and its result files."""

    report: ImportReport
    files: dict[JobFile, bytes]


async def _run(database: Database, secrecy: Secrecy, job: Job, position: _Position) -> _Done | None:
    """Runs an import, or a preview: for a file that waits to be confirmed, or whose outcome differs from the confirmed one.
    None if the import was undone, which its agency may have done after the client that sent the file was revoked."""
    async with database.write() as session:
        grant = await grant_of(session, job, of_revoked=job["undo"])
    if job["undo"]:
        await undo_import(database, secrecy, job["id"], grant)
        return None
    with _nameless_file() as file, _nameless_file() as report, _nameless_file() as rejected:
        await _write(file, database, secrecy, job)

        async def run(preview: bool) -> _Done:
            finished = await run_import(
                database,
                secrecy,
                job["kind"],
                file,
                grant,
                position.move,
                report,
                month=job["month"],
                run_id=job["id"],
                file_name=job["file_name"],
                preview=preview,
                rejected=rejected,
                check=partial(grant_of, job=job),
            )
            files = {JobFile.REPORT: report.read_bytes(), JobFile.REJECTED: rejected.read_bytes()}
            if preview:
                write_preview(report, finished)
                files[JobFile.PREVIEW] = report.read_bytes()
            return _Done(finished, files)

        if job["preview"]:
            return await run(True)
        if job["confirms"] is not None:
            tried = await run(True)
            if tried.report.preview != job["confirms"]:
                return tried
            async with database.write() as session:
                await job_previews.compared(session, job)
        return await run(False)


async def _write(file: Path, database: Database, secrecy: Secrecy, job: Job) -> None:
    """Write the upload into a file."""
    with file.open("wb") as opened:
        for number in count():
            async with database.write() as session:
                part = await part_of(session, secrecy, job["id"], JobFile.UPLOAD, number)
            if not part:
                return
            opened.write(part)


@contextmanager
def _nameless_file() -> Iterator[Path]:
    """A file without a name in any folder, so that it disappears with its process, however that ends."""
    with TemporaryFile(dir=gettempdir()) as opened:
        yield Path(f"/proc/{os.getpid()}/fd/{opened.fileno()}")


async def _leave(database: Database, job: Job, after: timedelta) -> None:
    async with database.write() as session:
        await jobs.release(session, job, after)


async def _fail(database: Database, job: Job, reason: HubError) -> None:
    """Store the reason why a file could not be imported, or why its import could not be undone."""
    async with database.write() as session:
        await (job_undoing.undone if job["undo"] else jobs.fail)(session, job, reason)
