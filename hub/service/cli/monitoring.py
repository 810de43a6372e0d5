"""`hub monitor`: finds aid that is missing, late or duplicated, and raises alerts (46-2.3, 46-2.4)."""

from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from hub.service.cli.console import console, errors_explained, opened_database

if TYPE_CHECKING:
    from hub.evaluation.monitoring.run import Result
    from hub.model.alerts import Finding

monitor_app = typer.Typer(
    no_args_is_help=True, help="Find missing, late and duplicate aid. 监测预警:查找遗漏、逾期和重复的救助。"
)


@monitor_app.command("run")
def run(
    as_of: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"], help="Day of the facts; default: today. 监测所依据的日期,默认为今日。"
        ),
    ] = None,
    finding: Annotated[
        list[str] | None,
        typer.Option(
            help="Only this finding (see `hub monitor rules`); repeat for more. 只监测此项,可重复填写。"
        ),
    ] = None,
) -> None:
    """Run the rules: raise new alerts and close those whose fact is gone. Running it again changes nothing.
    运行监测,发起新的预警,解除情形已消除的预警;重复运行不会再作更改。

    Monitoring checks each household and the monthly lists of the registries; the query `shares` shows late lists.

    监测范围为全部家庭和各部门每月名单,逾期名单见查询 `shares`。
    """
    from hub.evaluation.monitoring.rules import FINDINGS
    from hub.evaluation.monitoring.run import run_monitoring
    from hub.foundation.calendar import today
    from hub.foundation.database import Database
    from hub.model.alerts import Finding
    from hub.service.serving import with_database

    unknown = [one for one in finding or () if one not in FINDINGS]
    if unknown:
        raise typer.BadParameter(f"{unknown[0]} is no rule; `hub monitor rules` lists them. 没有此规则")
    wanted = [Finding(one) for one in finding] if finding else list(FINDINGS)
    day: date = as_of.date() if as_of else today()
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with (
        errors_explained(),
        opened_database() as (settings, urls),
        Progress(*columns, console=console, transient=True) as bar,
    ):
        task = bar.add_task("monitoring 监测", total=None)

        async def look(database: Database) -> "dict[Finding, Result]":
            return dict(
                await run_monitoring(
                    database, day, wanted, lambda done, total: bar.update(task, completed=done, total=total)
                )
            )

        results = with_database(urls, settings, look)
    _show(results, day)


def _show(results: "dict[Finding, Result]", day: date) -> None:
    from hub.glossary.code_sets import term

    table = Table(
        "finding 发现",
        "",
        "found 符合",
        "raised 新增预警",
        "closed 自动关闭",
        "seconds 秒",
        title=f"as of {day}",
    )
    for finding, one in results.items():
        table.add_row(
            finding.value,
            term(finding).zh,
            f"{one.found:,}",
            f"{one.raised:,}",
            f"{one.closed:,}",
            f"{one.seconds:.1f}",
        )
    console.print(table)


@monitor_app.command("rules")
def rules() -> None:
    """List the rules: the finding of each, its clause, and the deadline of its check. 规则清单"""
    from hub.evaluation.monitoring.rules import FINDINGS

    table = Table("finding 发现", "clause 条款", "severity 紧急程度", "working days 工作日", "what 内容")
    for finding in FINDINGS:
        table.add_row(
            finding.value,
            finding.clause,
            finding.rule.severity.value,
            str(finding.rule.within),
            f"{finding.term.en}.\n{finding.term.zh}",
        )
    console.print(table)
