"""`hub serve --workers`: several processes at one address; a supervisor starts, replaces and ends them."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from hub.service.workers import Worker, listening
from tests.conftest import TestCluster
from tests.fixtures.commands import environment
from tests.fixtures.installation import Installation, installation
from tests.fixtures.served import free_port

SOON = 60.0
ENDED_BY = 24.0
"""Seconds after which a service that was asked to end has ended (docs/operations.md)."""


@dataclass(frozen=True)
class Supervised:
    """A running `hub serve --workers 2`."""

    process: "subprocess.Popen[str]"
    address: str

    def workers(self) -> set[int]:
        """The living processes that the supervisor has started."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return {int(pid) for pid in children.split() if _lives(int(pid))}

    def until(self, other_than: set[int]) -> set[int]:
        """The workers, when there are two and none of the old ones is left; meanwhile every request is answered."""
        deadline = time.monotonic() + SOON
        while len(found := self.workers()) != 2 or found & other_than or not self.answers():
            assert time.monotonic() < deadline, found
            time.sleep(0.1)
        return found

    def open_files(self) -> int:
        """The number of files and pipes that the supervisor has open."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def answers(self) -> bool:
        """Whether a new connection gets an answer; fails the test if it is refused."""
        return httpx.get(f"{self.address}/readyz", timeout=SOON).status_code == 200


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.fixture(scope="module")
def installed(cluster: TestCluster, template: str) -> Iterator[Installation]:
    """A data folder with keys, and a migrated database."""
    with installation(cluster, template) as made:
        yield made


def settings_of(installed: Installation) -> dict[str, str]:
    """The environment of the processes."""
    own = {"HUB_DATA_DIR": str(installed.folder), "HUB_DATABASE_URL": installed.database_url}
    return environment(**own, HUB_SCHEDULE="off")


@pytest.fixture(scope="module")
def served(installed: Installation) -> Iterator[Supervised]:
    """The service with two workers."""
    port = free_port()
    command = [sys.executable, "-m", "hub.service.cli", "serve", "--workers", "2", "--port", str(port)]
    with subprocess.Popen(command, env=settings_of(installed), stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert "ready" in process.stdout.readline()
            yield Supervised(process, f"http://127.0.0.1:{port}")
        finally:
            process.terminate()


def test_a_worker_that_is_killed_is_replaced_while_the_other_answers(served: Supervised) -> None:
    before, open_files = served.workers(), served.open_files()
    assert len(before) == 2
    os.kill(killed := min(before), signal.SIGKILL)
    assert served.until({killed}) & before == before - {killed}
    deadline = time.monotonic() + SOON
    while served.open_files() != open_files:  # while a process starts, one more pipe is open
        assert time.monotonic() < deadline, "what belonged to the killed worker is closed"
        time.sleep(0.05)


def test_a_reload_replaces_every_worker_and_refuses_no_request(served: Supervised) -> None:
    before = served.until(set())
    served.process.send_signal(signal.SIGUSR1)
    assert not served.until(before) & before


def test_sigterm_ends_the_supervisor_and_its_workers_within_their_bound(served: Supervised) -> None:
    workers = served.until(set())
    served.process.send_signal(signal.SIGTERM)
    assert served.process.wait(ENDED_BY) == 0
    assert not any(map(_lives, workers))
    with pytest.raises(httpx.ConnectError):
        served.answers()


def test_a_worker_ends_where_its_supervisor_is_gone(
    installed: Installation, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in settings_of(installed).items():
        monkeypatch.setenv(name, value)
    with listening("127.0.0.1", 0) as shared:
        worker = Worker([sys.executable, "-m", "hub.service.worker"], shared)
        worker.hear()
        assert worker.accepts
        os.close(worker.life)
        assert worker.process.wait(ENDED_BY) == 0
        os.close(worker.signs)
