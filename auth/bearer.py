"""Bearer tokens in requests and the challenge in refusals (RFC 6750, RFC 9728)."""

from collections.abc import Sequence

from werkzeug.datastructures import Authorization

from auth.addresses import resource_metadata_address
from auth.tokens import TokenInvalid, TokenMissing
from hub.foundation.errors import HubError
from hub.foundation.settings import Settings


def bearer_token(authorization: Sequence[str]) -> str:
    """The token of the `Authorization` header lines of a request (RFC 6750 section 2.1, the only way accepted).

    Raises TokenMissing, and TokenInvalid for several header lines: a proxy may have checked another line than the hub.
    """
    if len(authorization) > 1:
        raise TokenInvalid(
            reason="the header Authorization is sent more than once", reason_zh="Authorization 请求头重复"
        )
    credentials = Authorization.from_header(authorization[0].strip()) if authorization else None
    if credentials is None or credentials.type != "bearer" or not credentials.token:
        raise TokenMissing
    return credentials.token


def challenge(error: HubError, settings: Settings) -> str:
    """The `WWW-Authenticate` value of a 401. It names no error if the request had no token (RFC 6750 section 3.1)."""
    metadata = f'resource_metadata="{resource_metadata_address(settings)}"'
    if isinstance(error, TokenMissing):
        return f"Bearer {metadata}"
    return f'Bearer error="invalid_token", {metadata}'
