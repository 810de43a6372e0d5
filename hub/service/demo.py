"""The demonstration: a sample database, clients to try it with, and the first three commands to paste."""

import base64
import json
import shlex
from collections.abc import Callable
from dataclasses import asdict, dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.request import ProxyHandler, Request, build_opener

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from auth.clients import NewClient, create_client, find_client
from auth.departments import DEPARTMENTS
from hub.foundation.calendar import today
from hub.foundation.database import Database
from hub.foundation.encryption import Secrecy
from hub.foundation.private_files import new_private, read_private
from hub.model.scheduled_jobs import Job
from hub.sample.make import begun_households, make_sample
from hub.service.schedule.running import run_first

AGENCIES = (
    "civil_affairs@4101",
    "civil_affairs@410105",
    "education@4101",
    "education@410105",
    "medical_insurance@4101",
    "human_resources@4101",
    "audit@4101",
)
HOUSEHOLDS = 2000


@dataclass(frozen=True)
class DemoClient:
    """A client of the demonstration. Its secret is stored: all data behind it is invented."""

    client_id: str
    client_secret: str
    agency: str


async def fill(
    database: Database, secrecy: Secrecy, households: int | None, seed: int, console: Console
) -> None:
    """Make the sample, monitor it and count the month's coverage, each with a progress bar; or complete what is missing. An
    existing sample of the requested size is kept, or of any size if none was requested. Raises NotASample."""
    households = households or await begun_households(database) or HOUSEHOLDS
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as bar:

        def step(words: str) -> Callable[[int, int], None]:
            task = bar.add_task(words, total=None, visible=False)
            return lambda done, total: bar.update(task, completed=done, total=total, visible=True)

        await make_sample(database, secrecy, households, seed, today(), step("sample households 样例家庭"))
        await run_first(database, Job.MONITORING, step("monitoring 监测预警"))
        await run_first(database, Job.COVERAGE, step("coverage 覆盖情况"))


def saved_clients(file: Path) -> list[DemoClient]:
    """The clients of an earlier start."""
    return [DemoClient(one["client_id"], one["client_secret"], one["agency"]) for one in _read(file)]


def _read(file: Path) -> list[dict[str, str]]:
    kept: list[dict[str, str]] = json.loads(read_private(file)) if file.exists() else []
    return kept


def save_clients(file: Path, everyone: list[DemoClient], address: str) -> None:
    """Save the clients for the next start, each with the address of a running hub, in a file that only its owner may read.
    The address is this hub's, or that of another demonstration of the same folder if one runs."""
    serving = next((one["address"] for one in _read(file)[:1] if "address" in one and _serves(one)), address)
    making = file.with_suffix(".making")
    new_private(making, json.dumps([{**asdict(one), "address": serving} for one in everyone], indent=1))
    making.rename(file)


def _serves(kept: dict[str, str]) -> bool:
    """Whether a hub that knows a saved client still serves at its address; a demonstration of another folder may listen there
    now."""
    login = base64.b64encode(f"{kept['client_id']}:{kept['client_secret']}".encode()).decode()
    request = Request(  # noqa: S310  # a demonstration wrote the address: http
        f"{kept['address']}/oauth/token",
        b"grant_type=client_credentials",
        {"Authorization": f"Basic {login}"},
    )
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=5):
            return True
    except (OSError, HTTPException):
        return False


async def clients(database: Database, kept: list[DemoClient]) -> list[DemoClient]:
    """The demonstration's clients: the saved ones that the database knows, and new ones for the rest."""
    async with database.write() as session:
        known = [one for one in kept if await find_client(session, one.client_id)]
        made: list[NewClient] = []
        for agency in AGENCIES:
            if agency not in {one.agency for one in known}:
                made.append(await create_client(session, agency, name=f"demo {agency}"))
    everyone = known + [DemoClient(one.client_id, one.client_secret, one.agency_id) for one in made]
    return sorted(everyone, key=lambda one: AGENCIES.index(one.agency))


def show(everyone: list[DemoClient], address: str, console: Console) -> None:
    """Print the table of clients and the commands to paste."""
    table = Table(
        title="Clients 客户端 (sample data only)",
        title_justify="left",
        show_lines=True,
        width=max(console.width, 130),
    )
    for heading, keep in (
        ("agency 单位", True),
        ("client_id", True),
        ("client_secret", True),
        ("may read 可读", False),
    ):
        table.add_column(heading, overflow="fold", no_wrap=keep)
    for one in everyone:
        department = DEPARTMENTS[one.agency.partition("@")[0]]
        region = one.agency.partition("@")[2]
        reads = sorted(
            {scope.split(".")[0].split(":")[0] for scope in department.scopes if scope.endswith(":read")}
        )
        table.add_row(
            f"{one.agency}\n{department.name_zh}",
            one.client_id,
            one.client_secret,
            f"in {region}: {' '.join(reads)}",
        )
    table.caption, table.caption_justify = "`.venv/bin/hub permissions` tells every scope 全部权限", "left"
    # Wider than a narrow terminal on purpose: an id or secret that is broken over two lines cannot be copied.
    Console(width=max(console.width, 130)).print(table)
    console.print("\n[bold]Paste these three, one after the other 依次粘贴以下三条命令:[/bold]\n")
    first = next(one for one in everyone if one.agency == "education@410105")
    for command in commands(first, address):
        # Plain print: the console would wrap the line, and nobody could paste it.
        print(command, end="\n\n", flush=True)


def commands(client: DemoClient, address: str) -> list[str]:
    """A token request, a query, and a query with a field that is forbidden to the client."""

    def ask(query: str) -> str:
        body = shlex.quote(json.dumps({"query": query}, ensure_ascii=False))
        return f'curl -s {address}/graphql -H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json" -d {body}'

    return [
        f"TOKEN=$(curl -s {address}/oauth/token -u {client.client_id}:{client.client_secret}"
        " -d grant_type=client_credentials | python3 -c 'import json,sys; print(json.load(sys.stdin)[\"access_token\"])')",
        ask(
            "{ households(first: 2) { totalCount nodes { code region { name } members { name educationStage } } } }"
        ),
        ask("{ households(first: 1) { nodes { code incomePerCapita } } }"),
    ]
