"""The client credentials grant (RFC 6749 section 4.4): an agency's machine asks for a token of its own."""

from typing import Any

from authlib.oauth2 import OAuth2Error
from authlib.oauth2.rfc6749 import ClientCredentialsGrant as AuthlibClientCredentialsGrant
from authlib.oauth2.rfc6749 import InvalidScopeError, UnauthorizedClientError

from auth.clients import RegisteredClient


class InvalidTargetError(OAuth2Error):
    """The requested `resource` is not a resource of the hub (RFC 8707 section 2)."""

    error = "invalid_target"


class ClientCredentialsGrant(AuthlibClientCredentialsGrant):
    """Grants the requested scopes, or all of the client's if the request names none."""

    TOKEN_ENDPOINT_AUTH_METHODS = ("client_secret_basic", "client_secret_post")

    def validate_requested_scope(self) -> None:
        """Refuse scopes that the client does not hold, by name, as `invalid_scope`, and a resource that is not the hub's."""
        if self._resource and self._resource not in self.server.resources:
            raise InvalidTargetError(f"The hub issues tokens for {self.server.resource} alone.")
        if not self.client.scopes or not self.client.purposes:
            raise UnauthorizedClientError("The department no longer has what this client was registered for.")
        if beyond := sorted(self._requested - self.client.scopes):
            raise InvalidScopeError(f"The client does not hold: {' '.join(beyond)}")

    def create_token_response(self) -> Any:
        """Status, body and headers of RFC 6749 section 5.1.

        Authlib's own method would write the token to the debug log.
        """
        asked = frozenset(scope for scope in self.client.scopes if scope in self._requested)
        return (
            200,
            self.server.issue(self.client, asked or self.client.scopes, self._resource),
            self.TOKEN_RESPONSE_HEADER,
        )

    @property
    def client(self) -> RegisteredClient:
        """The authenticated client."""
        assert isinstance(self.request.client, RegisteredClient)
        return self.request.client

    @property
    def _resource(self) -> str | None:
        assert self.request.payload is not None
        named: str | None = self.request.payload.data.get("resource")
        return named

    @property
    def _requested(self) -> set[str]:
        assert self.request.payload is not None
        return set((self.request.payload.scope or "").split(" ")) - {""}
