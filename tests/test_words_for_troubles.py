"""Each trouble of the database has a code of its own for every kind of request, with the time to try again; readiness reports
the same."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import asyncpg
import httpx
import psycopg
import pytest
import sqlalchemy as sa

from auth.clients import NewClient
from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings
from hub.foundation.troubles import reason_to_wait, trouble_of
from hub.service.admission_control import LEAST, AdmissionControl
from tests.fixtures.served import Owner, Served, serve
from tests.journeys.outcomes import RECORD_AID, urgent_payment
from tests.schema.registered import registered_client

OFFICE = "civil_affairs@410105"
READ = "{ households(first: 1) { totalCount } }"
LATE = {asyncpg.QueryCanceledError: "DATABASE_BUSY", asyncpg.LockNotAvailableError: "DATABASE_BUSY"}
WAYS = ("read", "write", "ready", "token", "uploads", "exports")
NOBODY = {"input": urgent_payment({"idNumber": "410105195001010013"})}


@dataclass
class Ailing:
    """A hub that uses an ordinary login, and its database."""

    hub: Served
    client: NewClient
    login: str

    def owner(self, *statements: str) -> None:
        """Run statements as an administrator, and end the hub's sessions."""
        with psycopg.connect(self.hub.database_url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.format(login=self.login, database=connection.info.dbname))
            connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity where usename = %s", [self.login]
            )

    def graphql(self, query: str, variables: object = None) -> httpx.Response:
        """One GraphQL request by POST."""
        token = self.hub.token(OFFICE, client=self.client.client_id)
        return self.hub.http.post(
            "/graphql",
            json={"query": query, "variables": variables},
            headers={"authorization": f"Bearer {token}"},
        )

    def get(self, path: str) -> httpx.Response:
        """A GET request with a token."""
        token = self.hub.token(OFFICE, client=self.client.client_id)
        return self.hub.http.get(path, headers={"authorization": f"Bearer {token}"})

    def words(self) -> dict[str, tuple[int, str | None, str | None]]:
        """The status, the code and Retry-After of every kind of request."""
        token = self.hub.http.post(
            "/oauth/token",
            data={"grant_type": "client_credentials"},
            auth=(self.client.client_id, self.client.client_secret),
        )
        requests = {
            "read": self.graphql(READ),
            "write": self.graphql(RECORD_AID, NOBODY),
            "ready": self.hub.http.get("/readyz"),
            "uploads": self.get("/imports"),
            "exports": self.get("/exports"),
        }
        codes = {
            way: (one.status_code, _code(one.json()), one.headers.get("retry-after"))
            for way, one in requests.items()
        }
        return codes | {
            "token": (token.status_code, token.json().get("code"), token.headers.get("retry-after"))
        }


def _code(body: dict[str, Any]) -> str | None:
    errors = body.get("errors")
    return str(errors[0]["extensions"]["code"]) if errors else None


@contextmanager
def _login(url: str) -> Iterator[tuple[str, str]]:
    """A login that is not a superuser, and the URL with it."""
    name = f"login_{sa.make_url(url).database}"
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(f"create role {name} login noinherit password 'secret' in role hub_reader, hub_writer")
        owner.execute(f"grant connect on database {owner.info.dbname} to {name}")
        yield (
            name,
            sa.make_url(url).set(username=name, password="secret").render_as_string(hide_password=False),
        )
        owner.execute("select pg_terminate_backend(pid) from pg_stat_activity where usename = %s", [name])
        owner.execute(f"drop owned by {name}")
        owner.execute(f"drop role {name}")


@pytest.fixture
def ailing(database_url: str, settings: Settings, keys: Keys) -> Iterator[Ailing]:
    """A hub without troubles so far."""
    client = registered_client(database_url, settings, OFFICE)
    with (
        _login(database_url) as (login, url),
        serve(url, settings, keys) as served,
        closing(Owner(database_url)) as owner,
    ):
        hub = replace(served, database_url=database_url, owner=owner)
        ailing = Ailing(hub, client, login)
        assert ailing.words() == dict.fromkeys(WAYS, (200, None, None))
        yield ailing


def test_a_database_that_is_read_only_answers_nothing_that_it_cannot_record_and_issues_no_token(
    ailing: Ailing,
) -> None:
    ailing.owner("alter database {database} set default_transaction_read_only = on")
    refused = (503, "DATABASE_READ_ONLY", "30")
    assert ailing.words() == dict.fromkeys(WAYS, (200, None, None)) | dict.fromkeys(
        ("read", "write", "ready", "token"), refused
    )
    ailing.owner(
        "set default_transaction_read_only = off",
        "alter database {database} reset default_transaction_read_only",
    )
    assert ailing.graphql(READ).status_code == 200


def test_a_database_without_a_free_connection_says_so_at_every_way_in(ailing: Ailing) -> None:
    ailing.owner("alter role {login} connection limit 0")
    refused = (503, "DATABASE_CONNECTIONS_EXHAUSTED", "5")
    assert ailing.words() == dict.fromkeys(WAYS, refused)
    ailing.owner("alter role {login} connection limit -1")
    assert ailing.words() == dict.fromkeys(WAYS, (200, None, None))


def test_where_no_access_record_can_be_written_nothing_is_answered_and_readiness_says_why(
    ailing: Ailing,
) -> None:
    ailing.owner("revoke insert on access_record from hub_writer")
    refused = (503, "ACCESS_RECORD_NOT_WRITTEN", "30")
    assert ailing.words() == dict.fromkeys(WAYS, (200, None, None)) | dict.fromkeys(
        ("read", "write", "ready", "token"), refused
    )
    ailing.owner("grant insert on access_record to hub_writer")
    assert ailing.graphql(READ).status_code == 200


def test_where_somebody_locks_what_a_way_in_needs_it_says_when_to_come_again(ailing: Ailing) -> None:
    with psycopg.connect(ailing.hub.database_url) as administrator:
        administrator.execute("lock table oauth_client, import_job, export_job in access exclusive mode")
        with ThreadPoolExecutor(3) as threads:
            requests = [
                threads.submit(
                    httpx.post,
                    f"{ailing.hub.url}/oauth/token",
                    data={"grant_type": "client_credentials"},
                    auth=(ailing.client.client_id, ailing.client.client_secret),
                    timeout=30,
                ),
                threads.submit(ailing.get, "/imports"),
                threads.submit(ailing.get, "/exports"),
            ]
            answered = [request.result() for request in requests]
    assert [(one.status_code, one.headers.get("retry-after")) for one in answered] == [(503, "5")] * 3
    token, *jobs = (one.json() for one in answered)
    assert (token["error"], token["code"]) == ("temporarily_unavailable", "DATABASE_BUSY")
    assert [_code(body) for body in jobs] == ["DATABASE_BUSY"] * 2


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (sa.exc.TimeoutError("no connection of the pool came free"), "SERVER_BUSY"),
        (asyncpg.CannotConnectNowError("starting"), "DATABASE_STARTING"),
        (asyncpg.ReadOnlySQLTransactionError("read-only"), "DATABASE_READ_ONLY"),
        (asyncpg.TooManyConnectionsError("too many"), "DATABASE_CONNECTIONS_EXHAUSTED"),
        (asyncpg.DiskFullError("full"), "DATABASE_DISK_FULL"),
        (asyncpg.AdminShutdownError("ended"), "DATABASE_UNAVAILABLE"),
        (asyncpg.InvalidPasswordError("refused"), "DATABASE_UNAVAILABLE"),
        (ConnectionRefusedError(), "DATABASE_UNAVAILABLE"),
        (sa.exc.InvalidRequestError("This connection is closed"), "DATABASE_UNAVAILABLE"),
        (sa.exc.InvalidRequestError("Table is already defined"), None),
        (asyncpg.UniqueViolationError("twice"), None),
        (asyncpg.QueryCanceledError("too long"), None),
        (asyncpg.LockNotAvailableError("locked"), None),
    ],
    ids=lambda one: type(one).__name__ if isinstance(one, Exception) else None,
)
def test_each_state_of_the_database_has_one_word(error: Exception, code: str | None) -> None:
    trouble = trouble_of(error)
    assert (trouble and trouble.code) == code
    waits = reason_to_wait(error)
    assert (waits and waits.code) == (code or LATE.get(type(error)))


def test_a_flood_at_the_token_endpoint_keeps_no_other_address_out() -> None:
    admission_control = AdmissionControl()
    assert [admission_control.enter(b"from 10.0.0.9") for _ in range(LEAST + 1)] == [True] * LEAST + [False]
    assert admission_control.enter(b"from 10.0.0.1")
