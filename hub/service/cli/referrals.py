"""`hub referrals`: what is due is told, and the life of a referral is written down."""

import typer

from hub.service.cli.console import console, opened_database, told

referrals_app = typer.Typer(no_args_is_help=True, help="Referrals: deadlines, and their life as a page. 转办")


@referrals_app.command()
def remind() -> None:
    """Bring to mind what is due in two working days, and tell the agency above of what is overdue; each once. 催办"""
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    from hub.referrals.reminders import remind_all
    from hub.service.serving import with_database

    columns = SpinnerColumn(), TextColumn("{task.completed} referrals told"), TimeElapsedColumn()
    with told(), opened_database() as (settings, urls), Progress(*columns, console=console) as bar:
        task = bar.add_task("referrals", total=None)
        sent = with_database(
            urls, settings, lambda database: remind_all(database, lambda n: bar.advance(task, n))
        )
    console.print(f"{sent.reminded} brought to mind, {sent.escalated} overdue")


@referrals_app.command()
def diagram() -> None:
    """Print docs/referrals.md, made from the rules. 状态图"""
    from hub.referrals.diagram import page

    typer.echo(page(), nl=False)
