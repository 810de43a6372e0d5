"""`hub import`: imports a file of an agency (46-2.2). Valid rows are saved; invalid rows are reported and do not stop the
others.

The file is written in transactions of a few thousand rows. A killed import leaves complete transactions. Running it again
completes it, because existing rows are compared and left unchanged.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

from auth.grant import Grant
from hub.foundation.database import Database, new_id, now
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import ForbiddenWrite, HubError
from hub.glossary.code_sets import term
from hub.households.registration import RegistrationRules
from hub.imports import aid, circumstances, households, lines, monitored
from hub.imports.access_records import ImportAccess
from hub.imports.files import Table, open_table
from hub.imports.headers import Column
from hub.imports.importing import AnyImport, Importing, ImportOf
from hub.imports.preview import hash_of, trial
from hub.imports.refusals import (
    MonthNotGiven,
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

Progress = Callable[[int, int], None]
"""Called after each transaction with the number of finished rows and of all rows."""

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
        lines.columns, lines.read_lines, lines.keep_lines, rows_in_batch=5_000, department=Department.CIVIL_AFFAIRS,
    ),
    ImportKind.CIRCUMSTANCES: ImportOf(
        circumstances.columns, circumstances.read_circumstances, circumstances.report_rows,
        rows_in_batch=5_000, refusal=circumstances.refusal, monthly=True,
    ),
}  # fmt: skip


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
    sheets: Sequence[str] = (),
    preview: bool = False,
) -> ImportReport:
    """Import a file as an agency, under a client that names the run, and write the reasons of refused rows to
    `report` as CSV, and the rows themselves beside it as a workbook (`rows_file`).
    `month`: the file is (part of) the agency's list for this month, by its first day; a header without rows is an empty list.
    `sheets`: the names of the sheets to read, where it is not all that have the same header. `preview`: nothing is kept but the
    access record; each transaction is tried and rolled back, so that rows which need those of an earlier one are refused.

    Raises a HubError if the whole file cannot be imported, before anything is written: ForbiddenWrite, NotYourList,
    NotYourRegistry, NoMonthlyList, the errors of `share_refusal` and of `open_table`.
    """
    run_id = new_id()
    grant = replace(grant, client=f"{IMPORTER}:{run_id}")
    access = ImportAccess(grant, kind, path, preview)
    try:
        return await _run(database, secrecy, access, progress, report, month, sheets, run_id)
    except HubError as refusal:
        async with database.write() as session:
            await access.keep_refusal(session, refusal)
        raise


async def _run(
    database: Database,
    secrecy: Secrecy,
    access: ImportAccess,
    progress: Progress,
    report: Path,
    month: date | None,
    sheets: Sequence[str],
    run_id: UUID,
) -> ImportReport:
    started_at, grant, kind, path = now(), access.grant, access.kind, access.path
    chosen = IMPORTS[kind]
    _check_grant(chosen, grant)
    _check_month(chosen, grant, month)
    async with database.read() as connection:
        rules = await RegistrationRules.load(connection, grant)
    columns = chosen.columns(rules.places, rules.sample)
    table = open_table(path, columns, sheets, whole=month is not None)
    total = table.total
    preview = access.preview
    tally = Tally(table.header.labels, preview)
    write_report(report, tally.report())  # before the import, so that a path that cannot be written shows now
    importing = Importing(grant, secrecy, rules, tally, month)
    try:
        for batch in _batches(chosen, importing, table, columns):
            part = replace(importing, named=NamedSubjects())
            async with trial(database) if preview else database.write() as session:
                await chosen.write(session, part, batch)
                if not preview:
                    await access.keep(session, tally, part.named)
            if preview:
                async with database.write() as session:
                    await access.keep(session, tally, part.named)
            progress(tally.rows, total)
        if month is not None and not total and not preview:
            async with database.write() as session:
                await share_nothing(session, grant, month)
    finally:
        write_report(report, tally.report())
    if chosen.monthly and month is None:
        tally.notice(MonthNotGiven())
    if access.lacks(tally):
        async with database.write() as session:
            await access.keep(session, tally, NamedSubjects())
    finished = _finish(tally, table, total)
    if preview:
        digest = hash_of(kind, grant.agency, month, sheets, table.sha256, finished)
        finished = replace(finished, preview=digest)
    else:
        await _record_run(database, run_id, kind, path, grant, table, finished, started_at)
    write_refused_rows(rows_file(report, path), table, finished)
    return finished


def _check_grant(chosen: AnyImport, grant: Grant) -> None:
    if chosen.department is not None and grant.department != chosen.department:
        department = term(chosen.department)
        raise NotYourList(department=department.en, department_zh=department.zh)
    if chosen.scope is not None and chosen.scope not in grant.scopes:
        raise ForbiddenWrite(scope=chosen.scope.value)
    if error := chosen.refusal(grant):
        raise error


def _check_month(chosen: AnyImport, grant: Grant, month: date | None) -> None:
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


def _finish(tally: Tally, table: Table, total: int) -> ImportReport:
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
    run_id: UUID,
    kind: ImportKind,
    path: Path,
    grant: Grant,
    table: Table,
    report: ImportReport,
    started_at: datetime,
) -> None:
    async with database.write() as session:
        session.add(
            ImportRunRow(
                id=run_id,
                kind=kind,
                agency_id=grant.agency,
                file_name=path.name,
                file_sha256=table.sha256,
                rows=report.rows,
                accepted=report.accepted,
                changed=report.changed,
                refused=report.refused_rows,
                started_at=started_at,
                finished_at=now(),
            )
        )
