"""The hub's public addresses. All are made from HUB_ISSUER, which may end in a slash and may have a path.

A proxy that serves the hub under a path removes that path, but not for the documents under `/.well-known/`: RFC 8414 and RFC
9728 put the well-known part between the host and the path, so the proxy passes those on unchanged.
"""

from urllib.parse import unquote, urlsplit

from hub.foundation.settings import Settings

ISSUING_PATH = "/oauth/token"
JWKS_PATH = "/.well-known/jwks.json"
AUTHORIZATION_SERVER_PATH = "/.well-known/oauth-authorization-server"
PROTECTED_RESOURCE_PATH = "/.well-known/oauth-protected-resource"
_RESOURCE_PATH = "/graphql"


def address(settings: Settings, path: str) -> str:
    """The public address of a path of the hub."""
    return settings.issuer.rstrip("/") + path


def resource(settings: Settings) -> str:
    """The resource identifier for which access tokens are issued (RFC 9728 section 1.2)."""
    return address(settings, _RESOURCE_PATH)


def whole_hub(settings: Settings) -> str:
    """The hub's address as a resource identifier, for clients that know it and not the GraphQL address."""
    return address(settings, "")


def resources(settings: Settings) -> frozenset[str]:
    """The resources that a token request may name (RFC 8707), in each spelling: an empty path and `/` are the same (RFC 3986
    section 6.2.3), and clients write either."""
    whole = whole_hub(settings)
    as_root = {whole + "/"} if not urlsplit(whole).path else set()
    return frozenset({resource(settings), whole, settings.issuer} | as_root)


def metadata_path(well_known: str, identifier: str) -> str:
    """The path of the metadata of an issuer or a resource: the well-known path, then the identifier's own path without a last
    slash (RFC 8414 section 3.1, RFC 9728 section 3.1)."""
    return well_known + unquote(urlsplit(identifier).path).rstrip("/")


def resource_metadata_address(settings: Settings) -> str:
    """The address of the resource's metadata, as the 401 response names it (RFC 9728 section 5.1)."""
    return _of_the_host(PROTECTED_RESOURCE_PATH, resource(settings))


def server_metadata_address(settings: Settings) -> str:
    """The address of the authorization server's metadata (RFC 8414 section 3)."""
    return _of_the_host(AUTHORIZATION_SERVER_PATH, settings.issuer)


def _of_the_host(well_known: str, identifier: str) -> str:
    at = urlsplit(identifier)
    return f"{at.scheme}://{at.netloc}{well_known}{at.path.rstrip('/')}"
