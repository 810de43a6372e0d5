"""A process of the hub fits its database, or reports that it does not: it needs the keys with which the data were written,
and a version that may run on the schema."""

import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest
import sqlalchemy as sa

from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings
from hub.service.versions import history
from tests.conftest import TestCluster
from tests.fixtures.database_wire import Wire
from tests.fixtures.installation import Installation, installation, told
from tests.fixtures.served import Served, serve

OFFICE = "civil_affairs@410105"
COMMANDS = ("verify", "client list", "coverage", "serve --port 1")
NEWER, OLDER = "2099_01_01_much_later", history().revisions[0]
ASKED = "{ viewer { purposes } }"


def is_of(url: str, newest: str, *running: str) -> None:
    """Mark the schema as another version's, on which some versions may run."""
    with psycopg.connect(url) as connection:
        connection.execute("delete from schema_version")
        for one in (newest, *running):
            connection.execute("insert into schema_version values (%s, %s)", (one, one == newest))


@pytest.fixture(scope="module")
def installed(cluster: TestCluster, template: str) -> Iterator[Installation]:
    """An installation with keys."""
    with installation(cluster, template) as made:
        yield made


@pytest.fixture
def fresh_hub(database_url: str, settings: Settings, keys: Keys) -> Iterator[Served]:
    """The hub on a database for one test, without households."""
    with serve(database_url, settings, keys) as served:
        yield served


@pytest.mark.parametrize(
    ("newest", "code", "mended"),
    [(OLDER, "DATABASE_IS_OLDER", "run `hub migrate`"), (NEWER, "DATABASE_IS_NEWER", "use that version")],
)
def test_every_command_says_in_one_sentence_that_the_schema_is_of_another_version(
    installed: Installation, newest: str, code: str, mended: str
) -> None:
    is_of(installed.database_url, newest)
    for command in COMMANDS:
        message = told(installed.run(*command.split()))
        assert message.startswith(code), command
        assert mended in message
        assert newest in message
        assert history().newest in message
        assert len(message.splitlines()) == 2
    installed.well("migrate")
    installed.well("verify")


def test_a_database_from_before_there_were_versions_is_older(installed: Installation) -> None:
    with psycopg.connect(installed.database_url) as connection:
        connection.execute("alter table schema_version rename to gone")
    assert told(installed.run("verify")).startswith("DATABASE_IS_OLDER")
    with psycopg.connect(installed.database_url) as connection:
        connection.execute("alter table gone rename to schema_version")
    installed.well("verify")


def test_a_process_runs_on_while_a_newer_schema_lets_it(fresh_hub: Served) -> None:
    is_of(fresh_hub.database_url, NEWER, history().newest)
    assert fresh_hub.http.get("/readyz").status_code == 200
    assert fresh_hub.ask(OFFICE, ASKED).data["viewer"]["purposes"]


def test_a_process_whose_schema_is_migrated_away_says_so_and_answers_nothing_until_it_fits(
    fresh_hub: Served,
) -> None:
    assert fresh_hub.http.get("/readyz").status_code == 200
    is_of(fresh_hub.database_url, NEWER)
    answer = fresh_hub.http.get("/readyz")
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (
        503,
        "SCHEMA_INCOMPATIBLE",
    )
    refused = fresh_hub.ask(OFFICE, ASKED)
    assert (refused.status, refused.codes) == (503, ["SCHEMA_INCOMPATIBLE"])
    assert fresh_hub.http.post("/oauth/token").headers["retry-after"] == "5"
    assert fresh_hub.http.get("/healthz").status_code == 200
    is_of(fresh_hub.database_url, history().newest)
    assert fresh_hub.http.get("/readyz").status_code == 200
    assert fresh_hub.ask(OFFICE, ASKED).status == 200


@pytest.fixture
def late(database_url: str) -> Iterator[tuple[str, Wire]]:
    """A database that is unreachable until its proxy listens."""
    at = sa.make_url(database_url)
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        through = at.set(host="127.0.0.1", port=listening.getsockname()[1])
        url = through.render_as_string(hide_password=False)
        wire = Wire(url, listening, (at.host or "127.0.0.1", at.port or 5432))
        yield database_url, wire
        wire.cut()
        listening.shutdown(socket.SHUT_RDWR)


def is_there(wire: Wire) -> None:
    """Make the database reachable again."""
    wire._listening.listen()
    threading.Thread(target=wire.accept, daemon=True).start()


def codes(answer: httpx.Response) -> list[str]:
    """The codes of a refusal."""
    return [error["extensions"]["code"] for error in answer.json()["errors"]]


@pytest.mark.parametrize("right", [True, False], ids=["its keys", "another's keys"])
def test_keys_are_held_against_a_database_that_comes_late_before_anything_is_answered(
    late: tuple[str, Wire], settings: Settings, keys: Keys, tmp_path: Path, right: bool
) -> None:
    direct, wire = late
    with psycopg.connect(direct) as connection:
        for name, digest in keys.checks().items():
            connection.execute("insert into key_check values (%s, %s, now())", (name, digest))
    own = keys if right else Keys.create()
    with serve(wire.url, settings, own, compared=False) as hub:
        for path in ("/readyz", "/.well-known/jwks.json"):
            away = hub.http.get(path)
            assert (away.status_code, codes(away)) == (503, ["DATABASE_UNAVAILABLE"])
        assert hub.ask(OFFICE, ASKED).codes == ["DATABASE_UNAVAILABLE"]
        is_there(wire)
        if right:
            assert hub.ask(OFFICE, ASKED).data["viewer"]["purposes"]
            assert hub.http.get("/readyz").status_code == 200
            return
        assert hub.ask(OFFICE, ASKED).codes == ["KEYS_MISMATCH"]
        for path in ("/readyz", "/.well-known/jwks.json"):
            refused = hub.http.get(path)
            assert (refused.status_code, codes(refused)) == (503, ["KEYS_MISMATCH"])
        assert hub.http.get("/healthz").status_code == 200


def looks_at_key_checks(installed: Installation) -> int:
    """The number of times that the check values of keys were read since the database was made."""
    with psycopg.connect(installed.database_url) as connection:
        query = "select seq_scan + idx_scan from pg_stat_user_tables where relname = 'key_check'"
        return int(connection.execute(query).fetchall()[0][0])


def test_a_command_that_needs_its_keys_holds_them_against_the_database_no_oftener_than_one_that_does_not(
    installed: Installation,
) -> None:
    file = installed.folder / "户籍.csv"
    file.write_text("户编号\n")
    looks = []
    for command in ("verify", f"import households {file} --agency civil_affairs@410105001"):
        before = looks_at_key_checks(installed)
        installed.run(*command.split())
        looks.append(looks_at_key_checks(installed) - before)
    assert looks[0] == looks[1] > 0
