"""The access ledger is complete: tokens issued and refused, requests refused at each address, commands of operators."""

import time
from collections.abc import Iterator
from uuid import uuid4

import httpx
import psycopg
import pytest
from starlette.routing import Route

from auth.clients import NewClient, create_client
from hub.foundation.database import Database
from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings
from hub.service.app import create_app
from tests.conftest import TestCluster
from tests.fixtures.served import Served, serve

pytestmark = pytest.mark.anyio

OPEN = {"/", "/healthz", "/readyz", "/oauth/token"}
"""The addresses that answer without a token, besides the well-known ones; the token endpoint requires other credentials."""
RECORDS = """
select operation_name, agency_id, client_id, outcome, code, sum(refused)::int from access_record
where operation_name like %s and client_id like %s group by 1, 2, 3, 4, 5 order by 1, 5
"""
SECONDS = 10


@pytest.fixture(scope="module")
def running(cluster: TestCluster, template: str, settings: Settings, keys: Keys) -> Iterator[Served]:
    """The hub on a database without households."""
    name = f"hub_recorded_{uuid4().hex[:8]}"
    with serve(cluster.create(name, template), settings, keys) as served:
        yield served
    cluster.drop(name)


@pytest.fixture
async def client(running: Served, settings: Settings) -> NewClient:
    """A client of the education office."""
    database = Database(running.database_url, settings)
    async with database.write() as session:
        made = await create_client(session, "education@410105", name="test")
    await database.close()
    return made


def recorded(
    served: Served, operation: str = "%", client: str = "%", *, count: int
) -> list[tuple[object, ...]]:
    """The records of an operation or of a client, grouped, once they count this many requests."""
    until = time.monotonic() + SECONDS
    while True:
        found = served.rows(RECORDS, operation, client)
        if sum(int(row[-1]) or 1 for row in found) >= count or time.monotonic() > until:
            return found
        time.sleep(0.1)


def addresses(settings: Settings, keys: Keys) -> list[tuple[str, str]]:
    """Every method and address that requires a token."""
    app = create_app(settings, Database("postgresql://nobody@127.0.0.1:1/nothing", settings), keys)
    while not hasattr(app, "routes"):
        app = app.app if hasattr(app, "app") else app._app  # type: ignore[attr-defined]
    routes = [route for route in app.routes if isinstance(route, Route)]
    return sorted(
        (method, one.path_format)
        for one in routes
        if one.path not in OPEN and not one.path.startswith("/.well-known/")
        for method in (one.methods or set()) - {"HEAD"}
    )


def test_a_request_without_a_token_is_recorded_at_every_address(
    running: Served, settings: Settings, keys: Keys
) -> None:
    every = addresses(settings, keys)
    assert ("POST", "/graphql") in every
    assert ("GET", "/exports/{id}/file") in every
    for method, path in every:
        at = path.replace("{id}", str(uuid4()))
        headers = {"accept": "application/json"}
        for _ in range(2):
            assert running.http.request(method, at, headers=headers).status_code == 401, (method, path)
    found = {row[0]: row[1:] for row in recorded(running, count=2 * len(every)) if row[4] == "TOKEN_MISSING"}
    assert found == {f"{method} {path}": ("", "", "REFUSED", "TOKEN_MISSING", 2) for method, path in every}
    query = '{ accessRecords(filter: {code: "TOKEN_MISSING"}) { nodes { agency { code } client refused } } }'
    reply = running.ask("audit@410103", query)
    assert {node["client"] for node in reply.data["accessRecords"]["nodes"]} == {None}


async def test_tokens_are_recorded_issued_and_refused(running: Served, client: NewClient) -> None:
    def asks(client_id: str, secret: str, **more: str) -> httpx.Response:
        form = {"grant_type": "client_credentials", **more}
        return running.http.post("/oauth/token", data=form, auth=(client_id, secret))

    assert asks(client.client_id, client.client_secret).status_code == 200
    assert asks(client.client_id, "wrong").status_code == 401
    assert asks("nobody", "wrong").status_code == 401
    assert asks(client.client_id, client.client_secret, scope="hub:admin").status_code == 400
    assert recorded(running, "POST /oauth/token", count=4) == [
        ("POST /oauth/token", "", "", "REFUSED", "invalid_client", 1),
        ("POST /oauth/token", "education@410105", client.client_id, "REFUSED", "invalid_client", 1),
        ("POST /oauth/token", "education@410105", client.client_id, "REFUSED", "invalid_scope", 1),
        ("POST /oauth/token", "education@410105", client.client_id, "ANSWERED", None, 0),
    ]


async def test_a_token_whose_record_cannot_be_kept_is_not_handed_out(
    running: Served, client: NewClient
) -> None:
    with psycopg.connect(running.database_url, autocommit=True) as owner:
        owner.execute("revoke insert on access_record from hub_writer")
        try:
            form = {"grant_type": "client_credentials"}
            refused = running.http.post(
                "/oauth/token", data=form, auth=(client.client_id, client.client_secret)
            )
        finally:
            owner.execute("grant insert on access_record to hub_writer")
    assert refused.status_code == 503
    assert "access_token" not in refused.text


def test_what_a_client_is_refused_before_it_is_an_operation_is_recorded_as_its_own(running: Served) -> None:
    token = running.token("education@410105", client="careless")
    headers = {"authorization": f"Bearer {token}"}
    running.http.post("/graphql", content="{", headers={**headers, "content-type": "application/json"})
    running.http.post(
        "/graphql", json={"query": "{ viewer { client } }"}, headers={**headers, "hub-purpose": "payment"}
    )
    running.http.get(f"/exports/{uuid4()}", headers=headers)
    agency = "education@410105"
    assert recorded(running, client="careless", count=3) == [
        ("GET /exports/{id}", agency, "careless", "REFUSED", "NOT_FOUND", 1),
        ("POST /graphql", agency, "careless", "REFUSED", "MALFORMED_REQUEST", 1),
        ("POST /graphql", agency, "careless", "REFUSED", "PURPOSE_NOT_ALLOWED", 1),
    ]
