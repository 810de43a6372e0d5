"""`hub import`: the file of an office, with a preview where that is asked for."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hub.service.cli.console import Agency, console, opened_database

if TYPE_CHECKING:
    from hub.foundation.database import Database


class ImportWord(StrEnum):
    """The files `hub import` takes, as words of the command line."""

    HOUSEHOLDS = "households"
    MONITORED = "monitored"
    AID = "aid"
    LINES = "lines"
    CIRCUMSTANCES = "circumstances"


def import_file(
    kind: Annotated[
        ImportWord,
        typer.Argument(help=f"Kind of the file. 文件种类: {', '.join(ImportWord)}", metavar="KIND"),
    ],
    file: Annotated[
        Path,
        typer.Argument(
            help="CSV (UTF-8 or GB18030) or XLSX. 要导入的文件。", exists=True, dir_okay=False, metavar="FILE"
        ),
    ],
    agency: Agency,
    report: Annotated[
        Path | None,
        typer.Option(help="File for refused rows; default FILE.rejected.csv. 未通过的行写入此文件。"),
    ] = None,
    month: Annotated[
        str | None,
        typer.Option(
            help="Of circumstances and monitored: the month of the list, as in 2026-11. 名单所属月份。"
        ),
    ] = None,
    sheet: Annotated[
        list[str] | None,
        typer.Option(
            help="A sheet to read, can be repeated; default: all visible ones with the same header. 要导入的工作表,可多次填写。"
        ),
    ] = None,
    words: Annotated[
        Path | None,
        typer.Option(
            help="The office's own words and what they mean, kept for its later files. 本单位用语对照表。",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Show what would change and save nothing; prints a hash. 仅预览,不保存,并给出校验码。",
        ),
    ] = False,
    confirm: Annotated[
        str | None,
        typer.Option(
            help="Import only if it would do what the preview with this hash showed. 与该预览一致时才导入。",
            metavar="HASH",
        ),
    ] = None,
) -> None:
    """Import a file of an office. 导入单位报送的文件。

    Valid rows are saved, refused rows are reported, and importing the same file again changes nothing. Exit code 0: all
    rows were saved; 1: the file could not be imported; 3: some rows were refused.

    符合要求的行予以登记,未通过的行写入报告,重复导入不会再作更改。退出码 0 为全部通过,1 为文件无法导入,3 为部分行未通过。

    Example: `hub import households 户籍.xlsx --agency civil_affairs@410105001`

    A monthly list: `hub import circumstances 困难学生.xlsx --agency education@410105 --month 2026-11`
    """
    from hub.foundation.encryption import Secrecy
    from hub.foundation.months import month_of
    from hub.imports import command
    from hub.imports.report import ImportReport
    from hub.model.import_runs import ImportKind
    from hub.service.serving import keys_of, with_database

    with opened_database() as (settings, urls):
        shared_for = None if month is None else month_of(month)
        secrecy = Secrecy(keys_of(settings, urls).keys, settings.cipher)
        into = report or file.with_name(f"{file.name}.rejected.csv")

        async def take_in(database: "Database") -> ImportReport:
            return await command.import_file(
                database,
                secrecy,
                ImportKind(kind.name),
                file,
                agency,
                into,
                console,
                month=shared_for,
                sheets=sheet or (),
                words=words,
                preview=dry_run,
                confirms=confirm,
            )

        finished = with_database(urls, settings, take_in)
    raise typer.Exit(3 if finished.refused else 0)
