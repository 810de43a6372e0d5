"""Shared by all commands: messages to the operator, and opening the database."""

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn

from hub.foundation.errors import HubError, InvalidInput
from hub.foundation.settings import Settings, refusals, unknown_settings

if TYPE_CHECKING:
    from hub.foundation.embedded import Urls
    from schema.engine.refusals import RequestRefused

console = Console()
complaints = Console(stderr=True)

Agency = Annotated[str, typer.Option(help="department@region, as in education@410105. 单位,写作 部门@区划。")]
Port = Annotated[int, typer.Option(help="Port to listen on. 监听端口。", envvar="PORT", min=1, max=65535)]
Host = Annotated[str, typer.Option(help="Address to listen on. 监听地址。")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for scripts. 输出 JSON,供脚本使用。")]


@contextmanager
def errors_explained() -> Iterator[None]:
    """Prints an error that the operator can correct as a sentence in both languages, without a traceback."""
    try:
        yield
    except typer.Exit:
        raise
    except HubError as error:
        complain_of(error)
        raise typer.Exit(1) from error
    except Exception as error:
        from hub.service.cli.refusals import refusal_of

        if (refusal := refusal_of(error)) is None:
            raise
        complain_of(refusal)
        raise typer.Exit(1) from error


def complain(name: str, what: str) -> None:
    """Print a line on stderr; `what` may contain a caller's text, so it is escaped."""
    complaints.print(f"[red]{name}[/red] {escape(what)}", soft_wrap=True)


def complain_of(error: HubError) -> None:
    """Print an error in both languages on stderr."""
    complain(error.code, f"{error.message}\n{error.message_zh}")


def settings_with(**given: Any) -> Settings:
    """The settings, with `given` values in place of the environment's. An unusable value is reported by the name of its
    variable."""
    try:
        return Settings(**given)
    except ValidationError as error:
        for one in refusals(error):
            complain_of(one)
        raise typer.Exit(1) from error


def refuse_unknown_settings() -> None:
    """Ends the command if a setting is misspelt: ignoring it could make the command work on another database."""
    if unknown := unknown_settings():
        for one in unknown:
            complain_of(one)
        raise typer.Exit(1)


@contextmanager
def opened_database(
    given: Settings | None = None, *, migrated: bool = False
) -> "Iterator[tuple[Settings, Urls]]":
    """The settings and the open database of a command. It is refused if it belongs to another version of the hub or lacks
    codes of this one, or if existing keys are not those that it was filled with."""
    from hub.service.cli.refusals import refuse_a_database_that_does_not_fit
    from hub.service.serving import keys_of, opened

    settings = given or settings_with()
    with errors_explained(), opened(settings) as urls:
        if migrated or settings.database_url is None:
            _migrate(urls.owner)
        else:
            refuse_a_database_that_does_not_fit(settings, urls)
        if settings.keys_path.is_file():
            keys_of(settings, urls)
        yield settings, urls


def _migrate(owner_url: str) -> None:
    """Upgrade a database; on a terminal, show the progress if there is something to upgrade."""
    from hub.service.migrate import Migrating, migrate

    columns = SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
    task = bar.add_task("")

    def advance(applied: int, everything: int, what: str) -> None:
        bar.start()
        bar.update(task, completed=applied, total=everything, description=escape(what))

    def wait(seconds: float) -> None:
        complaints.print(
            f"Others hold what the migration needs; it is tried again in {seconds:g} s."
            f" 数据库正被占用,{seconds:g} 秒后重试。"
        )

    try:
        migrate(owner_url, Migrating(advance, wait))
    finally:
        bar.stop()


def operator() -> str:
    """The operator's account on this machine, for the access records."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # an account without a name, as in some containers
        return f"uid {os.getuid()}"


def address_of(host: str, port: int) -> str:
    """The address for requests to a hub on this machine that listens on `host`: a wildcard cannot be requested."""
    named = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # nothing listens here
    return f"http://[{named}]:{port}" if ":" in named else f"http://{named}:{port}"


def text_of(file: Path) -> str:
    """The text of a file, unchanged; raises InvalidInput if it is not UTF-8."""
    try:
        return file.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise InvalidInput(field=str(file), reason="it is not UTF-8", reason_zh="不是 UTF-8 编码") from error


def complain_of_document(file: Path, refused: "RequestRefused") -> None:
    """Print why a GraphQL document cannot be used: one error after another, each with its place in the file."""
    for error in refused.formatted():
        places = "".join(f":{one['line']}:{one['column']}" for one in error.get("locations", ())[:1])
        extensions = error["extensions"]
        complain(extensions["code"], f"{file}{places} {error['message']}\n{extensions['messageZh']}")
