"""The command `hub`. Everything heavy is imported by the command that needs it, so that --help answers at once."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from hub.errors import HubError
from hub.settings import Settings

if TYPE_CHECKING:
    from hub.database import Database
    from hub.embedded import Urls

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode="markdown",
    pretty_exceptions_enable=False,
    help="""The assistance hub: one GraphQL schema over a city's low-income households, shared between departments.

    救助数据共享平台:一户(人)一条救助链。

    First steps: `hub demo` serves a sample; `hub client create --agency education@410105` registers a client;
    `hub import households FILE --agency civil_affairs@410105001` takes in an office's file.
    """,
)
client_app = typer.Typer(no_args_is_help=True, help="Register, list and revoke OAuth clients. 客户端")
keys_app = typer.Typer(no_args_is_help=True, help="The hub's secrets. 密钥")
app.add_typer(client_app, name="client")
app.add_typer(keys_app, name="keys")

console = Console()
complaints = Console(stderr=True)


class ImportWord(StrEnum):
    """The files `hub import` takes, as words of the command line."""

    HOUSEHOLDS = "households"
    MONITORED = "monitored"
    AID = "aid"


Agency = Annotated[str, typer.Option(help="department@region, as in education@410105 单位")]
Port = Annotated[int, typer.Option(help="Port to serve on", envvar="PORT")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON, for scripts")]


@contextmanager
def _told() -> Iterator[None]:
    """What a person can mend is told in a line, without a traceback."""
    from sqlalchemy.exc import ArgumentError, OperationalError

    from hub.embedded import EmbeddedPostgresError
    from hub.sample.make import NotASample, SampleUnfinished
    from hub.secrecy import KeysMissing

    try:
        yield
    except HubError as error:
        _complain(error.code, f"{error.message}\n{error.message_zh}")
        raise typer.Exit(1) from error
    except (
        EmbeddedPostgresError, KeysMissing, NotASample, SampleUnfinished,
        OSError, ArgumentError, OperationalError,  # a folder, a port, a database that cannot be reached
    ) as error:  # fmt: skip
        _complain(type(error).__name__, str(getattr(error, "orig", None) or error))
        raise typer.Exit(1) from error


def _complain(name: str, what: str) -> None:
    """One line on stderr; `what` may hold what the caller wrote, and is no markup."""
    complaints.print(f"[red]{name}[/red] {escape(what)}", soft_wrap=True)


def _settings() -> Settings:
    """The settings; one that cannot be used is told by the name of its variable."""
    try:
        return Settings()
    except ValidationError as error:
        for one in error.errors():
            _complain("HUB_" + "_".join(map(str, one["loc"])).upper(), one["msg"])
        raise typer.Exit(1) from error


@contextmanager
def _database(*, migrated: bool = False) -> "Iterator[tuple[Settings, Urls]]":
    """The settings and the open database of a command."""
    from hub.serving import opened

    settings = _settings()
    with _told(), opened(settings) as urls:
        if migrated or settings.database_url is None:
            from hub.migrate import migrate

            migrate(urls.owner)
        yield settings, urls


@app.command()
def demo(
    households: Annotated[
        int | None, typer.Option(help="How many households; left out: 2000, or those that are there", min=20)
    ] = None,
    seed: Annotated[int, typer.Option(help="The same seed, the same sample")] = 1,
    port: Port = 8000,
    host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1",
) -> None:
    """Everything on the embedded database with invented data, clients and commands to paste. 演示"""
    from hub import demo as demonstration
    from hub.database import Database
    from hub.secrecy import Secrecy
    from hub.serving import keys_of, serve, with_database

    with _database(migrated=True) as (given, urls):
        address = f"http://{host}:{port}"
        settings = given.model_copy(update={} if "issuer" in given.model_fields_set else {"issuer": address})
        keys = keys_of(settings)

        async def prepare(database: Database) -> list[demonstration.DemoClient]:
            await demonstration.fill(database, Secrecy(keys, settings.cipher), households, seed, console)
            return await demonstration.clients(database, kept)

        file = settings.data_dir / "demo-clients.json"
        kept = demonstration.kept_clients(file)
        everyone = with_database(urls.service, settings, prepare)
        demonstration.keep_clients(file, everyone)
        demonstration.show(everyone, address, console)
        serve(settings, urls.service, keys, port, host, lambda: print(f"ready: {address}", flush=True))
        console.print("stopped 已停止")


@app.command()
def serve(
    port: Port = 8000, host: Annotated[str, typer.Option(help="Address to listen on")] = "127.0.0.1"
) -> None:
    """Serve the hub. 启动服务

    With HUB_DATABASE_URL set, run `hub migrate` and `hub keys create` once before.
    """
    from hub import serving

    with _database() as (settings, urls):
        keys = serving.keys_of(settings)
        serving.serve(
            settings,
            urls.service,
            keys,
            port,
            host,
            lambda: print(f"ready: http://{host}:{port}", flush=True),
        )


@app.command()
def migrate() -> None:
    """Bring the database to the newest schema, regions and agencies; again changes nothing. 升级数据库"""
    with _database(migrated=True):
        console.print("migrated 已升级")


@keys_app.command("create")
def keys_create() -> None:
    """Make the keys file (HUB_KEYS_FILE, else keys.json in HUB_DATA_DIR). Keep a copy: what is sealed needs it."""
    from hub.secrecy import Keys

    path = _settings().keys_path
    with _told():
        try:
            Keys.create().save(path)
        except FileExistsError as error:
            _complain(
                "FileExistsError", f"{path} exists; keys are never replaced, since sealed values need them."
            )
            raise typer.Exit(1) from error
        console.print(f"made {escape(str(path))}", soft_wrap=True)


@client_app.command("create")
def client_create(
    agency: Agency,
    name: Annotated[str, typer.Option(help="What the client is, for people")] = "",
    scope: Annotated[
        list[str] | None, typer.Option(help="A scope; repeat for more; none: all of the department's")
    ] = None,
    purpose: Annotated[
        list[str] | None, typer.Option(help="A purpose it may claim; none: all of the department's")
    ] = None,
    reject_forbidden: Annotated[
        bool, typer.Option(help="Refuse a whole operation rather than null its forbidden fields")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Register a client of an agency. The secret is shown once, now. 登记客户端

    Example: `hub client create --agency education@410105 --scope household:read --scope person:read`
    """
    from auth.clients import NewClient, create_client
    from hub.database import Database
    from hub.serving import with_database

    async def create(database: Database) -> NewClient:
        async with database.write() as session:
            return await create_client(
                session, agency, name=name or agency, scopes=scope or None, purposes=purpose or None,
                reject_forbidden=reject_forbidden,
            )  # fmt: skip

    with _database() as (settings, urls):
        made = with_database(urls.service, settings, create)
        if as_json:
            answer = {"client_id": made.client_id, "client_secret": made.client_secret, "agency": made.agency_id,
                      "scopes": sorted(made.scopes), "purposes": list(made.purposes)}  # fmt: skip
            print(json.dumps(answer))
            return
        console.print(
            f"client_id      {made.client_id}\nclient_secret  {made.client_secret}   (shown only now 仅显示一次)",
            soft_wrap=True,
        )
        console.print(f"scopes         {' '.join(sorted(made.scopes))}", soft_wrap=True)


@client_app.command("list")
def client_list(as_json: AsJson = False) -> None:
    """Every client. 列出客户端"""
    from auth.clients import RegisteredClient, list_clients
    from hub.database import Database
    from hub.serving import with_database

    async def everyone(database: Database) -> list[RegisteredClient]:
        async with database.write() as session:
            return await list_clients(session)

    with _database() as (settings, urls):
        found = with_database(urls.service, settings, everyone)
    rows = [
        {
            "client_id": one.client_id,
            "name": one.name,
            "agency": one.agency_id,
            "revoked_at": one.revoked_at and one.revoked_at.isoformat(),
        }
        for one in found
    ]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    table = Table("client_id", "name", "agency", "revoked_at")
    for row in rows:
        table.add_row(*(escape(str(value or "")) for value in row.values()))
    console.print(table)


@client_app.command("revoke")
def client_revoke(client_id: str) -> None:
    """Give a client no more tokens. Those it holds end within ten minutes. 撤销客户端"""
    from auth.clients import revoke_client
    from hub.database import Database
    from hub.serving import with_database

    async def revoke(database: Database) -> None:
        async with database.write() as session:
            await revoke_client(session, client_id)

    with _database() as (settings, urls):
        with_database(urls.service, settings, revoke)
        console.print(f"revoked {client_id}")


@app.command("import")
def import_file(
    kind: Annotated[ImportWord, typer.Argument(help="What the file holds")],
    file: Annotated[Path, typer.Argument(help="CSV (UTF-8 or GB18030) or XLSX", exists=True, dir_okay=False)],
    agency: Agency,
    report: Annotated[
        Path | None, typer.Option(help="Where refused rows go; none: FILE.rejected.csv")
    ] = None,
) -> None:
    """Take in an office's file. 导入

    Good rows land, each refused row is reported, and the same file again changes nothing. The answer is 0 when all
    rows landed, 1 when the file could not be taken, 3 when some rows were refused.

    Example: `hub import households 户籍.xlsx --agency civil_affairs@410105001`
    """
    from hub.exchange import command
    from hub.exchange.report import ImportReport
    from hub.exchange.tables import ImportKind
    from hub.secrecy import Secrecy
    from hub.serving import keys_of, with_database

    with _database() as (settings, urls):
        secrecy = Secrecy(keys_of(settings), settings.cipher)
        into = report or file.with_name(f"{file.name}.rejected.csv")

        async def take_in(database: "Database") -> ImportReport:
            return await command.import_file(
                database, secrecy, ImportKind(kind.name), file, agency, into, console
            )

        finished = with_database(urls.service, settings, take_in)
    raise typer.Exit(3 if finished.refused else 0)


@app.command()
def permissions(as_json: AsJson = False) -> None:
    """What each department may read and write (auth/departments.toml). 权限矩阵"""
    from auth.departments import DEPARTMENTS

    if as_json:
        print(json.dumps({name: sorted(one.scopes) for name, one in DEPARTMENTS.items()}))
        return
    table = Table("department 部门", "reads 可读", "writes 可写", "purposes 用途", show_lines=True)
    for name, one in DEPARTMENTS.items():
        reads = sorted(scope.removesuffix(":read") for scope in one.scopes if not scope.endswith(":write"))
        writes = sorted(scope.removesuffix(":write") for scope in one.scopes if scope.endswith(":write"))
        table.add_row(f"{name}\n{one.name_zh}", ", ".join(reads), ", ".join(writes), ", ".join(one.purposes))
    console.print(table)


@app.command()
def schema() -> None:
    """Print the schema (SDL) with the scopes of every field. 输出模式"""
    from schema import sdl

    sys.stdout.write(sdl())


@app.command()
def errors() -> None:
    """Print every error code with its meaning, as docs/errors.md has it. 错误码"""
    from schema.errors_page import errors_page

    sys.stdout.write(errors_page())


@app.command()
def verify() -> None:
    """Check every link of every household's chain: nothing changed, missing or moved. 核验救助链"""
    from hub.ledger.verify import verify_all
    from hub.serving import with_database

    with _database() as (settings, urls):
        started = datetime.now(UTC)
        result = with_database(urls.service, settings, lambda database: verify_all(database, console))
    for household, verdict in result.broken:
        complaints.print(
            f"[red]BROKEN[/red] household {household}, link {verdict.broken_at}: {verdict.reason}",
            soft_wrap=True,
        )
    seconds = (datetime.now(UTC) - started).total_seconds()
    console.print(
        f"{result.chains} chains, {result.links} links, {len(result.broken)} broken, {seconds:.1f} s"
    )
    raise typer.Exit(1 if result.broken else 0)


def main() -> None:
    """The entry point."""
    app()


if __name__ == "__main__":
    main()
