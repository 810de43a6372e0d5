"""The OAuth authorization server: Authlib's framework-agnostic core on Starlette.

Authlib's core is synchronous. The hub reads the body and the client's row before it calls the core, so that the core only
computes and never blocks the event loop.

Guessing is not slowed down: secrets have 256 random bits (RFC 6749 section 2.3.1 requires it for passwords).
"""

import asyncio
import hmac
from collections.abc import Collection, Iterable, Mapping
from typing import Any, cast

from authlib.oauth2 import AuthorizationServer as AuthlibAuthorizationServer
from authlib.oauth2 import OAuth2Error, OAuth2Request
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from auth.addresses import ISSUING_PATH, JWKS_PATH, address, resource, resources
from auth.clients import RegisteredClient, find_client, secret_digest
from auth.failures import failure
from auth.grants.client_credentials import ClientCredentialsGrant
from auth.metadata import published_metadata
from auth.scopes import Scope
from auth.token_records import RecordToken, outcome_of
from auth.token_request import ClientNotAuthenticated, TokenRequest, read_token_request
from auth.tokens import Tokens
from hub.foundation.database import Database
from hub.foundation.settings import Settings

_PUBLISHED = {"Cache-Control": "public, max-age=300"}
_NOBODY = bytes(32)


class AuthorizationServer(AuthlibAuthorizationServer):
    """Authlib's server for requests whose body is already read. Each grant type has one file in `auth/grants/`."""

    def __init__(self, tokens: Tokens, settings: Settings) -> None:
        super().__init__()
        self._tokens = tokens
        self.resource, self.resources = resource(settings), resources(settings)
        self.register_grant(ClientCredentialsGrant)

    def create_oauth2_request(self, request: TokenRequest) -> TokenRequest:
        """Returns the request unchanged."""
        return request

    def authenticate_client(
        self, request: OAuth2Request, methods: Collection[str], _endpoint: str = "token"
    ) -> RegisteredClient:
        """The client whose credentials are right; raises ClientNotAuthenticated for any failure."""
        assert isinstance(request, TokenRequest)
        named, credentials = request.named, request.credentials
        # An unknown client gets a comparison too, so that the time taken reveals nothing.
        proved = hmac.compare_digest(
            secret_digest(credentials.client_secret), named.secret_hash if named else _NOBODY
        )
        if named is None or not proved or named.revoked_at or credentials.method not in methods:
            raise ClientNotAuthenticated
        return named

    def issue(
        self, client: RegisteredClient, scopes: frozenset[Scope], resource: str | None
    ) -> dict[str, str | int]:
        """The response body of RFC 6749 section 5.1 for scopes and a resource that are already checked."""
        return {
            "access_token": self._tokens.issue(client.grant(scopes), resource),
            "token_type": "Bearer",
            "expires_in": self._tokens.seconds,
            "scope": " ".join(sorted(scopes)),
        }

    def send_signal(self, name: str, *args: object, **kwargs: object) -> None:
        """Does nothing: no code uses Authlib's signals."""

    def handle_response(
        self, status: int, body: Mapping[str, object], headers: Mapping[str, str] | Iterable[tuple[str, str]]
    ) -> Response:
        """Authlib's response as a Starlette response."""
        return JSONResponse(body, status, dict(headers))


def oauth_routes(database: Database, tokens: Tokens, settings: Settings, record: RecordToken) -> list[Route]:
    """The token endpoint and the documents under /.well-known/. `record` stores the outcome of each token request before the
    token is sent."""
    server = AuthorizationServer(tokens, settings)
    issuing_address = address(settings, ISSUING_PATH)

    async def issue(request: Request) -> Response:
        try:
            named, response = await answer_to(request)
            await record(outcome_of(named, response))
            return response
        except asyncio.CancelledError:  # the process is ending, and the awaited result will not come
            return failure(TimeoutError())
        except Exception as error:  # an OAuth client reads no other form of error
            return failure(error)

    async def answer_to(request: Request) -> tuple[RegisteredClient | None, Response]:
        """The client that a request names, and the response."""
        named: RegisteredClient | None = None
        try:
            asked = await read_token_request(request, issuing_address)
            # On a writer's login: the readers' role may not see client secrets, hashed or not.
            async with database.for_tokens() as session:
                named = asked.named = await find_client(session, asked.credentials.client_id)
            # Authlib returns what handle_response made; its stubs say a tuple.
            return named, cast(Response, server.create_token_response(asked))
        except OAuth2Error as error:
            return named, server.handle_response(*error())

    def published(path: str, document: dict[str, Any]) -> Route:
        async def answer(_request: Request) -> Response:
            return JSONResponse(document, headers=_PUBLISHED)

        return Route(path, answer, methods=["GET"])

    return [
        Route(ISSUING_PATH, issue, methods=["POST"]),
        published(JWKS_PATH, tokens.jwks()),
        *(published(path, document) for path, document in published_metadata(settings).items()),
    ]
