"""A database without a login that only reads (docs/operations.md): `hub_service` uses both roles, one for each connection,
and `hub serve` reports it."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest

from hub.foundation.embedded import EmbeddedPostgres, Urls
from hub.service.migrate import migrate
from tests.fixtures.commands import environment, hub
from tests.fixtures.folders import server_folder
from tests.fixtures.served import free_port
from tests.schema.inputs_that_are_kept import CHARITY

OFFER = (
    "mutation ($input: OfferCharityInput!) { offerCharity(input: $input) { offer { what } errors { code } } }"
)
OFFERS = "{ charityOffers(first: 5) { nodes { what } } }"
LOGINS = (
    "select application_name, array_agg(distinct usename::text) from pg_stat_activity"
    " where application_name in ('hub_reader', 'hub_writer') group by 1 order by 1"
)


@pytest.fixture(scope="module")
def urls() -> Iterator[Urls]:
    """A migrated database whose server has no `hub_query`."""
    with server_folder() as folder, EmbeddedPostgres(folder) as postgres:
        made = postgres.urls("hub")
        with psycopg.connect(made.owner, autocommit=True) as connection:
            connection.execute("drop role hub_query")
        migrate(made.owner)
        yield made


@contextmanager
def served(settings: dict[str, str], log: Path) -> Iterator[httpx.Client]:
    """`hub serve` in a process of its own; its error output goes to a file."""
    port = free_port()
    with (
        log.open("w") as errors,
        subprocess.Popen(
            [sys.executable, "-m", "hub.service.cli", "serve", "--port", str(port)],
            env=environment(**settings, HUB_SCHEDULE="off"),
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as process,
    ):
        assert process.stdout is not None
        assert "ready" in process.stdout.readline()
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as http:
                yield http
        finally:
            process.terminate()


def test_one_login_reads_and_writes_by_two_roles_and_the_service_says_so(urls: Urls, tmp_path: Path) -> None:
    settings = {"HUB_DATABASE_URL": urls.service, "HUB_DATA_DIR": str(tmp_path)}
    for command in (["keys", "create"], ["client", "create", "--agency", CHARITY, "--json"]):
        done = hub(*command, HUB_DATABASE_URL=urls.service, HUB_DATA_DIR=str(tmp_path))
        assert done.returncode == 0, done.stderr
    client = json.loads(done.stdout)
    log = tmp_path / "stderr"
    with served(settings, log) as http:
        form = {"grant_type": "client_credentials"}
        answered = http.post("/oauth/token", data=form, auth=(client["client_id"], client["client_secret"]))
        headers = {"authorization": f"Bearer {answered.json()['access_token']}"}
        variables = {
            "externalId": "O-1",
            "organisation": "慈善总会",
            "what": "轮椅",
            "region": "410105",
            "quantity": 1,
            "until": "2099-12-31",
        }
        body = {"query": OFFER, "variables": {"input": variables}}
        written = http.post("/graphql", json=body, headers=headers).json()
        assert written["data"]["offerCharity"] == {"offer": {"what": "轮椅"}, "errors": []}
        read = http.post("/graphql", json={"query": OFFERS}, headers=headers).json()
        assert read["data"]["charityOffers"]["nodes"] == [{"what": "轮椅"}]
        with psycopg.connect(urls.owner) as connection:
            assert connection.execute(LOGINS).fetchall() == [
                ("hub_reader", ["hub_service"]),
                ("hub_writer", ["hub_service"]),
            ]
            (records,) = (
                connection.execute("select count(*) from access_record where operation_hash <> ''").fetchone()
                or ()
            )
            assert records == 2
    assert "HUB_READING_DATABASE_URL is unset" in log.read_text("utf-8")


def test_a_connection_that_reads_writes_nothing_though_its_login_could(urls: Urls) -> None:
    with psycopg.connect(urls.service, autocommit=True, options="-c role=hub_reader") as connection:
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("insert into region (code, name, level) values ('1', 'x', 'COUNTY')")
        connection.execute("set role hub_writer")  # this is why a login that only reads is better


def test_once_there_is_a_login_that_reads_alone_the_one_that_writes_reads_no_more(urls: Urls) -> None:
    with psycopg.connect(urls.owner, autocommit=True) as connection:
        connection.execute("create role hub_query login noinherit")
        migrate(urls.owner)
        with psycopg.connect(urls.service, autocommit=True) as service:
            service.execute("set role hub_writer")
            service.execute("set role none")
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                service.execute("set role hub_reader")
        connection.execute("revoke hub_reader from hub_query")
        connection.execute("revoke connect on database hub from hub_query")
        connection.execute("drop role hub_query")
        migrate(urls.owner)
        with psycopg.connect(urls.service, autocommit=True) as service:
            service.execute("set role hub_reader")
