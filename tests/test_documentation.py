"""What people read agrees with what runs."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from hub.settings import Settings
from schema.errors_page import errors_page
from tests.fixtures.served import free_port

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


def test_every_setting_stands_in_the_readme_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(HUB_\w+)` \| (.*?) \|", README, re.M))
    settings = {f"HUB_{name.upper()}": field.default for name, field in Settings.model_fields.items()}
    assert rows.keys() == settings.keys()
    for name, default in settings.items():
        assert default is None or rows[name] == f"`{default}`", name


def test_every_error_code_stands_in_the_errors_page() -> None:
    assert (ROOT / "docs" / "errors.md").read_text("utf-8") == errors_page(), "run `make schema`"


def test_every_command_stands_in_the_readme() -> None:
    from hub.cli import app

    names = {one.name or one.callback.__name__ for one in app.registered_commands if one.callback}
    told = README[README.index("## The command `hub`") :]
    assert all(f"`{name}" in told for name in names), names


def test_every_page_the_readme_points_at_exists() -> None:
    for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", README):
        assert (ROOT / target).exists(), target


def start_demo(folder: str, *options: str) -> tuple[subprocess.Popen[str], int]:
    """`hub demo` in a folder, ready to be asked, and its port."""
    port = free_port()
    environment = {key: value for key, value in os.environ.items() if not key.startswith("HUB_")}
    process = subprocess.Popen(
        [sys.executable, "-m", "hub.cli", "demo", *options, "--port", str(port)],
        cwd=folder, env={**environment, "PYTHONPATH": str(ROOT)}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert any(line.startswith("ready: ") for line in process.stdout), "the demonstration did not start"
    return process, port


def stop_demo(folder: str, process: subprocess.Popen[str]) -> None:
    """Ctrl-C, after which nothing runs."""
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    assert not list(Path(folder).glob("**/postmaster.pid")), "the database was left running"


@pytest.fixture
def demo() -> Iterator[tuple[Path, int]]:
    """`hub demo` running in a clean folder."""
    with TemporaryDirectory(prefix="hub-tests-") as folder:
        Path(folder).chmod(0o711)
        process, port = start_demo(folder, "--households", "100")
        yield Path(folder), port
        stop_demo(folder, process)


def test_the_readmes_first_query_works_word_for_word(demo: tuple[Path, int]) -> None:
    folder, port = demo
    first_query = README[README.index("## The first query") : README.index("## Permissions in one picture")]
    script = "\n".join(re.findall(r"```bash\n(.*?)```", first_query, re.S)).replace("8000", str(port))
    done = subprocess.run(
        ["bash", "-euc", script], cwd=folder, capture_output=True, text=True, timeout=60, check=True
    )
    query, forbidden, write, chain = (json.loads(line) for line in done.stdout.splitlines())

    assert query["data"]["households"]["totalCount"] > 0
    assert "errors" not in query
    (shown,) = re.findall(r"```json\n(.*?)```", first_query, re.S)
    assert forbidden["errors"] == json.loads(shown)["errors"]
    assert "errors" not in write, write
    assert write["data"]["recordAid"]["errors"] == []
    assert write["data"]["recordAid"]["created"]
    seen = chain["data"]["node"]["household"]["chain"]
    assert seen["verified"]["whole"]
    assert seen["events"]["nodes"][-1]["type"] == "AID_RECORDED"
    assert seen["events"]["nodes"][-1]["aidRecord"]["program"] == "助学金"


def test_a_second_start_takes_the_sample_and_the_clients_that_are_there(demo: tuple[Path, int]) -> None:
    folder, _ = demo
    clients = (folder / ".hub" / "demo-clients.json").read_text()
    with TemporaryDirectory(prefix="hub-tests-") as again:
        Path(again).chmod(0o711)
        stop_demo(again, start_demo(again, "--households", "50")[0])
        kept = (Path(again) / ".hub" / "demo-clients.json").read_text()
        stop_demo(again, start_demo(again)[0])
        assert (Path(again) / ".hub" / "demo-clients.json").read_text() == kept != clients
