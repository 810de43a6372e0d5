"""`hub referrals`: reminders of deadlines, and the diagram of a referral's states."""

import typer

from hub.service.cli.console import console, errors_explained, opened_database

referrals_app = typer.Typer(
    no_args_is_help=True, help="Referrals: deadlines and the diagram of their states. 转办:期限提醒与状态图。"
)


@referrals_app.command()
def remind() -> None:
    """Remind receivers of deadlines within two working days and escalate overdue referrals; each once.
    催办两个工作日内到期的转办单,逾期的提请上级督办;每单各一次。"""
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from hub.referrals.reminders import remind_all
    from hub.service.serving import with_database

    columns = SpinnerColumn(), TextColumn("{task.completed} referrals told"), TimeElapsedColumn()
    with (
        errors_explained(),
        opened_database() as (settings, urls),
        Progress(*columns, console=console) as bar,
    ):
        task = bar.add_task("referrals", total=None)
        sent = with_database(
            urls, settings, lambda database: remind_all(database, lambda n: bar.advance(task, n))
        )
    console.print(f"{sent.reminded} brought to mind, {sent.escalated} overdue")


@referrals_app.command()
def diagram() -> None:
    """Print docs/referrals.md, made from the rules. 输出转办状态图页面。"""
    from hub.referrals.diagram import page

    typer.echo(page(), nl=False)
