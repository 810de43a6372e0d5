"""The installation for the faults: one PostgreSQL, two processes of the hub, and a TCP proxy between each process and the
database.

If a file system can be mounted, the database is on a small one, so that its disk can be filled.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx
import psycopg
import sqlalchemy as sa

from hub.foundation.embedded import DATABASE, EmbeddedPostgres, Urls
from hub.foundation.encryption import Keys
from hub.service.migrate import migrate
from tests.fixtures.commands import environment
from tests.fixtures.database_wire import Wire, wire_to
from tests.fixtures.served import free_port

OFFICE = "civil_affairs@410105"
MEGABYTES = 400
"""The size of the database's file system."""
HOUSEHOLDS = 40
TO_START = 300
_HEAD = "户编号,姓名,身份证号,与户主关系,所属区划,城乡,地址,家庭人均月收入,救助类别"
_WEIGHTS, _CHECKS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2), "10X98765432"


def identity_number(number: int) -> str:
    """An identity number of GB 11643 with its check character (ISO 7064, MOD 11-2)."""
    body = f"41010519{50 + number % 40}0101{number:03d}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    return body + _CHECKS[total % 11]


NUMBERS = [identity_number(number) for number in range(1, HOUSEHOLDS + 1)]


@dataclass
class Process:
    """A process of the hub; it can be started and killed several times."""

    port: int
    variables: dict[str, str]
    log: Path
    running: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self.port}"

    def start(self, **other: str) -> None:
        """Start it, optionally with other settings, and wait until it answers. Raises RuntimeError if it ends instead."""
        with self.log.open("ab") as log:
            self.running = subprocess.Popen(
                [sys.executable, "-m", "hub.service.cli", "serve", "--port", str(self.port)],
                env=environment(**self.variables | other),
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + TO_START
        while not self.alive():
            if time.monotonic() > deadline or self.running.poll() is not None:
                raise RuntimeError(f"the hub did not start: {self.log.read_text()[-2000:]}")
            time.sleep(0.1)

    def alive(self) -> bool:
        """Whether it answers at all."""
        with suppress(httpx.HTTPError):
            return httpx.get(f"{self.url}/healthz", timeout=2).status_code == 200
        return False

    def cpu_seconds(self) -> float:
        """The CPU time that it has used."""
        assert self.running is not None
        user, system = Path(f"/proc/{self.running.pid}/stat").read_text().rpartition(")")[2].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def kill(self) -> None:
        """Kill it, as a power cut would."""
        assert self.running is not None
        self.running.kill()
        self.running.wait(10)

    def end(self, seconds: float) -> float:
        """Ask it to end; returns the seconds that it took. Raises subprocess.TimeoutExpired."""
        assert self.running is not None
        began = time.monotonic()
        self.running.send_signal(signal.SIGTERM)
        self.running.wait(seconds)
        return time.monotonic() - began


@dataclass
class Installation:
    """The whole installation."""

    folder: Path
    server: EmbeddedPostgres
    urls: Urls
    wires: list[Wire]
    hubs: list[Process]
    client: dict[str, str]
    other_client: dict[str, str]
    disk: Path | None
    stopped: list[int] = field(default_factory=list)

    def owner(self, *statements: str) -> None:
        """Run statements as an administrator."""
        with psycopg.connect(self.urls.owner, autocommit=True, connect_timeout=10) as connection:
            for statement in statements:
                connection.execute(statement)

    def rows(self, statement: str, *parameters: object) -> list[tuple[object, ...]]:
        """The rows of a statement, read directly from the database."""
        with psycopg.connect(self.urls.owner, connect_timeout=10) as connection:
            return connection.execute(statement, parameters).fetchall()

    @property
    def postmaster(self) -> int:
        """The database's first process."""
        return int((self.server.cluster / "postmaster.pid").read_text().split("\n", 1)[0])

    @property
    def backends(self) -> list[int]:
        """The other processes of the database."""
        found = []
        for status in Path("/proc").glob("[0-9]*/stat"):
            with suppress(OSError):
                if int(status.read_text().rpartition(")")[2].split()[1]) == self.postmaster:
                    found.append(int(status.parent.name))
        return found


def _through(url: str, wire: Wire) -> str:
    """A login's URL through a proxy."""
    at = sa.make_url(wire.url)
    return sa.make_url(url).set(host=at.host, port=at.port).render_as_string(hide_password=False)


@contextmanager
def _small_disk(folder: Path) -> Iterator[Path | None]:
    """A small file system at a folder; None if this machine allows no mount."""
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={MEGABYTES}m,mode=0711", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    try:
        yield folder if mounted.returncode == 0 else None
    finally:
        if mounted.returncode == 0:
            subprocess.run(["umount", "--lazy", str(folder)], check=False)


def _command(variables: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "hub.service.cli", *arguments],
        env=environment(**variables),
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stdout + done.stderr)
    return done.stdout


@contextmanager
def installation(processes: int = 2, *, wired: bool = True, **more: str) -> Iterator[Installation]:
    """A migrated database with some households, and processes that serve it, through proxies or directly; `more`: their
    settings."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="hub-faults-")))
        folder.chmod(0o711)
        disk = stack.enter_context(_small_disk(folder / "disk"))
        server = stack.enter_context(EmbeddedPostgres(folder / "disk"))
        urls = server.urls(DATABASE)
        migrate(urls.owner)
        keys = folder / "keys.json"
        Keys.create().save(keys)
        direct = {
            "HUB_DATABASE_URL": urls.service,
            "HUB_READING_DATABASE_URL": urls.query,
            "HUB_MIGRATION_DATABASE_URL": urls.owner,
            "HUB_KEYS_FILE": str(keys),
            "HUB_SCHEDULE": "off",
        }
        lines = [
            f"K-{place},王{place},{number},户主,410105001,城镇,经八路{place}号,650,低保对象"
            for place, number in enumerate(NUMBERS)
        ]
        (folder / "households.csv").write_text("\n".join([_HEAD, *lines]) + "\n")
        _command(direct, "import", "households", str(folder / "households.csv"), "--agency", f"{OFFICE}001")
        client, other = (
            json.loads(_command(direct, "client", "create", "--agency", OFFICE, "--json")) for _ in range(2)
        )
        wires = [stack.enter_context(wire_to(urls.service)) for _ in range(processes if wired else 0)]
        ways = [
            {
                "HUB_DATABASE_URL": _through(urls.service, wire),
                "HUB_READING_DATABASE_URL": _through(urls.query, wire),
            }
            for wire in wires
        ] or [{} for _ in range(processes)]
        hubs = [
            Process(free_port(), {**direct, **way, **more}, folder / f"hub-{number}.log")
            for number, way in enumerate(ways, 1)
        ]
        try:
            for hub in hubs:
                hub.start()
            yield Installation(folder, server, urls, wires, hubs, client, other, disk)
        finally:
            for hub in hubs:
                if hub.running is not None and hub.running.poll() is None:
                    hub.kill()


def send(pids: list[int], number: signal.Signals) -> None:
    """Send a signal to processes that may have ended."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
