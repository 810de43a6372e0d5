"""Bearer tokens in requests and the challenge in refusals (RFC 6750, RFC 9728)."""

from auth.addresses import resource_metadata_address
from auth.tokens import TokenMissing
from hub.errors import HubError
from hub.settings import Settings


def bearer_token(authorization: str | None) -> str:
    """The token of an `Authorization` header (RFC 6750 section 2.1, the only way accepted); raises TokenMissing."""
    scheme, _, token = (authorization or "").strip().partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise TokenMissing
    return token.strip()


def challenge(error: HubError, settings: Settings) -> str:
    """The `WWW-Authenticate` value of a 401. It names no error where no token was sent (RFC 6750 section 3.1)."""
    metadata = f'resource_metadata="{resource_metadata_address(settings)}"'
    if isinstance(error, TokenMissing):
        return f"Bearer {metadata}"
    return f'Bearer error="invalid_token", {metadata}'
