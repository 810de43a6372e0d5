"""The documents under /.well-known/ (RFC 8414, RFC 9728, RFC 7517): everything that they name exists."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from starlette.applications import Starlette
from starlette.types import Receive, Send
from starlette.types import Scope as Scope_

from auth.bearer import challenge
from auth.clients import NewClient
from auth.grant import Grant
from auth.scopes import Scope
from auth.server import oauth_routes
from auth.tokens import TokenInvalid, TokenMissing, Tokens
from hub.foundation.database import Database
from hub.foundation.encryption import Keys
from hub.foundation.settings import Settings
from tests.auth.conftest import unrecorded

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
        "protected_resources": [f"{settings.issuer}/graphql"],
    }


ISSUERS = [
    "http://127.0.0.1:8000",
    "https://hub.example.org/",
    "https://gov.cn/hub",
    "https://gov.cn/data/hub/",
]
"""The default, and usual settings: a last slash, a path, a path with a last slash."""


@pytest.fixture(params=ISSUERS)
async def public(
    request: pytest.FixtureRequest, database: Database, keys: Keys, settings: Settings
) -> AsyncIterator["Public"]:
    """The hub at an address, behind a proxy that removes the path, except for addresses under /.well-known/."""
    named = settings.model_copy(update={"issuer": request.param})
    app = Starlette(routes=list(oauth_routes(database, Tokens(keys, named), named, unrecorded)))
    path = urlsplit(request.param).path.rstrip("/")

    async def proxy(scope: Scope_, receive: Receive, send: Send) -> None:
        asked = scope["path"]
        if not asked.startswith(f"{path}/") and not asked.startswith("/.well-known/"):
            asked = "/of another program on this host"
        await app({**scope, "path": asked.removeprefix(path), "raw_path": None}, receive, send)

    async with httpx.AsyncClient(transport=httpx.ASGITransport(proxy)) as client:
        yield Public(client, request.param, Tokens(keys, named))


@dataclass
class Public:
    """A hub by its public address."""

    http: httpx.AsyncClient
    issuer: str
    tokens: Tokens

    @property
    def resource(self) -> str:
        """The address for GraphQL."""
        return self.issuer.rstrip("/") + "/graphql"

    async def metadata(self, suffix: str, identifier: str) -> dict[str, Any]:
        """A document, found and checked as a client must do (RFC 8414 section 3, RFC 9728 section 3)."""
        at = urlsplit(identifier)
        path = at.path.rstrip("/")
        found = await self.http.get(f"{at.scheme}://{at.netloc}/.well-known/{suffix}{path}")
        assert found.status_code == 200, found.url
        document: dict[str, Any] = found.json()
        assert document["issuer" if suffix == "oauth-authorization-server" else "resource"] == identifier
        return document

    async def token(self, client: NewClient, **form: str) -> httpx.Response:
        """Request a token at the endpoint that the metadata names."""
        server = await self.metadata("oauth-authorization-server", self.issuer)
        return await self.http.post(
            server["token_endpoint"],
            data={"grant_type": "client_credentials", **form},
            auth=(client.client_id, client.client_secret),
        )


async def test_the_resource_s_metadata_stand_where_rfc_9728_puts_them_and_name_the_issuer_to_the_letter(
    public: Public,
) -> None:
    document = await public.metadata("oauth-protected-resource", public.resource)
    assert document["authorization_servers"] == [public.issuer]
    assert document["bearer_methods_supported"] == ["header"]
    server = await public.metadata("oauth-authorization-server", public.issuer)
    assert server["protected_resources"] == [public.resource]
    whole = public.issuer.rstrip("/")
    assert (await public.metadata("oauth-protected-resource", whole))["authorization_servers"] == [
        public.issuer
    ]


async def test_below_the_issuer_s_path_the_documents_stand_too(public: Public) -> None:
    whole = public.issuer.rstrip("/")
    for name in ("oauth-authorization-server", "oauth-protected-resource"):
        below = await public.http.get(f"{whole}/.well-known/{name}")
        identifier = public.issuer if name == "oauth-authorization-server" else whole
        assert below.json() == await public.metadata(name, identifier)


async def test_no_openid_provider_is_announced(public: Public) -> None:
    path = urlsplit(public.issuer).path.rstrip("/")
    for where in (f"{path}/.well-known/openid-configuration", f"/.well-known/openid-configuration{path}"):
        assert (await public.http.get(urljoin(public.issuer, where))).status_code == 404


@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
async def test_a_client_that_knows_only_the_refusal_finds_its_way_to_a_token_it_can_verify(
    public: Public, education: NewClient, settings: Settings
) -> None:
    refusal = challenge(TokenMissing(), settings.model_copy(update={"issuer": public.issuer}))
    (named,) = re.findall(r'resource_metadata="(.+)"', refusal)
    resource = (await public.http.get(named)).json()
    assert resource["resource"] == public.resource
    server = await public.metadata("oauth-authorization-server", resource["authorization_servers"][0])
    answer = await public.token(education, resource=resource["resource"])
    keys = KeySet.import_key_set((await public.http.get(server["jwks_uri"])).json())
    claims = jwt.decode(answer.json()["access_token"], keys, algorithms=["EdDSA"]).claims
    assert (claims["iss"], claims["client_id"]) == (server["issuer"], education.client_id)
    assert claims["aud"] == public.resource


async def test_a_token_is_for_the_resource_that_was_asked_for_and_opens_the_hub(
    public: Public, education: NewClient, settings: Settings
) -> None:
    whole = public.issuer.rstrip("/")
    as_javascript_writes_it = whole if urlsplit(whole).path else whole + "/"
    for resource in (public.resource, whole, as_javascript_writes_it, public.issuer):
        token = (await public.token(education, resource=resource)).json()["access_token"]
        assert public.tokens.verify(token).client == education.client_id
    unasked = (await public.token(education)).json()["access_token"]
    assert public.tokens.verify(unasked).client == education.client_id


@pytest.mark.parametrize(
    "beyond", ["{resource}/", "{resource}#all", "{issuer}oauth", "https://other.example/graphql", "graphql"]
)
async def test_a_token_for_another_resource_is_refused(
    public: Public, education: NewClient, beyond: str
) -> None:
    asked = beyond.format(resource=public.resource, issuer=public.issuer)
    answer = await public.token(education, resource=asked)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_target")
    assert "access_token" not in answer.json()


async def test_a_token_for_another_hub_s_resource_opens_nothing(
    public: Public, keys: Keys, settings: Settings
) -> None:
    other = Tokens(keys, settings.model_copy(update={"issuer": public.issuer, "audience": "other"}))
    grant = Grant("education@410105", "test", frozenset(), ("410105",), "education-aid", ("education-aid",))
    for token in (other.issue(grant), other.issue(grant, "https://other.example/graphql")):
        with pytest.raises(TokenInvalid):
            public.tokens.verify(token)
