"""While the database is unreachable, the log reports it in a few lines, however many requests fail."""

import json
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import httpx

from auth.departments import DEPARTMENTS
from auth.grant import Grant
from auth.tokens import Tokens
from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings
from tests.fixtures.commands import environment
from tests.fixtures.database_wire import wire_to
from tests.fixtures.served import free_port

OFFICE = DEPARTMENTS["civil_affairs"]
GRANT = Grant(
    "civil_affairs@410105", "clerk", OFFICE.scopes, ("410105",), OFFICE.purposes[0], OFFICE.purposes
)
READ = {"query": "{ households(first: 1) { totalCount } }"}
REQUESTS = 200
MOST_LINES = 12


def test_two_hundred_requests_without_a_database_leave_few_lines_and_no_traceback(
    database_url: str, keys: Keys, tmp_path: Path
) -> None:
    keys.save(tmp_path / "keys.json")
    port, file = free_port(), tmp_path / "log"
    token = Tokens(keys, Settings(data_dir=tmp_path)).issue(GRANT)
    with ExitStack() as way, file.open("w") as log:
        wire = way.enter_context(wire_to(database_url))
        settings = {
            "HUB_DATABASE_URL": wire.url,
            "HUB_DATA_DIR": str(tmp_path),
            "HUB_SCHEDULE": "off",
            "HUB_LOG_FORMAT": "json",
        }
        with subprocess.Popen(
            [sys.executable, "-m", "hub.service.cli", "serve", "--port", str(port)],
            env=environment(**settings),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as hub:
            assert hub.stdout is not None
            assert "ready" in hub.stdout.readline()
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
                headers = {"authorization": f"Bearer {token}"}
                assert http.post("/graphql", json=READ, headers=headers).status_code == 200
                way.close()  # the database is unreachable
                refused = set()
                for place in range(REQUESTS):
                    body = {"query": READ["query"].replace("{ h", f"{{ a{place}: h", 1)}
                    refused.add(http.post("/graphql", json=body, headers=headers).status_code)
                    http.post("/oauth/token", auth=("clerk", "x"), data={"grant_type": "client_credentials"})
                    http.get("/readyz")
            hub.terminate()
            hub.wait(60)
    lines = file.read_text().splitlines()
    assert 200 not in refused
    assert 2 <= len(lines) <= MOST_LINES, "\n".join(lines)
    assert "Traceback" not in file.read_text()
    assert 'File "' not in file.read_text()
    assert {json.loads(line)["level"] for line in lines} <= {"WARNING", "ERROR", "CRITICAL"}
    assert sum("199 more since" in line for line in lines) >= 2
