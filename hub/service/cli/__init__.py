"""The command `hub`. Each command imports its heavy modules itself, so that --help answers at once."""

import importlib.metadata
import os
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.progress import Progress
from typer.core import TyperGroup

from hub.service.cli.clients import client_app
from hub.service.cli.console import (
    Host,
    Port,
    address_of,
    complain,
    complain_of,
    complaints,
    console,
    errors_explained,
    opened_database,
    operator,
    refuse_unknown_settings,
    settings_with,
)
from hub.service.cli.help import command_of
from hub.service.cli.imports import import_app
from hub.service.cli.keys import keys_app
from hub.service.cli.log import log_to_verify, proof_app, seal, verify_log_folder
from hub.service.cli.monitoring import monitor_app
from hub.service.cli.permissions import permissions_app
from hub.service.cli.referrals import referrals_app
from hub.service.cli.schedule import schedule
from hub.service.cli.usage import misuse_of
from hub.service.cli.visits import visits_app

if TYPE_CHECKING:
    from hub.foundation.database import Database


class Hub(TyperGroup):
    """The command group. It refuses unknown settings before any command except help."""

    def invoke(self, ctx: Any) -> Any:
        """Run the requested command."""
        if "--help" not in ctx.args:
            refuse_unknown_settings()
        return super().invoke(ctx)


app = typer.Typer(
    cls=Hub,
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="""The assistance hub: one GraphQL schema over a city's low-income households, shared between departments.

    救助数据共享平台:全市低收入家庭共用一套 GraphQL 接口,各部门共享数据,一户(人)一条救助链。

    First steps: `hub demo` serves a sample; `hub client create --agency education@410105` registers a client;
    `hub import households FILE --agency civil_affairs@410105001` imports an office's file.

    入门:`hub demo` 启动样例;`hub client create` 登记客户端;`hub import` 导入单位报送的文件。
    """,
)
app.add_typer(client_app, name="client")
app.add_typer(import_app, name="import")
app.add_typer(keys_app, name="keys")
app.add_typer(monitor_app, name="monitor")
app.add_typer(permissions_app, name="permissions")
app.add_typer(proof_app, name="proof")
app.add_typer(referrals_app, name="referrals")
app.add_typer(visits_app, name="visits")


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"hub {importlib.metadata.version('assistance-hub')}")
        raise typer.Exit


@app.callback()
def hub(
    _version: Annotated[
        bool,
        typer.Option(
            "--version",
            help="Print the version and exit. 显示版本后退出。",
            callback=_print_version,
            is_eager=True,
        ),
    ] = False,
) -> None:
    """The command itself; its help text is set above."""


_ANOTHER_DEMO = """Another demonstration makes the sample in this folder; waiting for it.
另一演示进程正在此文件夹中生成样例,请稍候。"""


@app.command()
def demo(
    households: Annotated[
        int | None,
        typer.Option(
            help="Number of households; default 2000, or those of an existing sample. 家庭数,默认 2000 或现有样例的户数。",
            min=20,
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option(help="The same seed makes the same sample. 随机种子,同种子同样例。")
    ] = 1,
    port: Port = 8000,
    host: Host = "127.0.0.1",
) -> None:
    """Serve a demonstration on the embedded database, with invented data, clients and commands to paste.
    以内置数据库和虚构数据启动演示,并列出可用的客户端和命令。"""
    from hub.foundation.database import Database
    from hub.foundation.encryption import Secrecy
    from hub.foundation.folder_use import locked_alone
    from hub.service import demo as demonstration
    from hub.service.cli.refusals import refuse_a_taken_address
    from hub.service.serving import Address, keys_of, serve, with_database

    address = address_of(host, port)
    settings = settings_with()
    if "issuer" not in settings.model_fields_set:
        settings = settings_with(issuer=address)
    with errors_explained():
        refuse_a_taken_address(host, port)
    with opened_database(settings, migrated=True) as (_, urls):
        held = keys_of(settings, urls)
        file = settings.data_dir / "demo-clients.json"

        async def prepare(database: Database) -> list[demonstration.DemoClient]:
            await demonstration.fill(database, Secrecy(held.keys, settings.cipher), households, seed, console)
            return await demonstration.clients(database, demonstration.saved_clients(file))

        with locked_alone(settings.data_dir / "demo.lock", _ANOTHER_DEMO, patience=3600):
            everyone = with_database(urls, settings, prepare)
            demonstration.save_clients(file, everyone, address)
        demonstration.show(everyone, address, console)
        at = Address(host, port, lambda: print(f"ready: {address}", flush=True))
        serve(settings, urls, held, at)
        console.print("stopped 已停止")


@app.command()
def serve(
    port: Port = 8000,
    host: Host = "127.0.0.1",
    workers: Annotated[
        int,
        typer.Option(
            help="Number of processes, each with connections of its own. 工作进程数,各有自己的连接。",
            min=1,
            max=64,
        ),
    ] = 1,
) -> None:
    """Serve the hub over HTTP. 启动服务,通过 HTTP 提供平台接口。

    If HUB_DATABASE_URL is set, run `hub migrate` and `hub keys create` once before. SIGUSR1 replaces workers one by one.

    如已设置 HUB_DATABASE_URL,须先运行一次 `hub migrate` 和 `hub keys create`。SIGUSR1 逐个更换工作进程。
    """
    from hub.service import serving
    from hub.service.cli.refusals import refuse_a_taken_address

    settings = settings_with()
    with errors_explained():
        refuse_a_taken_address(host, port)
    at = serving.Address(host, port, lambda: print(f"ready: {address_of(host, port)}", flush=True))
    with opened_database(settings) as (_, urls):
        held = serving.keys_of(settings, urls)
        if workers == 1:
            serving.serve(settings, urls, held, at)
        elif not serving.serve_by_workers(settings, at, workers):
            raise typer.Exit(1)


@app.command()
def migrate() -> None:
    """Update the database to the newest schema, regions and agencies; running it again changes nothing.
    升级数据库的结构、区划和单位,重复运行不会再作更改。"""
    with opened_database(migrated=True):
        console.print("migrated 已升级")


@app.command()
def coverage(
    month: Annotated[
        str | None, typer.Option(help="As in 2026-11; default: the current month. 月份,默认为当月。")
    ] = None,
    again: Annotated[
        bool, typer.Option("--again", help="Count every county again. 重新统计全部区县。")
    ] = False,
) -> None:
    """Count entitlements and their fulfilment for every region (46-2.1). 统计各区划的应享救助和落实情况。

    An interrupted run continues where it stopped. 中断后再次运行,从中断处继续。
    """
    from hub.evaluation.coverage.refreshing import FRESH, refresh_coverage
    from hub.foundation.months import month_of
    from hub.service.serving import with_database

    with opened_database() as (settings, urls), Progress(console=console, transient=True) as bar:
        first = month_of(month)
        task = bar.add_task("counties 区县", total=None)

        async def count(database: "Database") -> int:
            fresh = timedelta(0) if again else FRESH
            return await refresh_coverage(
                database,
                first,
                lambda done, total: bar.update(task, completed=done, total=total),
                fresh=fresh,
            )

        counted = with_database(urls, settings, count)
    console.print(f"{first:%Y-%m}: {counted} counties counted 已统计区县")


app.command()(schedule)
app.command()(seal)


@app.command()
def schema() -> None:
    """Print the schema (SDL) with the scopes of every field. 输出接口模式,含各字段所需权限。"""
    from schema import sdl

    sys.stdout.write(sdl())


@app.command()
def errors() -> None:
    """Print every error code with its meaning, as in docs/errors.md. 输出全部错误码及其含义。"""
    from schema.errors_page import errors_page

    sys.stdout.write(errors_page())


@app.command()
def glossary() -> None:
    """Print the clauses and what each code means, as in docs/glossary.md. 输出政策条款、术语与代码。"""
    from hub.service.glossary_page import glossary_page

    sys.stdout.write(glossary_page())


@app.command()
def verify(
    log: Annotated[
        Path | None,
        typer.Option(help="Check an exported log in this folder, without a database. 核验导出的日志。"),
    ] = None,
    key: Annotated[str, typer.Option(help="The verifier key of that log. 该日志的验证密钥。")] = "",
) -> None:
    """Verify every household's chain without gaps, every row of every record against its record events, and their log against
    its last anchored checkpoint.
    逐环核验救助链、每条记录和日志。"""
    if log is not None:
        verify_log_folder(log, key)
        return
    from hub.ledger.administration import save_act
    from hub.ledger.verify import MOST_NAMED, Verification, verify_all
    from hub.service.serving import with_database

    with opened_database() as (settings, urls):
        started = datetime.now(UTC)
        log_key, anchored = log_to_verify(settings)

        async def check(database: "Database") -> Verification:
            found = await verify_all(database, console, log_key, anchored)
            async with database.write() as session:
                await save_act(session, "verify", operator(), rows=found.links)
            return found

        result = with_database(urls, settings, check)
    for household, verdict in result.broken:
        complaints.print(
            f"[red]BROKEN[/red] household {result.codes.get(household, household)}, link {verdict.broken_at}: {verdict.reason}",
            soft_wrap=True,
        )
    order = result.order
    if not order.whole:
        complaints.print(
            f"[red]BROKEN[/red] order of events: {order.events} stand, from position {order.first} to {order.last};"
            f" {order.newest} were written",
            soft_wrap=True,
        )
    for fault in result.rows:
        complaints.print(f"[red]{fault.fault}[/red] {fault.place(result.codes)}", soft_wrap=True)
    for (kind, table), rows in result.faults.items():
        if rows > MOST_NAMED:
            complaints.print(f"[red]{kind}[/red] {table}: {rows} rows, of which {MOST_NAMED} are named")
    if settings.anchor_file is not None and anchored is None and result.log.size:
        result.log.note(f"the file of the anchor, {settings.anchor_file}, holds no checkpoint")
    for sentence in result.log.faults:
        complaints.print(f"[red]LOG[/red] {sentence}", soft_wrap=True)
    seconds = (datetime.now(UTC) - started).total_seconds()
    console.print(
        f"{result.log.size} sealed entries, {result.log.waiting} waiting, {len(result.log.faults)} faults;"
        f" signatures {'checked' if log_key else 'not checked'}, anchor {'checked' if anchored else 'not checked'}",
        soft_wrap=True,
    )
    console.print(
        f"{result.chains} chains, {result.links} links, {len(result.broken)} broken;"
        f" {result.recorded} record events, {result.faults.total()} rows wrong; {seconds:.1f} s"
    )
    raise typer.Exit(0 if result.whole else 1)


_AS_GIVEN = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


@app.command(context_settings=_AS_GIVEN)
def bench(given: typer.Context) -> None:
    """Compare the hub's speed with other systems, as `make bench`; `hub bench --help` lists the options.
    与同类系统进行性能对比,可用选项见 `hub bench --help`。"""
    sources = Path(__file__).resolve().parents[3]
    if not (sources / "bench" / "__main__.py").exists():
        complain(
            "NO_SOURCES",
            "The benchmarks are not installed; clone the repository and run make bench there.\n"
            "性能对比不随安装包提供,请克隆代码仓库后运行 make bench。",
        )
        raise typer.Exit(1)
    os.chdir(sources)
    os.execv(sys.executable, [sys.executable, "-m", "bench", *given.args])  # noqa: S606  # the same interpreter


def main() -> None:
    """The entry point. A typing mistake or a failure of the hub is printed as a sentence; with debug logging, in full."""
    from hub.foundation.core_dumps import refuse_core_dumps

    refuse_core_dumps()
    try:
        sys.exit(command_of(app)(prog_name="hub", standalone_mode=False))
    except typer.TyperException as error:
        if misuse := misuse_of(error):
            complain_of(misuse)
        sys.exit(error.exit_code)
    except Exception as error:
        if os.environ.get("HUB_LOG_LEVEL", "").upper() == "DEBUG":
            raise
        from hub.service.cli.refusals import failure_of

        complain_of(failure_of(error))
        sys.exit(1)
