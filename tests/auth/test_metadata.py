"""The documents under /.well-known/ (RFC 8414, RFC 9728, RFC 7517): everything they name exists."""

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet

from auth.clients import NewClient
from auth.scopes import Scope
from hub.settings import Settings

pytestmark = pytest.mark.anyio


async def test_the_server_describes_itself_and_nothing_more(
    hub: httpx.AsyncClient, settings: Settings
) -> None:
    response = await hub.get("/.well-known/oauth-authorization-server")
    assert response.headers["content-type"] == "application/json"
    assert response.json() == {
        "issuer": settings.issuer,
        "token_endpoint": f"{settings.issuer}/oauth/token",
        "jwks_uri": f"{settings.issuer}/.well-known/jwks.json",
        "scopes_supported": [scope.value for scope in Scope],
        "response_types_supported": [],
        "grant_types_supported": ["client_credentials"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
    }


async def test_the_resource_names_its_authorization_server(
    hub: httpx.AsyncClient, settings: Settings
) -> None:
    document = (await hub.get("/.well-known/oauth-protected-resource")).json()
    assert document["resource"] == settings.issuer
    assert document["authorization_servers"] == [settings.issuer]
    assert document["bearer_methods_supported"] == ["header"]


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
async def test_a_client_that_knows_only_the_resource_finds_its_way_to_a_token_it_can_verify(
    hub: httpx.AsyncClient, education: NewClient
) -> None:
    resource = (await hub.get("/.well-known/oauth-protected-resource")).json()
    issuer = resource["authorization_servers"][0]
    server = (await hub.get(f"{issuer}/.well-known/oauth-authorization-server")).json()
    answer = await hub.post(
        server["token_endpoint"],
        data={"grant_type": server["grant_types_supported"][0]},
        auth=(education.client_id, education.client_secret),
    )
    keys = KeySet.import_key_set((await hub.get(server["jwks_uri"])).json())
    claims = jwt.decode(answer.json()["access_token"], keys, algorithms=["EdDSA"]).claims
    assert (claims["iss"], claims["client_id"]) == (server["issuer"], education.client_id)
