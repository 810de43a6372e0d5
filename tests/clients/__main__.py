"""`make clients`: runs the client libraries that departments use against the served hub, and prints one line for each.

It starts a demonstration of 100 households on a free port and stops it at the end. Every client is a program of its own that
prints its checks as JSON lines. The exit code is 1 if any check failed.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from auth.departments import DEPARTMENTS
from auth.grant import Grant
from auth.tokens import Tokens
from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings
from tests.fixtures.served import free_port

HERE = Path(__file__).parent
AGENCY = "education@410105"
PATIENCE = 180
"""The time limit in seconds for a client, and for the start of the demonstration."""


@dataclass(frozen=True)
class Client:
    """A library, and the program that uses it."""

    name: str
    program: str
    package: str | None = None

    @property
    def command(self) -> list[str]:
        """The command that runs the program."""
        return ["node" if self.program.endswith(".mjs") else sys.executable, str(HERE / self.program)]

    @property
    def told(self) -> str:
        """The library with its version."""
        if self.package is None:
            return self.name
        if self.program.endswith(".py"):
            return f"{self.name} {version(self.package)}"
        return f"{self.name} {json.loads((HERE / 'package.json').read_text())['dependencies'][self.package]}"


CLIENTS = (
    Client("curl", "curl.py"),
    Client("Node's http agent", "node_agent.mjs"),
    Client("Apollo Client", "apollo.mjs", "@apollo/client"),
    Client("urql", "urql.mjs", "@urql/core"),
    Client("Relay", "relay.mjs", "relay-runtime"),
    Client("graphql-codegen", "codegen.mjs", "@graphql-codegen/core"),
    Client("graphql-request", "graphql_request.mjs", "graphql-request"),
    Client("gql of Python", "gql_client.py", "gql"),
    Client("oauth4webapi", "oauth4webapi.mjs", "oauth4webapi"),
    Client("openid-client", "openid_client.mjs", "openid-client"),
)


def main() -> int:
    """Run every client; returns the exit code."""
    with TemporaryDirectory(prefix="hub-clients-") as folder:
        Path(folder).chmod(0o711)  # PostgreSQL's own user must be able to pass if this runs as root
        with demonstration(Path(folder)) as environment:
            passed = [_run(client, environment) for client in CLIENTS]
    return 0 if all(passed) else 1


@contextmanager
def demonstration(folder: Path) -> Iterator[Mapping[str, str]]:
    """`hub demo` on a free port; yields the environment variables for the clients' programs."""
    data, port = folder / "data", free_port()
    kept = {name: value for name, value in os.environ.items() if not name.startswith("HUB_")}
    with (folder / "demo.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "hub.service.cli", "demo", "--households", "100", "--port", str(port)],
            env={**kept, "HUB_DATA_DIR": str(data)},
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_ready(process, folder / "demo.log")
        url = f"http://127.0.0.1:{port}"
        everyone = json.loads((data / "demo-clients.json").read_text())
        (client,) = (one for one in everyone if one["agency"] == AGENCY)
        yield {
            **kept,
            "HUB_URL": url,
            "FOLDER": str(folder),
            "PID": str(process.pid),
            "CLIENT_ID": client["client_id"],
            "CLIENT_SECRET": client["client_secret"],
            "EXPIRED_TOKEN": _expired(data, url, client["client_id"]),
        }
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()


def _wait_until_ready(process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while "ready: " not in log.read_text():
        if process.poll() is not None or time.monotonic() > deadline:
            sys.exit(f"The demonstration did not start:\n{log.read_text()}")
        time.sleep(0.1)


def _expired(data: Path, issuer: str, client: str) -> str:
    """A token as the hub would have signed it an hour ago."""
    department, _, region = AGENCY.partition("@")
    permissions = DEPARTMENTS[department]
    tokens = Tokens(Keys.load(data / "keys.json"), Settings(issuer=issuer), lambda: time.time() - 3600)
    purposes = permissions.purposes
    return tokens.issue(Grant(AGENCY, client, permissions.scopes, (region,), purposes[0], purposes))


def _run(client: Client, environment: Mapping[str, str]) -> bool:
    """Run a client's checks and print its line; returns False if any failed."""
    if client.name == "curl" and shutil.which("curl") is None:
        print("skipped  curl: it is not installed 未安装 curl", flush=True)
        return True
    done = subprocess.run(
        client.command, env=environment, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    checks = [json.loads(line) for line in done.stdout.splitlines() if line.startswith('{"check"')]
    failed = [f"{check['check']} ({check['failure']})" for check in checks if check["failure"]]
    if done.returncode or not checks:
        failed.append(f"its program ended with {done.returncode}: {' '.join(done.stderr.split()[-40:])}")
    told = "; ".join(failed or (check["check"] for check in checks))
    print(f"{'FAILED ' if failed else 'ok     '}  {client.told}: {told}", flush=True)
    return not failed


if __name__ == "__main__":
    sys.exit(main())
