"""`hub import`: imports a file of an agency (46-2.2). Valid rows are saved; invalid rows are reported and do not stop the
others.

The file is written in transactions of a few thousand rows. A killed import leaves complete transactions. Running it again
completes it, because existing rows are compared and left unchanged.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy.dialects import postgresql as pg
from sqlalchemy.ext.asyncio import AsyncSession

from auth.grant import Grant
from hub.foundation.database import Database, new_id, now, table_of, with_limits_of_jobs
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import ForbiddenWrite, HubError
from hub.glossary.code_sets import term
from hub.households.registration import RegistrationRules
from hub.imports import aid, circumstances, households, lines, monitored
from hub.imports.access_records import ImportAccess
from hub.imports.files import Table, open_table
from hub.imports.headers import Column
from hub.imports.importing import AnyImport, Importing, ImportOf
from hub.imports.office_words import (
    office_words,
    read_office_words,
    save_office_words,
    with_office_words,
    with_stated,
)
from hub.imports.preview import TELLING, hash_of, trial
from hub.imports.refusals import (
    CheckDeferred,
    MonthRequiredToShare,
    NoMonthlyList,
    NoRows,
    NotYourList,
    ResidenceInferred,
    ValuesCleared,
)
from hub.imports.refused_rows import rows_file, write_refused_rows
from hub.imports.report import ImportReport, Tally, write_report
from hub.ledger.named_subjects import NamedSubjects
from hub.model.agencies import Department
from hub.model.import_runs import IMPORTER, ImportKind, ImportRunRow
from hub.policy.permissions import write_scopes
from hub.shares.commands import share_nothing
from hub.shares.rules import share_refusal

_run_row = table_of(ImportRunRow)
Progress = Callable[[int, int], None]
"""Called after each transaction with the number of finished rows and the number of all rows."""
Check = Callable[[AsyncSession], Awaitable[object]]
"""Called in each transaction before its rows; raises a HubError to stop the import."""


async def _goes_on(_session: AsyncSession) -> None:
    """The default check, which never stops an import."""


IMPORTS: dict[ImportKind, AnyImport] = {
    ImportKind.HOUSEHOLDS: ImportOf(
        households.columns, households.read_households, households.register_households,
        rows_in_batch=5_000, scope=write_scopes.HOUSEHOLD,
    ),
    ImportKind.MONITORED: ImportOf(
        monitored.columns, monitored.read_monitored, monitored.certify_monitored,
        rows_in_batch=5_000, refusal=monitored.refusal, department=Department.AGRICULTURE, monthly=True,
    ),
    ImportKind.AID: ImportOf(aid.columns, aid.read_aid, aid.record_outcomes, rows_in_batch=1_000),
    ImportKind.LINES: ImportOf(
        lines.columns, lines.read_lines, lines.save_lines, rows_in_batch=5_000, department=Department.CIVIL_AFFAIRS,
    ),
    ImportKind.CIRCUMSTANCES: ImportOf(
        circumstances.columns, circumstances.read_circumstances, circumstances.report_rows,
        rows_in_batch=5_000, refusal=circumstances.refusal, monthly=True,
    ),
}  # fmt: skip


@dataclass(frozen=True)
class _How:
    """How a file is imported, and where its reports are written: the arguments of `run_import`. `sender`: the client that
    sent the file."""

    report: Path
    rejected: Path
    month: date | None
    sheets: Sequence[str]
    words: Path | None
    run_id: UUID
    file_name: str
    check: Check
    sender: str


async def run_import(
    database: Database,
    secrecy: Secrecy,
    kind: ImportKind,
    path: Path,
    grant: Grant,
    progress: Progress,
    report: Path,
    *,
    month: date | None = None,
    run_id: UUID | None = None,
    file_name: str | None = None,
    sheets: Sequence[str] = (),
    words: Path | None = None,
    preview: bool = False,
    rejected: Path | None = None,
    check: Check = _goes_on,
) -> ImportReport:
    """Import a file as an agency, under a client that names the run. The run and the access records also have the sender. The
    reasons of refused rows are written to `report` as CSV, and the rows themselves beside it as a workbook (`rows_file`).
    `month`: the file is (part of) the agency's list for this month, identified by its first day; a header without rows is an
    empty list. `run_id`: the id of a run that is started again. `file_name`: the agency's own name of the file, if `path` has
    another. `sheets`: the names of the sheets to read; without it, all sheets with the same header. `words`: a file of the
    office's own words, which are stored for this file and its later ones. `preview`: each transaction is rolled back, and
    only the access record is stored; a row that needs rows of an earlier transaction is refused. `rejected`: the path of the
    workbook, if it is not beside the report. `check`: called in each transaction before its rows are written.

    Raises a HubError if the whole file cannot be imported, before anything is written: ForbiddenWrite, NotYourList,
    NotYourRegistry, NoMonthlyList, InvalidWordFile, the errors of `share_refusal` and of `open_table`. An error of `check`
    ends the import; earlier transactions stay.
    """
    how = _How(
        report,
        rejected or rows_file(report, path),
        month,
        sheets,
        words,
        run_id or new_id(),
        file_name or path.name,
        check,
        grant.client,
    )
    by_operator = grant.client == IMPORTER
    counted_as = grant.agency if by_operator else grant.client
    grant = replace(grant, client=f"{IMPORTER}:{how.run_id}", counted_as=counted_as)
    access = ImportAccess(grant, kind, path, grant.client if by_operator else how.sender, preview)
    try:
        return await _run(database, secrecy, access, progress, how)
    except HubError as refusal:
        async with database.write() as session:
            await access.save_refusal(session, refusal)
        raise


async def _run(
    database: Database, secrecy: Secrecy, access: ImportAccess, progress: Progress, how: _How
) -> ImportReport:
    report, month, sheets, words = how.report, how.month, how.sheets, how.words
    started_at, grant, kind, path = now(), access.grant, access.kind, access.path
    chosen = IMPORTS[kind]
    check_may_import(kind, grant, month)
    async with database.read() as connection:
        rules = await RegistrationRules.load(connection, grant)
    columns = await _with_words(database, access, chosen.columns(rules.places, rules.sample), words)
    table = await asyncio.to_thread(open_table, path, columns, sheets, whole=month is not None)
    total = table.total
    preview = access.preview
    tally = Tally(table.header.labels, preview)
    write_report(report, tally.report())  # before the import, so that a path that cannot be written fails now
    importing = Importing(grant, secrecy, rules, tally, month, preview=preview)
    try:
        for batch in _batches(chosen, importing, table, columns):
            part = replace(importing, named=NamedSubjects())
            async with trial(database) if preview else database.write() as session:
                await with_limits_of_jobs(session)
                await how.check(session)
                await chosen.write(session, part, batch)
                part.named.take_over(importing.named)
                if not preview:
                    await access.save(session, tally, part.named)
            if preview:
                async with database.write() as session:
                    await access.save(session, tally, part.named)
            progress(tally.rows, total)
        if month is not None and not total and not preview:
            async with database.write() as session:
                await share_nothing(session, grant, month)
    finally:
        write_report(report, tally.report())
    if chosen.monthly and month is None:
        tally.notice(MonthRequiredToShare())
    if access.lacks(tally):
        async with database.write() as session:
            await access.save(session, tally, importing.named)
    finished = _finish(tally, table, total, checked_later=preview and kind in TELLING)
    if preview:
        digest = hash_of(kind, grant.agency, month, sheets, table.sha256, finished)
        finished = replace(finished, preview=digest)
    else:
        finished = replace(finished, run=how.run_id)
        await _record_run(database, how, kind, grant, table, finished, started_at)
    write_refused_rows(how.rejected, table, finished)
    return finished


async def _with_words(
    database: Database, access: ImportAccess, columns: Sequence[Column], words: Path | None
) -> Sequence[Column]:
    """The columns with the stored words of the caller's office and the words of a file of words, which are stored too."""
    stated = [] if words is None else read_office_words(words, columns)
    if not access.preview:
        async with database.write() as session:
            await save_office_words(session, access.grant, stated)
    async with database.read() as connection:
        known = await office_words(connection, access.grant.agency)
    return with_office_words(columns, with_stated(known, stated))


def check_may_import(kind: ImportKind, grant: Grant, month: date | None) -> None:
    """Raises the error for which a grant may not import such a file: ForbiddenWrite, NotYourList, NotYourRegistry,
    NoMonthlyList, the errors of `share_refusal`."""
    chosen = IMPORTS[kind]
    if chosen.department is not None and grant.department != chosen.department:
        department = term(chosen.department)
        raise NotYourList(department=department.en, department_zh=department.zh)
    if chosen.scope is not None and chosen.scope not in grant.scopes:
        raise ForbiddenWrite(scope=chosen.scope.value)
    if error := chosen.refusal(grant):
        raise error
    if month is None:
        return
    if not chosen.monthly:
        raise NoMonthlyList(path=("month",))
    if error := share_refusal(grant, month):
        raise error


def _batches(
    chosen: AnyImport, importing: Importing, table: Table, columns: Sequence[Column]
) -> Iterator[list[Any]]:
    """The items of the file, grouped by transaction."""
    batch: list[Any] = []
    written = 0
    for item in chosen.read(importing, table, columns):
        batch.append(item)
        if importing.tally.rows - written >= chosen.rows_in_batch:
            yield batch
            batch, written = [], importing.tally.rows
    if batch:
        yield batch


def _finish(tally: Tally, table: Table, total: int, *, checked_later: bool) -> ImportReport:
    """The report at the end. `checked_later`: the import may refuse rows because of records out of sight, which a preview
    does not check."""
    if checked_later:
        tally.notice(CheckDeferred())
    for fact in table.notices:
        tally.notice(fact)
    if tally.residences_inferred:
        tally.notice(ResidenceInferred(count=tally.residences_inferred))
    if tally.cleared:
        columns = "、".join(f"{column} {count}" for column, count in tally.cleared.most_common())
        tally.notice(ValuesCleared(count=tally.cleared.total(), columns=columns))
    if not total:
        tally.notice(NoRows())
    return tally.report()


async def _record_run(
    database: Database,
    how: _How,
    kind: ImportKind,
    grant: Grant,
    table: Table,
    report: ImportReport,
    started_at: datetime,
) -> None:
    run = {
        "id": how.run_id,
        "kind": kind,
        "agency_id": grant.agency,
        "client_id": how.sender,
        "file_name": how.file_name,
        "file_sha256": table.sha256,
        "rows": report.rows,
        "accepted": report.accepted,
        "changed": report.changed,
        "refused": report.refused_rows,
        "started_at": started_at,
        "finished_at": now(),
    }
    async with database.write() as session:  # a run that is started again may already be stored
        await session.execute(pg.insert(_run_row).values(run).on_conflict_do_nothing())
