"""`hub visits`: the households to visit first, as a list to take along (46-2.3)."""

import csv
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import orjson
import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table

from hub.service.cli.console import Agency, complain, console, errors_explained, opened_database

if TYPE_CHECKING:
    from auth.grant import Grant
    from schema.engine.execute.executor import Executor

visits_app = typer.Typer(
    no_args_is_help=True, help="Home visits: the households to visit first. 走访:重点走访家庭。"
)

_SHOWN = 40
_PAGE = 200
_HEADINGS = ("次序 rank", "户编号 code", "户主 head", "住址 address", "走访原因 reasons", "最近走访 last visit",
             "最近期限 next deadline")  # fmt: skip
_ASKED = """query VisitList($region: String!, $first: Int!, $after: String) {
  visitList(filter: {region: $region}, first: $first, after: $after) {
    totalCount pageInfo { hasNextPage endCursor }
    nodes { rank reasonsZh household { code address members { name relation } } lastVisit { visitedOn } openAlerts { dueAt } }
  } }"""

Line = tuple[str, ...]


@visits_app.command("list")
def list_visits(
    region: Annotated[
        str,
        typer.Option(help="Code of a township, as in 410105001, or of a wider or smaller region. 区划代码。"),
    ],
    agency: Agency,
    file: Annotated[
        Path | None,
        typer.Option(
            "--csv",
            help="Write the full list to this file; default: print the first 40. 将完整名单写入此文件。",
        ),
    ] = None,
) -> None:
    """List the households to visit first, in the policy's order, as an agency sees them.
    按政策顺序列出本单位可查看的重点走访名单。

    The reasons of 46-2.3: disability without subsistence allowance or extreme hardship support, partly covered households
    (非整户保), little labour, illness, urgent trouble; only reasons that the agency may read. The access is recorded.

    走访原因包括:残疾人未纳入低保或特困供养、非整户保、无劳动力或弱劳动力、重病慢性病、急难(46-2.3)。
    仅列本单位有权查看的原因,并留存访问记录。

    Example: `hub visits list --region 410105001 --agency civil_affairs@410105001 --csv 走访名单.csv`
    """
    from hub.foundation.database import Database
    from hub.foundation.encryption import Secrecy
    from hub.imports.command import operator_grant
    from hub.ledger.access import AccessLog
    from hub.service.serving import keys_of, with_database
    from schema.engine.execute.executor import Executor
    from schema.hub_schema import build

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with (
        errors_explained(),
        opened_database() as (settings, urls),
        Progress(*columns, console=console, transient=True) as bar,
    ):
        task = bar.add_task("households 户", total=None)
        secrecy = Secrecy(keys_of(settings, urls).keys, settings.cipher)

        async def ask(database: Database) -> list[Line]:
            grant = await operator_grant(database, agency)
            async with AccessLog(database) as access:
                executor = Executor(build(), database, secrecy, access, settings)
                return await _lines(
                    executor, grant, region, lambda done, total: bar.update(task, completed=done, total=total)
                )

        lines = with_database(urls, settings, ask)
    _write(lines, file) if file is not None else _show(lines)


async def _lines(
    executor: "Executor", grant: "Grant", region: str, progress: Callable[[int, int], None]
) -> list[Line]:
    """The whole list, read page by page; ends the command if the agency may not read it."""
    from schema.engine.execute.request import Request

    lines: list[Line] = []
    after: str | None = None
    while True:
        given = {"region": region, "first": _PAGE, "after": after}
        answer = orjson.loads((await executor.answer(Request(_ASKED, given), grant)).content)
        page = (answer.get("data") or {}).get("visitList")
        if page is None:
            for error in answer["errors"]:
                complain(
                    error["extensions"]["code"], f"{error['message']}\n{error['extensions']['messageZh']}"
                )
            raise typer.Exit(1)
        lines += [_line(node) for node in page["nodes"]]
        progress(len(lines), page["totalCount"])
        if not page["pageInfo"]["hasNextPage"]:
            return lines
        after = page["pageInfo"]["endCursor"]


def _line(node: Mapping[str, Any]) -> Line:
    household, visit = node["household"], node["lastVisit"]
    head = next((one["name"] for one in household["members"] or () if one["relation"] == "HEAD"), None)
    deadline = next((one["dueAt"][:10] for one in node["openAlerts"] or ()), None)
    errors_explained = (head, household["address"], node["reasonsZh"], visit and visit["visitedOn"], deadline)
    rank = "" if node["rank"] is None else str(node["rank"])
    return (rank, household["code"], *(one or "" for one in errors_explained))


def _write(lines: Sequence[Line], file: Path) -> None:
    """Write CSV in UTF-8 with a BOM, so that spreadsheets read it correctly."""
    from hub.foundation.private_files import owners_alone
    from hub.imports.report import harmless

    with open(file, "w", encoding="utf-8-sig", newline="", opener=owners_alone) as written:
        writer = csv.writer(written)
        writer.writerow(_HEADINGS)
        writer.writerows([harmless(cell) for cell in line] for line in lines)
    console.print(f"{len(lines)} households in 户,已写入 {escape(str(file))}", soft_wrap=True)


def _show(lines: Sequence[Line]) -> None:
    table = Table(*_HEADINGS)
    for line in lines[:_SHOWN]:
        table.add_row(*map(escape, line))
    console.print(table)
    more = (
        f"; the first {_SHOWN} are shown, --csv writes all 仅显示前 {_SHOWN} 户"
        if len(lines) > _SHOWN
        else ""
    )
    console.print(f"{len(lines)} households 户{more}")
