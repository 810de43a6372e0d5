"""The demonstration as newcomers use it: a clone, two commands, and the README's lines pasted unchanged."""

import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.fixtures.folders import server_folder
from tests.fixtures.served import free_port

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
FIRST_QUERY = README[README.index("## The first query") : README.index("## Permissions in one picture")]
STANDARD_PORT = 8000
OF_THE_MACHINE = re.compile(r"PATH|HOME|PIP_.*|(https?|no)_proxy|SSL_CERT_FILE", re.I)
"""Variables that even an empty environment keeps: programs, the home folder, and pip's access to its registry."""


def empty_environment() -> dict[str, str]:
    """The environment as `env -i` leaves it, with the machine's variables only."""
    return {name: value for name, value in os.environ.items() if OF_THE_MACHINE.fullmatch(name)}


@contextmanager
def demonstration(
    command: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> Iterator[list[str]]:
    """Runs a command that serves the demonstration in a folder, from the moment it is ready until Ctrl-C. Nothing runs
    afterwards. Yields the printed lines."""
    process = subprocess.Popen(
        command,
        cwd=folder,
        env=dict(environment),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    printed: list[str] = []
    try:
        for line in process.stdout:
            printed.append(line)
            if line.startswith("ready: "):
                break
        else:
            pytest.fail(f"the demonstration did not start:\n{''.join(printed)}")
        yield printed
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGINT)  # as the terminal does: both make and the hub receive it
        printed += process.stdout
        process.wait(30)
    assert printed[-1] == "stopped 已停止\n", printed
    assert not list(folder.glob("**/postmaster.pid")), "the database was left running"


def hub_demo(folder: Path, port: int, *options: str) -> Any:
    """`hub demo` in a folder."""
    command = [sys.executable, "-m", "hub.service.cli", "demo", *options, "--port", str(port)]
    return demonstration(command, folder, {**empty_environment(), "PYTHONPATH": str(ROOT)})


@pytest.fixture(scope="module")
def clone() -> Iterator[Path]:
    """A fresh clone of the commit, with uncommitted changes on top (in CI there are none)."""

    def git(*arguments: str) -> str:
        return subprocess.run(
            ["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True
        ).stdout

    with server_folder() as folder:
        fresh = folder / "hub"
        git("clone", "-q", "--no-local", "--depth", "1", ROOT.as_uri(), str(fresh))
        changed = git("diff", "-z", "--name-only", "--no-renames", "HEAD")
        names = (changed + git("ls-files", "-z", "--others", "--exclude-standard")).split("\0")
        for name in filter(None, names):
            if (ROOT / name).exists():
                (fresh / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, fresh / name)
            else:
                (fresh / name).unlink(missing_ok=True)
        yield fresh


def is_free(port: int) -> bool:
    """Whether nobody listens on a port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return probe.connect_ex(("127.0.0.1", port)) != 0


def five_minutes(clone: Path, port: int | None) -> list[Any]:
    """Type `make demo` as the README says, then paste its lines into a second shell; returns their answers."""
    command = ["make", "demo", *([] if port is None else [f"PORT={port}"])]
    script = "\n".join(re.findall(r"```bash\n(.*?)```", FIRST_QUERY, re.S))
    with demonstration(command, clone, empty_environment()) as printed:
        assert printed[-1] == f"ready: http://127.0.0.1:{port or STANDARD_PORT}\n"
        shell = subprocess.run(
            ["bash", "-euc", script],
            cwd=clone,
            env=empty_environment(),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert (shell.returncode, shell.stderr) == (0, ""), shell.stdout
    return [json.loads(line) for line in shell.stdout.splitlines()]


def check(answers: Sequence[Any], *, created: bool) -> None:
    """Checks the answers that a newcomer must see."""
    query, forbidden, write, chain, waiting = answers
    assert query["data"]["households"]["totalCount"] > 0
    assert "errors" not in query
    (shown,) = re.findall(r"```json\n(.*?)```", FIRST_QUERY, re.S)
    assert forbidden["errors"] == json.loads(shown)["errors"]
    assert "errors" not in write, write
    recorded = write["data"]["recordAid"]
    assert (recorded["created"], recorded["errors"], recorded["warnings"]) == (created, [], [])
    seen = chain["data"]["node"]["household"]["chain"]
    assert seen["verified"]["whole"]
    assert seen["events"]["nodes"][-1]["type"] == "AID_RECORDED"
    assert seen["events"]["nodes"][-1]["aidRecord"]["program"] == "助学金"
    assert "errors" not in waiting, waiting


@pytest.mark.timeout(900)
def test_a_newcomer_clones_types_make_demo_and_pastes_the_readmes_lines(
    clone: Path, subtests: pytest.Subtests
) -> None:
    check(five_minutes(clone, free_port()), created=True)
    made = {path.name for path in clone.iterdir()} - {path.name for path in ROOT.iterdir()}
    assert made <= {".venv", ".hub", "assistance_hub.egg-info"}, "keys or data lie where git would take them"
    assert {"keys.json", "demo-clients.json"} <= {path.name for path in (clone / ".hub").iterdir()}
    ignored = ["git", "status", "--porcelain", "--ignored=no", "--untracked-files=all", "--", ".hub"]
    assert subprocess.check_output(ignored, cwd=clone, text=True) == ""
    with subtests.test("without any variable"):
        if not is_free(STANDARD_PORT):
            pytest.skip(f"port {STANDARD_PORT} is taken on this machine")
        check(five_minutes(clone, None), created=False)


@pytest.mark.parametrize("command", ["demo", "serve"])
def test_a_port_that_is_taken_is_told_in_both_languages_before_anything_is_made(command: str) -> None:
    with server_folder() as folder, socket.create_server(("127.0.0.1", 0)) as other:
        port = str(other.getsockname()[1])
        done = subprocess.run(
            [sys.executable, "-m", "hub.service.cli", command, "--port", port],
            cwd=folder,
            capture_output=True,
            text=True,
            env={**empty_environment(), "PYTHONPATH": str(ROOT)},
            timeout=120,
            check=False,
        )
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("ADDRESS_UNAVAILABLE The hub cannot listen on")
        assert f"平台无法监听 127.0.0.1 的端口 {port}" in done.stderr
        assert "Traceback" not in done.stderr
        assert not (folder / ".hub" / "demo-clients.json").exists()


@pytest.fixture(scope="module")
def demo() -> Iterator[tuple[Path, int]]:
    """`hub demo`, running in an empty folder."""
    port = free_port()
    with server_folder() as folder, hub_demo(folder, port, "--households", "100"):
        yield folder, port


WAITING = """{
  alerts(first: 100) { totalCount nodes { finding } }
  visitList(first: 1) { totalCount nodes { reasons } }
  coverage(region: "4101") { byCategory { category households } byKind { entitled received } }
}"""


def asked(folder: Path, agency: str, query: str) -> Any:
    """The answer to a query of a client of the demonstration."""
    clients = json.loads((folder / ".hub" / "demo-clients.json").read_text())
    client = next(one for one in clients if one["agency"] == agency)
    with httpx.Client(base_url=client["address"]) as http:
        login = client["client_id"], client["client_secret"]
        token = http.post("/oauth/token", auth=login, data={"grant_type": "client_credentials"}).json()
        headers = {"authorization": f"Bearer {token['access_token']}"}
        answer = http.post("/graphql", json={"query": query}, headers=headers).json()
    assert "errors" not in answer, answer
    return answer["data"]


def test_alerts_coverage_and_the_visit_list_answer_from_the_first_minute(demo: tuple[Path, int]) -> None:
    folder, _ = demo
    waiting = asked(folder, "civil_affairs@4101", WAITING)
    found = {node["finding"] for node in waiting["alerts"]["nodes"]}
    assert {"STUDENT_WITHOUT_AID", "DECEASED_RECIPIENT", "DUPLICATE_AID", "REFERRAL_OVERDUE"} <= found
    assert waiting["visitList"]["totalCount"] > 0
    assert sum(one["households"] for one in waiting["coverage"]["byCategory"]) > 0
    assert sum(one["received"] for one in waiting["coverage"]["byKind"]) > 0
    of_a_county = asked(folder, "civil_affairs@410105", WAITING.replace("4101", "410105"))
    assert of_a_county["alerts"]["totalCount"] > 0
    assert of_a_county["visitList"]["totalCount"] > 0


def test_a_second_start_takes_the_sample_the_clients_and_the_alerts_that_are_there(
    demo: tuple[Path, int],
) -> None:
    others = [
        client["client_id"] for client in json.loads((demo[0] / ".hub" / "demo-clients.json").read_text())
    ]
    runs = """{
      monitoringRuns(first: 10) { totalCount } alerts(first: 100) { nodes { id raisedAt } } coverage(region: "4101") { asOf }
    }"""

    def kept(folder: Path) -> list[dict[str, str]]:
        everyone: list[dict[str, str]] = json.loads((folder / ".hub" / "demo-clients.json").read_text())
        return [{name: one[name] for name in ("client_id", "client_secret", "agency")} for one in everyone]

    with server_folder() as again:
        with hub_demo(again, free_port(), "--households", "50"):
            first, seen = kept(again), asked(again, "civil_affairs@4101", runs)
        with hub_demo(again, free_port()):
            assert kept(again) == first
            assert asked(again, "civil_affairs@4101", runs) == seen
    assert seen["monitoringRuns"]["totalCount"] == 1
    assert not {client["client_id"] for client in first} & set(others)
