"""/oauth/token through HTTP on a real database (RFC 6749 sections 2.3, 4.4 and 5)."""

import base64
import logging
from dataclasses import replace

import httpx
import psycopg
import pytest

from auth.clients import NewClient, create_client, revoke_client
from auth.departments import DEPARTMENTS
from auth.scopes import Scope
from auth.tokens import Tokens
from hub.foundation.database import Database

pytestmark = pytest.mark.anyio

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


async def ask(hub: httpx.AsyncClient, client: NewClient, **form: str) -> httpx.Response:
    return await hub.post(
        "/oauth/token",
        data={"grant_type": "client_credentials", **form},
        auth=(client.client_id, client.client_secret),
    )


def refused(response: httpx.Response, status: int, error: str) -> bool:
    """Whether this is the error of RFC 6749 section 5.2, which must not be cached and contains no token."""
    body = response.json()
    return (
        response.status_code == status
        and body["error"] == error
        and "access_token" not in body
        and response.headers["cache-control"] == "no-store"
    )


async def test_a_client_gets_a_token_for_all_its_scopes(
    hub: httpx.AsyncClient, tokens: Tokens, education: NewClient
) -> None:
    response = await ask(hub, education)
    assert response.status_code == 200
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["content-type"] == "application/json"
    body = response.json()
    assert body["token_type"] == "Bearer"
    assert body["expires_in"] == 600
    assert set(body["scope"].split()) == {scope.value for scope in DEPARTMENTS["education"].scopes}
    grant = tokens.verify(body["access_token"])
    assert (grant.agency, grant.client, grant.regions) == (
        "education@410105",
        education.client_id,
        ("410105",),
    )
    assert grant.scopes == DEPARTMENTS["education"].scopes
    assert grant.purposes == ("education-aid", "monitoring")
    assert grant.purpose == "education-aid"


async def test_the_secret_may_come_in_the_form(hub: httpx.AsyncClient, education: NewClient) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_id": education.client_id,
        "client_secret": education.client_secret,
    }
    assert (await hub.post("/oauth/token", data=form)).status_code == 200


async def test_a_client_gets_no_more_scopes_than_it_asks_for(
    hub: httpx.AsyncClient, tokens: Tokens, education: NewClient
) -> None:
    body = (await ask(hub, education, scope="person:read household:read person:read")).json()
    assert body["scope"] == "household:read person:read"
    assert tokens.verify(body["access_token"]).scopes == {Scope.HOUSEHOLD_READ, Scope.PERSON_READ}


async def test_an_empty_scope_counts_as_none_asked(hub: httpx.AsyncClient, education: NewClient) -> None:
    assert (await ask(hub, education, scope="")).json()["scope"] == " ".join(sorted(education.scopes))


@pytest.mark.parametrize(
    "scope", ["person:read aid.medical:read", "hub:admin", "no:such", "person:readx", "PERSON:READ"]
)
async def test_a_scope_beyond_the_clients_is_refused_by_name(
    hub: httpx.AsyncClient, education: NewClient, scope: str
) -> None:
    response = await ask(hub, education, scope=scope)
    assert refused(response, 400, "invalid_scope")
    assert response.json()["error_description"] == f"The client does not hold: {scope.rsplit(maxsplit=1)[-1]}"


async def test_wrong_secrets_unknown_clients_and_revoked_ones_answer_alike(
    hub: httpx.AsyncClient, database: Database, education: NewClient
) -> None:
    wrong = await ask(hub, replace(education, client_secret="wrong"))
    unknown = await ask(hub, replace(education, client_id="education-410105-0000x"))
    assert refused(wrong, 401, "invalid_client")
    assert wrong.headers["www-authenticate"] == 'Basic realm="assistance-hub", charset="UTF-8"'
    async with database.write() as session:
        await revoke_client(session, education.client_id)
    revoked = await ask(hub, education)
    assert (unknown.status_code, unknown.content, unknown.headers) == (401, wrong.content, wrong.headers)
    assert (revoked.status_code, revoked.content, revoked.headers) == (401, wrong.content, wrong.headers)


@pytest.mark.parametrize(
    "authorization",
    [
        b"Basic",
        b"Basic !!!",
        b"Basic " + base64.b64encode(b"no colon"),
        b"Basic " + base64.b64encode(b"\xff\xfe:\xff"),
        b"Basic " + base64.b64encode(b"nul%00nul:secret"),
        "Basic 密".encode(),
        b"Bearer abc",
        b"",
    ],
)
async def test_malformed_credentials_are_refused_as_wrong_ones(
    hub: httpx.AsyncClient, authorization: bytes
) -> None:
    response = await hub.post(
        "/oauth/token", data={"grant_type": "client_credentials"}, headers=[(b"Authorization", authorization)]
    )
    assert refused(response, 401, "invalid_client")


@pytest.mark.parametrize("form", [{}, {"client_id": "x"}, {"client_secret": "x"}])
async def test_missing_credentials_are_refused(hub: httpx.AsyncClient, form: dict[str, str]) -> None:
    response = await hub.post("/oauth/token", data={"grant_type": "client_credentials", **form})
    assert refused(response, 401, "invalid_client")


async def test_credentials_in_two_places_are_refused(hub: httpx.AsyncClient, education: NewClient) -> None:
    both = await ask(hub, education, client_secret=education.client_secret)
    assert refused(both, 400, "invalid_request")
    assert refused(await ask(hub, education, client_id="another"), 400, "invalid_request")
    assert (await ask(hub, education, client_id=education.client_id)).status_code == 200


@pytest.mark.parametrize(
    "grant_type", ["password", "authorization_code", "refresh_token", "CLIENT_CREDENTIALS"]
)
async def test_another_grant_type_is_refused(
    hub: httpx.AsyncClient, education: NewClient, grant_type: str
) -> None:
    assert refused(await ask(hub, education, grant_type=grant_type), 400, "unsupported_grant_type")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"grant_type",
        b"scope=person:read",
        b"grant_type=",
        b"grant_type=client_credentials&grant_type=client_credentials",
        b"grant_type=client_credentials&scope=person:read&scope=aid:read",
        b"grant_type=client_credentials&scope=%00",
        b"grant_type=client_credentials&scope=%22",
        b"grant_type=client_credentials&scope=%ff",
        "grant_type=client_credentials&scope=救助".encode(),
        b"\xff\xfe",
        b"&".join(b"field%d=x" % number for number in range(50)),
        b'{"grant_type": "client_credentials"}',
    ],
)
async def test_a_malformed_form_is_refused(hub: httpx.AsyncClient, education: NewClient, body: bytes) -> None:
    response = await hub.post(
        "/oauth/token", content=body, headers=FORM, auth=(education.client_id, education.client_secret)
    )
    assert refused(response, 400, "invalid_request")


async def test_a_json_body_is_refused(hub: httpx.AsyncClient, education: NewClient) -> None:
    response = await hub.post(
        "/oauth/token",
        json={"grant_type": "client_credentials"},
        auth=(education.client_id, education.client_secret),
    )
    assert refused(response, 400, "invalid_request")


async def test_an_oversized_form_is_refused(hub: httpx.AsyncClient, education: NewClient) -> None:
    assert refused(await ask(hub, education, padding="x" * 20_000), 413, "invalid_request")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "HEAD"])
async def test_only_post_is_answered(hub: httpx.AsyncClient, method: str) -> None:
    response = await hub.request(method, "/oauth/token")
    assert (response.status_code, response.headers["allow"]) == (405, "POST")


async def test_sql_in_a_client_id_finds_nobody(hub: httpx.AsyncClient, education: NewClient) -> None:
    response = await ask(hub, replace(education, client_id="' or '1'='1"))
    assert refused(response, 401, "invalid_client")


async def test_a_scope_that_the_department_lost_is_lost_to_its_clients(
    hub: httpx.AsyncClient, database_url: str, education: NewClient
) -> None:
    with psycopg.connect(database_url) as owner:
        owner.execute("update oauth_client set scopes = %s", [["aid.medical:read", "aid:read", "gone:read"]])
    assert (await ask(hub, education)).json()["scope"] == "aid:read"
    assert refused(await ask(hub, education, scope="aid.medical:read"), 400, "invalid_scope")
    with psycopg.connect(database_url) as owner:
        owner.execute("update oauth_client set scopes = %s", [["gone:read"]])
    assert refused(await ask(hub, education), 400, "unauthorized_client")


async def test_a_client_registered_to_reject_forbidden_fields_says_so_in_its_tokens(
    hub: httpx.AsyncClient, database: Database, tokens: Tokens
) -> None:
    async with database.write() as session:
        strict = await create_client(session, "audit@4101", name="审计", reject_forbidden=True)
    assert tokens.verify((await ask(hub, strict)).json()["access_token"]).reject_forbidden


async def test_a_client_that_may_send_only_its_documents_says_so_in_its_tokens(
    hub: httpx.AsyncClient, database: Database, tokens: Tokens
) -> None:
    async with database.write() as session:
        held = await create_client(session, "audit@4101", name="大屏", trusted_documents_only=True)
    assert tokens.verify((await ask(hub, held)).json()["access_token"]).trusted_documents_only


async def test_neither_secret_nor_token_reaches_the_log(
    hub: httpx.AsyncClient, education: NewClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        token = (await ask(hub, education)).json()["access_token"]
        await ask(hub, replace(education, client_secret="wrong-secret-wrong-secret"))
    assert education.client_id in caplog.text  # Authlib's debug log was on
    assert education.client_secret not in caplog.text
    assert "wrong-secret" not in caplog.text
    assert token not in caplog.text


async def test_a_failure_of_the_hub_is_told_as_an_oauth_error_with_its_incident_alone(
    hub: httpx.AsyncClient, database_url: str, education: NewClient, caplog: pytest.LogCaptureFixture
) -> None:
    with psycopg.connect(database_url) as owner:
        owner.execute("alter table oauth_client rename column scopes to moved")
    answer = await ask(hub, education)
    assert refused(answer, 500, "server_error")
    assert answer.json()["incident"] in caplog.text
    assert "moved" not in answer.text
    assert "scopes" not in answer.text
