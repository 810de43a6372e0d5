"""`hub import` in a terminal: a progress bar, then the saved rows and the refused rows with their reasons."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from uuid import UUID

import sqlalchemy as sa
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Column, Table

from auth.clients import UnknownAgency
from auth.departments import DEPARTMENTS
from auth.grant import Grant
from auth.scopes import Scope
from hub.foundation.database import Database, table_of
from hub.foundation.encryption import Secrecy
from hub.foundation.errors import NotFound
from hub.imports.imports import run_import
from hub.imports.preview import KINDS_OF_CHANGE, write_preview
from hub.imports.refusals import PreviewOutdated
from hub.imports.refused_rows import rows_file
from hub.imports.report import ImportReport
from hub.imports.templates import write_template
from hub.imports.undo import Undone, undo_import
from hub.model.agencies import AgencyRow
from hub.model.import_runs import IMPORTER, ImportKind, ImportRunRow
from hub.regions.places import Places

_SHOWN = 20
_agency, _run = table_of(AgencyRow), table_of(ImportRunRow)


async def operator_grant(database: Database, agency: str) -> Grant:
    """The full grant of an agency's department, for the operator who imports its file; raises UnknownAgency."""
    async with database.read() as connection:
        found = (await connection.execute(sa.select(_agency).where(_agency.c.id == agency))).one_or_none()
    if found is None:
        raise UnknownAgency(agency=agency)
    permissions = DEPARTMENTS[found.department]
    return Grant(
        agency=agency,
        client=IMPORTER,
        scopes=permissions.scopes,
        regions=(found.region,),
        purpose=permissions.purposes[0],
        purposes=permissions.purposes,
    )


async def write_template_file(database: Database, kind: ImportKind, agency: str | None, into: Path) -> None:
    """Write the template of a kind of file for an agency. Without an agency, the template has every column, word and region.
    Raises UnknownAgency."""
    anyone = Grant("", IMPORTER, frozenset(Scope), ("",), "")
    grant = anyone if agency is None else await operator_grant(database, agency)
    async with database.read() as connection:
        places = await Places.load(connection, grant)
    with into.open("xb") as file:
        write_template(file, kind, grant, places)


async def undo_run(database: Database, secrecy: Secrecy, run_id: UUID) -> Undone:
    """Undo an import as its agency. Raises NotFound and the errors of `undo_import`."""
    async with database.read() as connection:
        agency = await connection.scalar(sa.select(_run.c.agency_id).where(_run.c.id == run_id))
    if agency is None:
        raise NotFound(noun="import", noun_zh="导入")
    return await undo_import(database, secrecy, run_id, await operator_grant(database, agency))


async def import_file(
    database: Database,
    secrecy: Secrecy,
    kind: ImportKind,
    file: Path,
    agency: str,
    report: Path,
    console: Console,
    *,
    month: date | None = None,
    sheets: Sequence[str] = (),
    words: Path | None = None,
    preview: bool = False,
    confirms: str | None = None,
) -> ImportReport:
    """Import a file, or some of its sheets, as an agency, and print the result. `month`: the file is the list of this month.
    `words`: a file of the office's own words. `preview`: only show what would happen. `confirms`: the hash of the preview
    that the import must equal. Raises PreviewOutdated and the errors of `run_import` and `operator_grant`."""
    grant = await operator_grant(database, agency)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(escape(file.name), total=None)

        async def run(preview: bool) -> ImportReport:
            return await run_import(
                database,
                secrecy,
                kind,
                file,
                grant,
                lambda done, total: bar.update(task, completed=done, total=total),
                report,
                month=month,
                sheets=sheets,
                words=words,
                preview=preview,
            )

        if confirms is not None and (await run(True)).preview != confirms.strip().lower():
            raise PreviewOutdated()
        finished = await run(preview)
    print_report(finished, report, console)
    if finished.refused:
        rows = escape(str(rows_file(report, file)))
        console.print(
            f"Mend the rows in this file and import it 请改正此文件中的各行后导入: {rows}", soft_wrap=True
        )
    if preview:
        into = report.with_name(f"{file.name}.preview.csv")
        write_preview(into, finished)
        print_preview(finished, into, console)
    return finished


def print_preview(report: ImportReport, into: Path, console: Console) -> None:
    """Print the first values that would be replaced, the path of the full list, and the hash for the confirmation."""
    if report.changes:
        table = Table(
            "row 行",
            "column 列",
            "from 现为",
            "to 将为",
            "kind 变化",
            title="Preview 预览",
            title_justify="left",
        )
        for change in report.changes[:_SHOWN]:
            cells = (
                str(change.row),
                change.column,
                change.before or "",
                change.after or "",
                KINDS_OF_CHANGE[change.kind],
            )
            table.add_row(*map(escape, cells))
        console.print(table)
    kinds = Counter(change.kind for change in report.changes)
    replaced = kinds.total() - kinds["NEW"] - kinds["ENDED"]
    console.print(
        f"Nothing was saved. {kinds['NEW']} rows would be new, {replaced} values would be replaced, {kinds['CLEARED']} of them"
        f" cleared, {report.ended} rows would end something; all are in {escape(str(into))}."
        f" To import: --confirm {report.preview}"
        f"\n未保存任何内容。将新增 {kinds['NEW']} 行,变更 {replaced} 项(其中清空 {kinds['CLEARED']} 项),终止 {report.ended} 行,"
        f"全部见该文件。确认导入请加 --confirm {report.preview}",
        soft_wrap=True,
    )


def print_report(finished: ImportReport, report: Path, console: Console) -> None:
    """Print the report: notices, the first refusals, the sums, and the path of the full list."""
    for warning in finished.warnings[:_SHOWN]:
        console.print(
            f"[yellow]{warning.code}[/yellow] {escape(f'{warning.message} {warning.message_zh}')}",
            soft_wrap=True,
        )
    if finished.refused:
        table = Table(
            "row 行",
            Column("column 列", overflow="fold"),
            Column("code", overflow="fold"),
            Column("reason 原因", overflow="fold"),
            title="Refused 未通过",
            title_justify="left",
        )
        for refusal in finished.refused[:_SHOWN]:
            reason = f"{refusal.message}\n{refusal.message_zh}"
            table.add_row(str(refusal.row), escape(refusal.column), refusal.code, escape(reason))
        console.print(table)
        more = len(finished.refused) - _SHOWN
        also = f", {more} more reasons 另有 {more} 条" if more > 0 else ""
        console.print(f"All reasons are in 全部原因见 {escape(str(report))}{also}", soft_wrap=True)
    if finished.refused_cells:
        console.print(
            f"{finished.refused_cells} values could not be read and were left out; their rows are taken"
            f" {finished.refused_cells} 项内容无法识别,未录入,所在行的其他内容已录入",
            soft_wrap=True,
        )
    console.print(
        f"{finished.rows} rows: {finished.accepted} landed ({finished.changed} new or changed), {finished.refused_rows} refused"
        f" 共 {finished.rows} 行,通过 {finished.accepted} 行(新增或变更 {finished.changed}),未通过 {finished.refused_rows} 行",
        soft_wrap=True,
    )
    if finished.run is not None and finished.changed:
        console.print(f"To undo it 如需撤销: hub import undo {finished.run}", soft_wrap=True)
