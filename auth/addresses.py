"""The hub's public addresses, all of them made from HUB_ISSUER, which may end in a slash and may have a path.

A proxy that serves the hub under a path takes the path off, but for the documents under `/.well-known/`: RFC 8414 and
RFC 9728 put those between the host and the path, so it passes them on as they are.
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
    """What access tokens open, as its resource identifier (RFC 9728 section 1.2)."""
    return address(settings, _RESOURCE_PATH)


def whole_hub(settings: Settings) -> str:
    """The hub as a resource identifier, for clients that know its address and not that of GraphQL."""
    return address(settings, "")


def resources(settings: Settings) -> frozenset[str]:
    """What a token may be asked for (RFC 8707), by each spelling of it: an empty path and `/` are the same (RFC 3986
    section 6.2.3), and clients write either."""
    whole = whole_hub(settings)
    as_root = {whole + "/"} if not urlsplit(whole).path else set()
    return frozenset({resource(settings), whole, settings.issuer} | as_root)


def metadata_path(well_known: str, identifier: str) -> str:
    """Where the metadata of an issuer or a resource stand, as a path of its host: the well-known one, and then the
    identifier's own without a last slash (RFC 8414 section 3.1, RFC 9728 section 3.1)."""
    return well_known + unquote(urlsplit(identifier).path).rstrip("/")


def resource_metadata_address(settings: Settings) -> str:
    """The address of the resource's metadata, which the 401 names (RFC 9728 section 5.1)."""
    return _of_the_host(PROTECTED_RESOURCE_PATH, resource(settings))


def server_metadata_address(settings: Settings) -> str:
    """The address of the authorization server's metadata (RFC 8414 section 3)."""
    return _of_the_host(AUTHORIZATION_SERVER_PATH, settings.issuer)


def _of_the_host(well_known: str, identifier: str) -> str:
    at = urlsplit(identifier)
    return f"{at.scheme}://{at.netloc}{well_known}{at.path.rstrip('/')}"
