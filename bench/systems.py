"""The measured systems. Each is one process on its own port, and is always stopped."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from bench.database import ROOT, BenchDatabase, report_progress

POOL = 8
"""Database connections of each system's pool."""

_POSTGRAPHILE = Path(__file__).parent / "peers" / "postgraphile"
_PATIENCE = 60  # seconds for a start


class CannotMeasure(Exception):
    """The run stops here; the message says why and what to do."""


class PeerMissing(Exception):
    """A peer cannot run on this machine; the message says why and what to install."""


@dataclass(frozen=True)
class Running:
    """A running system."""

    name: str
    port: int
    pid: int

    @property
    def rss_mb(self) -> float:
        """Its resident memory in MB (2^20 bytes)."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return round(int(line.split()[1]) / 1024, 1)
        raise CannotMeasure(f"{self.name} (pid {self.pid}) has ended.")


def _python(module: str, *arguments: str) -> Callable[[int], list[str]]:
    return lambda port: [sys.executable, "-m", module, *arguments, str(port)]


def _postgraphile(port: int) -> list[str]:
    """The command of PostGraphile; its packages are installed on the first run. Raises PeerMissing."""
    node = _POSTGRAPHILE / "node_modules" / "node" / "bin" / "node"
    if not node.exists():
        if shutil.which("npm") is None:
            raise PeerMissing(
                "npm is not on PATH; install Node.js 20 or newer (the package brings its own Node 24)"
            )
        report_progress("installing PostGraphile, once …")
        command = ["npm", "ci", "--omit-lockfile-registry-resolved", "--no-audit", "--no-fund"]
        done = subprocess.run(command, cwd=_POSTGRAPHILE, check=False, capture_output=True, text=True)
        if done.returncode or not node.exists():
            raise PeerMissing(
                f"`npm ci` in {_POSTGRAPHILE.relative_to(ROOT)} failed: {done.stderr.strip()[-300:]}"
            )
    return [str(node), str(_POSTGRAPHILE / "server.mjs"), str(port)]


COMMANDS: Mapping[str, Callable[[int], list[str]]] = {
    "hub": _python("hub.service.cli", "serve", "--port"),
    "unguarded": _python("bench.variants", "unguarded"),
    "reference": _python("bench.variants", "reference"),
    "strawberry": _python("bench.peers.strawberry_app"),
    "postgraphile": _postgraphile,
    "limit": _python("bench.peers.limit"),
}


def environment(on: BenchDatabase) -> dict[str, str]:
    """One environment for all: the hub's settings, which its variants and the peers in Python read as well."""
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("HUB_")},
        "HUB_DATABASE_URL": on.urls.service,
        "HUB_READING_DATABASE_URL": on.urls.query,
        "HUB_KEYS_FILE": str(on.keys_file),
        "HUB_POOL_SIZE": str(POOL),
        "HUB_COST_PER_MINUTE": str(10**12),  # one client sends more here than the service allows in a minute
        "HUB_MAX_COST": str(10**6),
        "HUB_SCHEDULE": "off",  # no job starts during a round
        "HUB_LOG_LEVEL": "WARNING",
        "BENCH_READING_DATABASE_URL": on.urls.query,
        "BENCH_POOL": str(POOL),
        "NODE_ENV": "production",
        "GRAPHILE_ENV": "production",
    }


@contextmanager
def running(name: str, on: BenchDatabase) -> Iterator[Running]:
    """Start a system and always stop it afterwards; raises PeerMissing, CannotMeasure."""
    port = _free_port()
    command = COMMANDS[name](port)
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            env=environment(on),
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches only this process, which then stops its systems one by one
        )
        try:
            _wait_for(port, process, name, log.fileno())
            yield Running(name, port, process.pid)
        finally:
            _end(process)


def _wait_for(port: int, process: "subprocess.Popen[bytes]", name: str, log: int) -> None:
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        if process.poll() is not None:
            tail = os.pread(log, 4000, max(0, os.fstat(log).st_size - 4000)).decode(errors="replace")
            raise CannotMeasure(f"{name} ended with {process.returncode} at its start:\n{tail}")
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise CannotMeasure(f"{name} does not answer on port {port} after {_PATIENCE} s.")


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(25)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def available(names: Sequence[str]) -> tuple[list[str], dict[str, str]]:
    """The systems that can run here, and the reasons why others cannot."""
    missing: dict[str, str] = {}
    for name in names:
        try:
            COMMANDS[name](0)
        except PeerMissing as error:
            missing[name] = str(error)
            report_progress(f"!!! {name} is NOT measured: {error}")
    return [name for name in names if name not in missing], missing
