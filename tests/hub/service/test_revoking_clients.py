"""`hub client revoke` beside a running hub: the client gets no token and begins nothing more, once and for good, and no other
client notices."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings
from tests.conftest import TestCluster
from tests.fixtures.installation import Installation, installation, told
from tests.fixtures.served import Served, serve
from tests.hub.imports.office import family, write_csv
from tests.hub.service.test_exports import begun
from tests.hub.service.test_exports import ended as exported
from tests.hub.service.test_uploads import ended as imported

STREET, COUNTY = "civil_affairs@410105001", "civil_affairs@410105"
TEN_MINUTES = 600
"""How long a token lasts (`hub client revoke --help`)."""


@pytest.fixture(scope="module")
def installed(cluster: TestCluster, template: str) -> Iterator[Installation]:
    """The installation of this file."""
    with installation(cluster, template) as made:
        yield made


@pytest.fixture(scope="module")
def hub(installed: Installation, settings: Settings) -> Iterator[Served]:
    """The hub that runs on it."""
    with serve(installed.database_url, settings, Keys.load(installed.folder / "keys.json")) as served:
        served.rows("insert into installation (id, sample, created_at) values (1, true, now()) returning 1")
        yield served


def made(installed: Installation, agency: str) -> tuple[str, str]:
    """A client of an agency: its id and its secret."""
    created: dict[str, Any] = json.loads(installed.well("client", "create", "--agency", agency, "--json"))
    return created["client_id"], created["client_secret"]


def token_for(hub: Served, client: tuple[str, str]) -> httpx.Response:
    """The answer of the token endpoint."""
    return hub.http.post("/oauth/token", data={"grant_type": "client_credentials"}, auth=client)


def holding(hub: Served, client: tuple[str, str]) -> httpx.Client:
    """A client with a token."""
    answered = token_for(hub, client)
    assert answered.status_code == 200, answered.text
    assert answered.json()["expires_in"] <= TEN_MINUTES
    headers = {"authorization": f"Bearer {answered.json()['access_token']}"}
    return httpx.Client(base_url=hub.url, timeout=30, headers=headers)


def revoked_at(installed: Installation) -> dict[str, str | None]:
    """When each client was revoked."""
    return {
        one["client_id"]: one["revoked_at"] for one in json.loads(installed.well("client", "list", "--json"))
    }


def test_a_revoked_client_gets_no_token_and_begins_nothing_and_no_other_client_notices(
    installed: Installation, hub: Served, tmp_path: Path
) -> None:
    gone, colleague, other = (made(installed, agency) for agency in (STREET, STREET, COUNTY))
    file = write_csv(tmp_path / "户籍.csv", family("R-1", 93_000, 2)).read_bytes()
    with holding(hub, gone) as client:
        installed.well("client", "revoke", gone[0])
        wrong = token_for(hub, (gone[0], "not the secret"))
        for _ in range(2):
            refused = token_for(hub, gone)
            assert (refused.status_code, refused.json()["error"]) == (401, "invalid_client")
            assert refused.content == wrong.content, "as for whoever does not know the secret"
        done = exported(client, begun(client))
        assert (done["status"], done["error"]["code"]) == ("REFUSED", "CLIENT_REVOKED")
        job = client.post("/imports", params={"kind": "households"}, content=file).json()["id"]
        done = imported(client, job)
        assert (done["status"], done["error"]["code"]) == ("REFUSED", "CLIENT_REVOKED")
        assert hub.rows("select count(*) from household") == [(0,)]
    for client_of in (colleague, other):
        with holding(hub, client_of) as client:
            answered = client.post("/graphql", json={"query": "{ viewer { purposes } }"}).json()
            assert answered["data"]["viewer"]["purposes"]
            assert exported(client, begun(client))["status"] == "DONE"
    assert {client for client, at in revoked_at(installed).items() if at} == {gone[0]}


def test_a_client_is_revoked_once_and_revoking_an_unknown_one_stores_nothing(
    installed: Installation, hub: Served
) -> None:
    client, stays = made(installed, COUNTY), made(installed, COUNTY)
    installed.well("client", "revoke", client[0])
    first = revoked_at(installed)
    assert installed.well("client", "revoke", client[0]) == f"revoked {client[0]}\n"
    assert revoked_at(installed) == first
    assert first[client[0]] is not None
    assert first[stays[0]] is None
    acts = f"client revoke {client[0]}"
    counted = "select count(*) from access_record where operation_name like 'client revoke%%' and operation_name <> %s"
    before = hub.rows(counted, acts)
    for unknown in (client[0][:-1], client[0].upper(), f"{client[0]}x", "education-410105", ""):
        assert told(installed.run("client", "revoke", unknown)).startswith("NOT_FOUND")
    assert revoked_at(installed) == first
    assert hub.rows(counted, acts) == before
    assert hub.rows("select count(*) from access_record where operation_name = %s", acts) == [(2,)]
    assert token_for(hub, stays).status_code == 200
