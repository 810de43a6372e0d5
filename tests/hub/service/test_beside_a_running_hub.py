"""Commands beside a running hub with the same data folder: each works, none stops the hub, and the last process stops the
database."""

import json
import os
import re
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx
import psycopg
import pytest

from hub.foundation.embedded import EmbeddedPostgres
from hub.service.cli import app
from hub.service.cli.help import command_of, commands_of
from hub.service.cli.imports import ImportWord
from tests.fixtures.commands import environment, hub
from tests.fixtures.folders import server_folder
from tests.fixtures.served import free_port
from tests.hub.service.calls_of_commands import CALLS, OFFICE

FILE = """户编号,姓名,身份证号,与户主关系,所属区划,城乡,地址,家庭人均月收入,救助类别
K-1,张三,410105195001010013,户主,410105001,城镇,经八路1号,650,低保对象
"""
DOCUMENT = "{ households(first: 1) { nodes { code } } }"


@dataclass(frozen=True)
class Folder:
    """A data folder, and commands that use it."""

    path: Path

    @property
    def settings(self) -> dict[str, str]:
        """The settings of the commands that use the folder."""
        return {"HUB_DATA_DIR": str(self.path / ".hub"), "HUB_SCHEDULE": "off"}

    def start(self, *arguments: str, **variables: str) -> subprocess.Popen[str]:
        """Start a command that runs beside the test."""
        command, of_both = [sys.executable, "-m", "hub.service.cli", *arguments], subprocess.PIPE
        variables = environment(**(self.settings | variables))
        return subprocess.Popen(command, env=variables, stdout=of_both, stderr=of_both, text=True)

    def run(self, *arguments: str) -> tuple[int, str]:
        """Run a command; returns its exit code and all of its output."""
        done = hub(*arguments, seconds=120, **self.settings)
        output = done.stdout + done.stderr
        assert "Traceback" not in output
        return done.returncode, output

    def server(self) -> int | None:
        """The pid of the folder's PostgreSQL, if it runs."""
        cluster = EmbeddedPostgres(self.path / ".hub").cluster
        with suppress(OSError, IndexError, ValueError):  # the file is empty for a moment while it is made
            pid = int((cluster / "postmaster.pid").read_text().splitlines()[0])
            if str(cluster).encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
                return pid
        return None


@contextmanager
def data_folder() -> Iterator[Folder]:
    """A new folder; at the end, no process runs in it."""
    with server_folder() as made:
        folder = Folder(made)
        (folder.path / "户籍.csv").write_text(FILE, "utf-8")
        (folder.path / "query.graphql").write_text(DOCUMENT)
        yield folder
        if (left := folder.server()) is not None:
            os.kill(left, signal.SIGKILL)
            pytest.fail("the database was left running")


@pytest.fixture(scope="module")
def migrated() -> Iterator[Path]:
    """A data folder with keys and a migrated database, to be copied."""
    with data_folder() as made:
        assert made.run("migrate")[0] == 0
        yield made.path / ".hub"


@pytest.fixture
def new_folder() -> Iterator[Folder]:
    """A folder in which no hub has run."""
    with data_folder() as made:
        yield made


@pytest.fixture
def folder(new_folder: Folder, migrated: Path) -> Folder:
    """A folder in which a hub has run, without any data."""
    subprocess.run(["cp", "-a", migrated, new_folder.path], check=True)
    return new_folder


def served(folder: Folder, *options: str, command: str = "serve") -> tuple[subprocess.Popen[str], int]:
    """Start a hub; returns its process and port when it is ready."""
    port = free_port()
    process = folder.start(command, "--port", str(port), *options)
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("ready: "):
            return process, port
    raise AssertionError(process.communicate()[1])


def ended(process: subprocess.Popen[str], by: int = signal.SIGINT) -> int:
    """Signal a hub to end; returns its exit code."""
    process.send_signal(by)
    process.communicate(timeout=60)
    return process.returncode


def answers(port: int) -> bool:
    """Whether a hub and its database answer."""
    return httpx.get(f"http://127.0.0.1:{port}/readyz", timeout=20).status_code == 200


@pytest.fixture(scope="module")
def beside() -> Iterator[tuple[Folder, int, str]]:
    """A folder with a serving hub, its port, and a client."""
    with data_folder() as made:
        process, port = served(made)
        code, output = made.run("import", "households", str(made.path / "户籍.csv"), "--agency", OFFICE)
        assert code == 0, output
        client = json.loads(made.run("client", "create", "--agency", OFFICE, "--json")[1])
        yield made, port, client["client_id"]
        assert ended(process) == 0


def test_every_command_of_the_help_is_tried_here() -> None:
    called = {path for path, command in commands_of(command_of(app)) if not getattr(command, "commands", {})}
    alike = {f"import {kind}" for kind in ImportWord} - {"import households"}
    assert (called - alike) | {"permissions"} == set(CALLS)


@pytest.mark.parametrize("command", CALLS)
def test_a_command_works_beside_a_running_hub_and_leaves_it_running(
    beside: tuple[Folder, int, str], command: str
) -> None:
    folder, port, client = beside
    call, code, expected = CALLS[command]
    places = {"folder": folder.path, "client": client, "taken": port, "port": free_port()}
    server = folder.server()
    ran, output = folder.run(*(one.format(**places) for one in call.split()))
    assert ran == code, output
    assert expected.format(**places) in output
    assert "Another hub" not in output
    assert folder.server() == server, "the database of the running hub"
    assert answers(port)


def test_a_client_that_is_made_beside_a_running_hub_gets_its_token_at_once(
    beside: tuple[Folder, int, str],
) -> None:
    folder, port, _ = beside
    made = json.loads(folder.run("client", "create", "--agency", "education@410105", "--json")[1])
    answered = httpx.post(
        f"http://127.0.0.1:{port}/oauth/token",
        auth=(made["client_id"], made["client_secret"]),
        data={"grant_type": "client_credentials"},
        timeout=20,
    )
    assert answered.status_code == 200


def test_a_second_hub_on_another_port_is_a_process_of_the_same_service(
    beside: tuple[Folder, int, str],
) -> None:
    folder, port, _ = beside
    made = json.loads(folder.run("client", "create", "--agency", OFFICE, "--json")[1])
    second, another = served(folder)
    try:
        token = httpx.post(
            f"http://127.0.0.1:{another}/oauth/token",
            auth=(made["client_id"], made["client_secret"]),
            data={"grant_type": "client_credentials"},
            timeout=20,
        ).json()["access_token"]
        for one in (port, another):
            answered = httpx.post(
                f"http://127.0.0.1:{one}/graphql",
                json={"query": "{ households(first: 1) { totalCount } }"},
                headers={"authorization": f"Bearer {token}"},
                timeout=20,
            ).json()
            assert answered["data"]["households"]["totalCount"] == 1, answered
    finally:
        assert ended(second, signal.SIGTERM) == 0
    assert answers(port)


def test_where_the_first_ends_first_the_second_goes_on_and_stops_the_database(folder: Folder) -> None:
    first, _ = served(folder)
    second, port = served(folder)
    assert ended(first) == 0
    assert answers(port)
    assert folder.run("client", "list")[0] == 0
    assert answers(port)
    assert ended(second, signal.SIGTERM) == 0
    assert folder.server() is None


def test_where_the_first_is_killed_the_second_goes_on_and_stops_the_database(folder: Folder) -> None:
    first, _ = served(folder)
    second, port = served(folder)
    ended(first, signal.SIGKILL)
    assert answers(port)
    assert ended(second) == 0
    assert folder.server() is None


def test_where_all_are_killed_the_next_finds_everything_and_stops_the_database(folder: Folder) -> None:
    first, _ = served(folder)
    second, _ = served(folder)
    code, output = folder.run("import", "households", str(folder.path / "户籍.csv"), "--agency", OFFICE)
    assert code == 0, output
    for process in (first, second):
        ended(process, signal.SIGKILL)
    assert folder.server() is not None, "PostgreSQL outlives a killed hub"
    assert "1 chains" in folder.run("verify")[1]
    assert folder.server() is None


def test_commands_that_start_at_once_in_a_new_folder_all_work_on_one_database_with_one_set_of_keys(
    new_folder: Folder,
) -> None:
    calls = [
        ["client", "create", "--agency", "education@410105", "--json"],
        ["migrate"],
        ["visits", "list", "--region", "410105001", "--agency", OFFICE],
        ["schedule"],
    ]
    with ThreadPoolExecutor(len(calls)) as several:
        assert [
            (code, output) for code, output in several.map(lambda call: new_folder.run(*call), calls) if code
        ] == []
    assert new_folder.server() is None
    assert "education-410105-" in new_folder.run("client", "list")[1]


def test_two_demonstrations_that_start_at_once_make_one_sample(new_folder: Folder) -> None:
    options = ("--households", "60")
    with ThreadPoolExecutor(2) as several:
        (one, port), (other, another) = several.map(
            lambda _: served(new_folder, *options, command="demo"), range(2)
        )
    assert answers(port)
    assert answers(another)
    with psycopg.connect(EmbeddedPostgres(new_folder.path / ".hub").urls("hub").owner) as connection:
        assert connection.execute("select sample_made, sample_households from installation").fetchall() == [
            (60, 60)
        ]
        clients = connection.execute(
            "select count(*), count(distinct agency_id) from oauth_client"
        ).fetchall()
    assert clients[0][0] == clients[0][1], "each agency has one client"
    file = new_folder.path / ".hub" / "demo-clients.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [ended(process) for process in (one, other)] == [0, 0]


def test_a_second_demonstration_leaves_the_readme_s_lines_to_the_first_and_the_schedule_tells_of_both_jobs(
    folder: Folder,
) -> None:
    file = folder.path / ".hub" / "demo-clients.json"

    def kept() -> set[str]:
        return {client["address"] for client in json.loads(file.read_text())}

    first, port = served(folder, "--households", "20", command="demo")
    _, output = folder.run("schedule")
    rows = {row.split("│")[1].strip(): row for row in output.splitlines() if row.count("│") > 4}
    assert [name for name in ("monitoring", "coverage") if "never" in rows[name]] == []
    assert "never" in rows["reminders"]
    second, _ = served(folder, command="demo")
    assert kept() == {f"http://127.0.0.1:{port}"}
    assert ended(second) == 0
    assert kept() == {f"http://127.0.0.1:{port}"}
    assert ended(first) == 0
    third, another = served(folder, command="demo")
    assert kept() == {f"http://127.0.0.1:{another}"}, "the first answers no more"
    assert list(file.parent.glob("*.making")) == []
    assert ended(third) == 0


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_command_that_is_ended_by_a_signal_leaves_no_database_behind(folder: Folder, by: int) -> None:
    process = folder.start("verify")
    deadline = time.monotonic() + 60
    while folder.server() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(by)
    output = "".join(process.communicate(timeout=60))
    assert process.returncode != 0
    assert "Traceback" not in output
    assert folder.server() is None


@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_signals_that_come_while_a_command_ends_leave_no_database_behind(folder: Folder, by: int) -> None:
    process = folder.start("verify")
    deadline = time.monotonic() + 60
    while folder.server() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    while process.poll() is None and time.monotonic() < deadline:
        process.send_signal(by)
        time.sleep(0.002)
    process.communicate(timeout=60)
    assert process.returncode != 0
    assert folder.server() is None


def test_a_service_whose_terminal_is_closed_ends_in_order(folder: Folder) -> None:
    process, _ = served(folder)
    process.send_signal(signal.SIGHUP)
    output = "".join(process.communicate(timeout=60))
    assert (process.returncode, output) == (0, "")
    assert folder.server() is None


def test_who_waits_for_a_start_is_told_in_both_languages(folder: Folder) -> None:
    from hub.foundation.folder_use import FolderUse

    with FolderUse(EmbeddedPostgres(folder.path / ".hub").cluster.parent).exclusively():
        process = folder.start("client", "list")
        assert process.stderr is not None
        output = process.stderr.readline() + process.stderr.readline()
    assert process.wait(60) == 0
    assert re.search(r"Another hub is starting or stopping.*\n另一平台进程正在启动或停止", output)
    process.communicate()


def test_a_database_that_a_newer_hub_migrated_is_left_alone_and_told(folder: Folder) -> None:
    with (
        EmbeddedPostgres(folder.path / ".hub") as server,
        psycopg.connect(server.urls("hub").owner) as connection,
    ):
        connection.execute("update alembic_version set version_num = 'later'")
        connection.commit()
        code, output = folder.run("client", "list")
    assert code == 1
    assert output.startswith("DATABASE_IS_NEWER")
    assert len(output.splitlines()) == 2


def test_a_migration_beside_transactions_that_are_open_waits_for_none_of_them(folder: Folder) -> None:
    with (
        EmbeddedPostgres(folder.path / ".hub") as server,
        psycopg.connect(server.urls("hub").owner) as connection,
    ):
        for table in ("household", "region", "agency", "poverty_line", "oauth_client"):
            connection.execute(f"select * from {table} for share")
            connection.execute(f"lock table {table} in row exclusive mode")
        began = time.monotonic()
        code, output = folder.run("migrate")
        assert code == 0, output
        assert time.monotonic() - began < 40
