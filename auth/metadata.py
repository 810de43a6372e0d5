"""What the hub publishes about itself for OAuth clients. Only what exists is named."""

from typing import Any

from auth.grants.client_credentials import ClientCredentialsGrant
from auth.scopes import Scope
from hub.settings import Settings

ISSUING_PATH = "/oauth/token"
JWKS_PATH = "/.well-known/jwks.json"
AUTHORIZATION_SERVER_PATH = "/.well-known/oauth-authorization-server"
PROTECTED_RESOURCE_PATH = "/.well-known/oauth-protected-resource"


def address(settings: Settings, path: str) -> str:
    """The public address of a path."""
    return settings.issuer.rstrip("/") + path


def authorization_server_metadata(settings: Settings) -> dict[str, Any]:
    """RFC 8414 section 2. `response_types_supported` is required there, and empty without an authorization endpoint."""
    return {
        "issuer": settings.issuer,
        "token_endpoint": address(settings, ISSUING_PATH),
        "jwks_uri": address(settings, JWKS_PATH),
        "scopes_supported": [scope.value for scope in Scope],
        "response_types_supported": [],
        "grant_types_supported": [ClientCredentialsGrant.GRANT_TYPE],
        "token_endpoint_auth_methods_supported": list(ClientCredentialsGrant.TOKEN_ENDPOINT_AUTH_METHODS),
    }


def protected_resource_metadata(settings: Settings) -> dict[str, Any]:
    """RFC 9728 section 2."""
    return {
        "resource": settings.issuer,
        "authorization_servers": [settings.issuer],
        "scopes_supported": [scope.value for scope in Scope],
        "bearer_methods_supported": ["header"],
    }
