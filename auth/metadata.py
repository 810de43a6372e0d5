"""The metadata that the hub publishes for OAuth clients. It names only what exists.

There is no `openid-configuration`: the hub signs nobody in. Clients that look for it first must be set to RFC 8414
(`algorithm: "oauth2"` in openid-client and oauth4webapi).
"""

from collections.abc import Mapping
from typing import Any

from auth.addresses import (
    AUTHORIZATION_SERVER_PATH,
    ISSUING_PATH,
    JWKS_PATH,
    PROTECTED_RESOURCE_PATH,
    address,
    metadata_path,
    resource,
    whole_hub,
)
from auth.grants.client_credentials import ClientCredentialsGrant
from auth.scopes import Scope
from hub.foundation.settings import Settings


def authorization_server_metadata(settings: Settings) -> dict[str, Any]:
    """The metadata of RFC 8414 section 2. `response_types_supported` is required there; it is empty without an authorization
    endpoint.

    `issuer` is the setting, unchanged: clients compare it with their own configuration.
    """
    return {
        "issuer": settings.issuer,
        "token_endpoint": address(settings, ISSUING_PATH),
        "jwks_uri": address(settings, JWKS_PATH),
        "scopes_supported": [scope.value for scope in Scope],
        "response_types_supported": [],
        "grant_types_supported": [ClientCredentialsGrant.GRANT_TYPE],
        "token_endpoint_auth_methods_supported": list(ClientCredentialsGrant.TOKEN_ENDPOINT_AUTH_METHODS),
        "protected_resources": [resource(settings)],
    }


def protected_resource_metadata(settings: Settings, identifier: str) -> dict[str, Any]:
    """The metadata of RFC 9728 section 2, for one of the hub's resource identifiers."""
    return {
        "resource": identifier,
        "resource_name": "Assistance hub",
        "resource_name#zh": "救助数据共享平台",
        "authorization_servers": [settings.issuer],
        "scopes_supported": [scope.value for scope in Scope],
        "bearer_methods_supported": ["header"],
    }


def published_metadata(settings: Settings) -> Mapping[str, dict[str, Any]]:
    """Each metadata document by its path. A resource's document names the identifier from which its path is made (RFC 9728
    section 3.3); otherwise a client must not use it.

    If the issuer has a path, the documents are at the bare well-known paths too, for callers below the path.
    """
    server = authorization_server_metadata(settings)
    whole = protected_resource_metadata(settings, whole_hub(settings))
    return {
        AUTHORIZATION_SERVER_PATH: server,
        PROTECTED_RESOURCE_PATH: whole,
        metadata_path(AUTHORIZATION_SERVER_PATH, settings.issuer): server,
        metadata_path(PROTECTED_RESOURCE_PATH, whole_hub(settings)): whole,
        metadata_path(PROTECTED_RESOURCE_PATH, resource(settings)): protected_resource_metadata(
            settings, resource(settings)
        ),
    }
