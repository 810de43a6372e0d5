"""What every command shares: what a person is told, and the database that it works on."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from pydantic import ValidationError
from rich.console import Console
from rich.markup import escape

from hub.errors import HubError, InvalidInput
from hub.settings import Settings

if TYPE_CHECKING:
    from hub.embedded import Urls
    from schema.refusals import RequestRefused

console = Console()
complaints = Console(stderr=True)

Agency = Annotated[str, typer.Option(help="department@region, as in education@410105 单位")]
Port = Annotated[int, typer.Option(help="Port to serve on", envvar="PORT")]
AsJson = Annotated[bool, typer.Option("--json", help="Answer as JSON, for scripts")]


@contextmanager
def told() -> Iterator[None]:
    """What a person can mend is told in a line, without a traceback."""
    from sqlalchemy.exc import ArgumentError, OperationalError

    from hub.embedded import EmbeddedPostgresError
    from hub.sample.make import NotASample
    from hub.secrecy import KeysMissing

    try:
        yield
    except HubError as error:
        complain(error.code, f"{error.message}\n{error.message_zh}")
        raise typer.Exit(1) from error
    except (
        EmbeddedPostgresError, KeysMissing, NotASample,
        OSError, ArgumentError, OperationalError,  # a folder, a port, a database that cannot be reached
    ) as error:  # fmt: skip
        complain(type(error).__name__, str(getattr(error, "orig", None) or error))
        raise typer.Exit(1) from error


def complain(name: str, what: str) -> None:
    """One line on stderr; `what` may hold what the caller wrote, and is no markup."""
    complaints.print(f"[red]{name}[/red] {escape(what)}", soft_wrap=True)


def given_settings() -> Settings:
    """The settings; one that cannot be used is told by the name of its variable."""
    try:
        return Settings()
    except ValidationError as error:
        for one in error.errors():
            complain("HUB_" + "_".join(map(str, one["loc"])).upper(), one["msg"])
        raise typer.Exit(1) from error


@contextmanager
def opened_database(*, migrated: bool = False) -> "Iterator[tuple[Settings, Urls]]":
    """The settings and the open database of a command."""
    from hub.serving import opened

    settings = given_settings()
    with told(), opened(settings) as urls:
        if migrated or settings.database_url is None:
            from hub.migrate import migrate

            migrate(urls.owner)
        yield settings, urls


def text_of(file: Path) -> str:
    """The text of a file, as it is; raises InvalidInput where it is not UTF-8."""
    try:
        return file.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise InvalidInput(field=str(file), reason="it is not UTF-8", reason_zh="不是 UTF-8 编码") from error


def complain_of_document(file: Path, refused: "RequestRefused") -> None:
    """Why a GraphQL document cannot be used, an error after the other, each with its place in the file."""
    for error in refused.formatted():
        places = "".join(f":{one['line']}:{one['column']}" for one in error.get("locations", ())[:1])
        told = error["extensions"]
        complain(told["code"], f"{file}{places} {error['message']}\n{told['messageZh']}")
