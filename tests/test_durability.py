"""After a kill, every acknowledged write exists, and every other write exists completely or not at all.

The tests run the real `hub serve` process on the embedded database, under load from several threads.
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx
import psycopg
import pytest

from hub.foundation.embedded import EmbeddedPostgres
from tests.fixtures.served import free_port
from tests.journeys.outcomes import RECORD_AID, urgent_payment

WRITERS = 6
OFFICE = "civil_affairs@410105"
FILE = """户编号,姓名,身份证号,与户主关系,所属区划,城乡,地址,家庭人均月收入,救助类别
K-1,张三,410105195001010013,户主,410105001,城镇,经八路1号,650,低保对象
K-2,李四,410105195502020025,户主,410105001,城镇,经八路2号,640,低保对象
K-3,王五,410105196003030039,户主,410105001,城镇,经八路3号,630,低保对象
"""


def hub(data: Path, *arguments: str) -> str:
    """The output of a command of the hub; fails if the command fails."""
    done = subprocess.run(
        [sys.executable, "-m", "hub.service.cli", *arguments],
        env={**os.environ, "HUB_DATA_DIR": str(data)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@dataclass
class Running:
    """A hub process and a client of it."""

    process: subprocess.Popen[str]
    url: str
    client: dict[str, str]
    acknowledged: dict[str, str] = field(default_factory=dict)
    sent: set[str] = field(default_factory=set)

    def token(self) -> str:
        """An access token."""
        answered = httpx.post(
            f"{self.url}/oauth/token",
            auth=(self.client["client_id"], self.client["client_secret"]),
            data={"grant_type": "client_credentials"},
            timeout=20,
        )
        return str(answered.json()["access_token"])

    def send(self, http: httpx.Client, token: str, given: dict[str, Any]) -> None:
        """Write back one outcome, and note it when it is acknowledged."""
        self.sent.add(given["externalId"])
        answered = http.post(
            f"{self.url}/graphql",
            json={"query": RECORD_AID, "variables": {"input": given}},
            headers={"authorization": f"Bearer {token}"},
        ).json()
        payload = answered["data"]["recordAid"]
        assert payload["errors"] == [], payload
        self.acknowledged[given["externalId"]] = payload["aidRecord"]["id"]


def start(data: Path, client: dict[str, str]) -> Running:
    """Start `hub serve` and wait until it reports that it is ready."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "hub.service.cli", "serve", "--port", str(port)],
        env={**os.environ, "HUB_DATA_DIR": str(data), "HUB_ISSUER": "http://127.0.0.1:8000"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert line.startswith("ready: "), line
    return Running(process, f"http://127.0.0.1:{port}", client)


def outcome(writer: int, number: int, numbers: list[str]) -> dict[str, Any]:
    """An urgent payment with an externalId of its writer and number."""
    subject = {"idNumber": numbers[(writer + number) % len(numbers)]}
    return urgent_payment(subject, externalId=f"W{writer}-{number}", program=f"临时救助{writer}-{number}")


def write_until_it_dies(running: Running, numbers: list[str]) -> list[threading.Thread]:
    """Writers that continue until the hub is gone."""

    def work(writer: int) -> None:
        try:
            token = running.token()
            with httpx.Client(timeout=20) as http:
                for number in range(10_000):
                    running.send(http, token, outcome(writer, number, numbers))
        except (httpx.HTTPError, KeyError, TypeError, ValueError):
            return  # the hub died, or reported that its database died

    threads = [threading.Thread(target=work, args=(writer,)) for writer in range(WRITERS)]
    for thread in threads:
        thread.start()
    return threads


def postmaster(data: Path) -> int:
    """The pid of the embedded server's first process."""
    file = EmbeddedPostgres(data).cluster / "postmaster.pid"
    return int(file.read_text().splitlines()[0])


def kill_hub(running: Running, _data: Path) -> None:
    """kill -9 of the hub only; its database continues."""
    running.process.kill()


def kill_everything(running: Running, data: Path) -> None:
    """kill -9 of the database's postmaster, which ends its children too, and of the hub."""
    pid = postmaster(data)
    assert b"pgdata" in Path(f"/proc/{pid}/cmdline").read_bytes()
    os.kill(pid, signal.SIGKILL)
    running.process.kill()


@pytest.fixture
def data() -> Iterator[Path]:
    """A data folder with three households."""
    with TemporaryDirectory(prefix="hub-tests-") as folder:
        Path(folder).chmod(0o711)
        file = Path(folder) / "households.csv"
        file.write_text(FILE)
        hub(Path(folder), "import", "households", str(file), "--agency", "civil_affairs@410105001")
        yield Path(folder)


@pytest.fixture
def client(data: Path) -> dict[str, str]:
    """A client of the district's civil affairs."""
    made: dict[str, str] = json.loads(hub(data, "client", "create", "--agency", OFFICE, "--json"))
    return made


NUMBERS = [line.split(",")[2] for line in FILE.splitlines()[1:]]


@pytest.mark.parametrize("kill", [kill_hub, kill_everything])
def test_every_acknowledged_write_survives_a_kill_and_nothing_is_half_written(
    data: Path, client: dict[str, str], kill: Any
) -> None:
    running = start(data, client)
    threads = write_until_it_dies(running, NUMBERS)
    deadline = time.monotonic() + 30
    while len(running.acknowledged) < 60 and time.monotonic() < deadline:
        time.sleep(0.02)
    kill(running, data)
    running.process.wait(10)
    for thread in threads:
        thread.join(30)
    assert len(running.acknowledged) >= 60

    with EmbeddedPostgres(data) as server, psycopg.connect(server.urls("hub").owner) as connection:
        queries = {
            "record": "select external_id from aid_record",
            "detail": "select r.external_id from temporary_detail d join aid_record r using (household_id, id, version)",
            "event": "select body->>'externalId' from chain_event where type = 'AID_RECORDED'",
            "receipt": "select external_id from write_receipt where kind = 'AID'",
        }
        found = {kind: [one for (one,) in connection.execute(query)] for kind, query in queries.items()}
    records = set(found["record"])
    assert all(len(names) == len(set(names)) and set(names) == records for names in found.values()), (
        "half a write"
    )
    assert set(running.acknowledged) <= records <= running.sent
    assert "0 broken" in hub(data, "verify")

    again = start(data, client)
    token = again.token()
    with httpx.Client(timeout=20) as http:
        for name in sorted(running.sent)[:40]:
            writer, number = (int(part) for part in name[1:].split("-"))
            again.send(http, token, outcome(writer, number, NUMBERS))
    shared = running.acknowledged.keys() & again.acknowledged.keys()
    assert all(again.acknowledged[name] == running.acknowledged[name] for name in shared)
    again.process.send_signal(signal.SIGINT)
    assert again.process.wait(20) == 0
    assert not (EmbeddedPostgres(data).cluster / "postmaster.pid").exists(), "the database was left running"


def test_sixteen_clients_write_to_the_same_household_and_to_others_at_once(
    data: Path, client: dict[str, str]
) -> None:
    running = start(data, client)
    token, problems = running.token(), []

    def work(writer: int) -> None:
        with httpx.Client(timeout=60) as http:
            for number in range(8):
                try:
                    running.send(http, token, outcome(writer, number, NUMBERS[: 1 + writer % 3]))
                except Exception as problem:  # no caller may get an exception, of whatever kind
                    problems.append(problem)

    threads = [threading.Thread(target=work, args=(writer,)) for writer in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(20) == 0
    assert problems == []
    assert len(running.acknowledged) == len(set(running.acknowledged.values())) == 16 * 8
    assert "0 broken" in hub(data, "verify")
