"""`hub import KIND`: imports an office's file, after a preview if requested; `template`: a file to fill in; `undo`: undoes an
import."""

from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from hub.foundation.operating import OperatorError
from hub.service.cli.console import Agency, console, errors_explained, opened_database

if TYPE_CHECKING:
    from hub.foundation.database import Database


class FileAlreadyExists(OperatorError):
    """There is a file {file} already; name another, or move it away.
    文件 {file} 已存在,请另取名称或移走该文件。
    """


class ImportWord(StrEnum):
    """The kinds of files of `hub import`, as words of the command line."""

    HOUSEHOLDS = "households"
    MONITORED = "monitored"
    AID = "aid"
    LINES = "lines"
    CIRCUMSTANCES = "circumstances"


import_app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    help="""Import a file of an office, get the template of one, undo an import. 导入单位报送的文件,生成模板,撤销导入。

    Example: `hub import households 户籍.xlsx --agency civil_affairs@410105001`

    A monthly list: `hub import circumstances 困难学生.xlsx --agency education@410105 --month 2026-11`

    An empty file to fill in: `hub import template households --agency civil_affairs@410105001`
    """,
)
_HELP = """Import a file of an office. 导入单位报送的文件。

Valid rows are saved, refused rows are reported, and importing the same file again changes nothing. Exit code 0: all
rows were saved; 1: the file could not be imported; 3: some rows were refused.

符合要求的行予以登记,未通过的行写入报告,重复导入不会再作更改。退出码 0 为全部通过,1 为文件无法导入,3 为部分行未通过。

Example: `hub import {kind} 文件.xlsx --agency {agency}`
"""
_AGENCIES = {
    ImportWord.HOUSEHOLDS: "civil_affairs@410105001",
    ImportWord.MONITORED: "agriculture@410105",
    ImportWord.AID: "education@410105",
    ImportWord.LINES: "civil_affairs@410105",
    ImportWord.CIRCUMSTANCES: "education@410105",
}


def _import_of(kind: ImportWord) -> Callable[..., None]:
    """The command that imports one kind of file."""

    def import_file(
        file: Annotated[
            Path,
            typer.Argument(
                help="CSV (UTF-8 or GB18030) or XLSX. 要导入的文件。",
                exists=True,
                dir_okay=False,
                metavar="FILE",
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
                help="A sheet to read, can be repeated; default: all visible ones of one header. 要导入的工作表,可多次填写。"
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

    return import_file


for _kind in ImportWord:
    import_app.command(_kind, help=_HELP.format(kind=_kind, agency=_AGENCIES[_kind]))(_import_of(_kind))


@import_app.command()
def template(
    kind: Annotated[
        ImportWord,
        typer.Argument(help=f"Kind of the file. 文件种类: {', '.join(ImportWord)}", metavar="KIND"),
    ],
    file: Annotated[
        Path | None,
        typer.Argument(help="Where it goes; default KIND.xlsx. 模板文件。", dir_okay=False, metavar="[FILE]"),
    ] = None,
    agency: Annotated[
        str | None,
        typer.Option(help="Whose columns, words and regions; default: all. 填报单位,写作 部门@区划。"),
    ] = None,
) -> None:
    """Write the template of a file: an XLSX with the columns, their allowed values, an example and notes. 生成导入模板。

    The cells are text, so no digit is lost; the example row is never imported.

    各列为文本格式并带下拉列表;示例行不会导入。

    Example: `hub import template households --agency civil_affairs@410105001`
    """
    from hub.imports import command
    from hub.model.import_runs import ImportKind
    from hub.service.serving import with_database

    into = file or Path(f"{kind}.xlsx")
    with errors_explained():
        if into.exists():
            raise FileAlreadyExists(file=into)
    with opened_database() as (settings, urls):
        with_database(
            urls,
            settings,
            lambda database: command.write_template_file(database, ImportKind(kind.name), agency, into),
        )
    console.print(f"written 已生成: {into}", soft_wrap=True)


@import_app.command()
def undo(
    run: Annotated[
        UUID, typer.Argument(help="The import, as it is named after it. 导入编号。", metavar="ID")
    ],
) -> None:
    """Undo a whole import: new records are withdrawn, changed ones get their old values. 整批撤销一次导入。

    Each household's chain shows it. It is refused, with their number, if later records build on the import. Running it again
    changes nothing.

    救助链逐户留有撤销记录;导入之后另有后续记录的不能撤销,并告知数量。重复撤销不再作更改。

    Example: `hub import undo 01931f2e-7c1a-7e7e-9d1b-2f0c6a4b8d10`
    """
    from hub.foundation.encryption import Secrecy
    from hub.imports import command
    from hub.imports.undo import Undone
    from hub.service.serving import keys_of, with_database

    with opened_database() as (settings, urls):
        secrecy = Secrecy(keys_of(settings, urls).keys, settings.cipher)

        async def take_back(database: "Database") -> Undone:
            return await command.undo_run(database, secrecy, run)

        undone = with_database(urls, settings, take_back)
    if undone.before:
        console.print("undone before 此前已撤销")
    else:
        console.print(f"undone: {undone.households} households 已撤销,涉及 {undone.households} 户")
