"""Reads and parses a token request before Authlib's synchronous core sees it (RFC 6749 sections 2.3 and 3.2)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote_plus

from authlib.consts import default_json_headers
from authlib.oauth2 import OAuth2Request
from authlib.oauth2.rfc6749 import InvalidClientError, InvalidRequestError
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from starlette.requests import ClientDisconnect, Request
from werkzeug.datastructures import Authorization
from werkzeug.http import parse_options_header

from auth.clients import RegisteredClient

MOST_FORM_BYTES = 16_384
"""A request that names every scope takes about 2,000."""

_MOST_FIELDS = 20
_FORM = "application/x-www-form-urlencoded"
_PLAIN = re.compile(r"[\x20-\x21\x23-\x5B\x5D-\x7E]*")
"""The characters that RFC 6749 (appendix A) allows in an error description; the hub sends no others."""


class ClientNotAuthenticated(InvalidClientError):
    """The one response to every failure of client authentication, so that it reveals no client ids."""

    status_code = 401
    description = "The client id or the secret is wrong, or the client was revoked."

    def get_headers(self) -> list[tuple[str, str]]:
        """Headers for JSON that must not be stored, with the challenge of RFC 7617."""
        return [*default_json_headers, ("WWW-Authenticate", 'Basic realm="assistance-hub", charset="UTF-8"')]


@dataclass(frozen=True, slots=True)
class Credentials:
    """The credentials of a client. `method` is `client_secret_basic` or `client_secret_post`."""

    method: str
    client_id: str
    client_secret: str = field(repr=False)


class TokenRequest(OAuth2Request):
    """A token request with the client that its credentials name, authenticated or not."""

    def __init__(self, uri: str, form: dict[str, str], credentials: Credentials) -> None:
        super().__init__("POST", uri)
        self.payload = BasicOAuth2Payload(form)
        self.credentials = credentials
        self.named: RegisteredClient | None = None


async def read_token_request(request: Request, uri: str) -> TokenRequest:
    """Read the form and the credentials; raises InvalidRequestError, ClientNotAuthenticated.

    `uri` is the endpoint's public address: behind a proxy the request's own URL may say http.
    """
    media, _ = parse_options_header(", ".join(request.headers.getlist("content-type")))
    if media.lower() != _FORM:
        raise InvalidRequestError(f"The content type must be {_FORM}.")
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise InvalidRequestError("The body must not be compressed.", status_code=415)
    form = parse_form(await _read_body(request))
    if "grant_type" not in form:
        raise InvalidRequestError("Missing grant_type.")
    return TokenRequest(uri, form, credentials_of(request.headers.getlist("authorization"), form))


async def _read_body(request: Request) -> bytes:
    body = bytearray()
    try:
        async for chunk in request.stream():
            body += chunk
            if len(body) > MOST_FORM_BYTES:
                raise InvalidRequestError(
                    f"The body is larger than {MOST_FORM_BYTES} bytes.", status_code=413
                )
    except ClientDisconnect as gone:  # nobody reads the response, and the hub has no fault
        raise InvalidRequestError("The body broke off.") from gone
    return bytes(body)


def parse_form(body: bytes) -> dict[str, str]:
    """The parameters of a form, each at most once; those without a value are left out (RFC 6749 section 3.2)."""
    try:
        fields = parse_qsl(
            body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(body),
            max_num_fields=_MOST_FIELDS,
            errors="strict",
        )
    except ValueError as error:
        raise InvalidRequestError("The body is not a urlencoded form.") from error
    form = dict(fields)
    if len(form) != len(fields):
        raise InvalidRequestError("A parameter is given more than once.")
    if not all(_PLAIN.fullmatch(value) for value in form.values()):
        raise InvalidRequestError("A parameter holds characters that are not allowed.")
    return {name: value for name, value in form.items() if value}


def credentials_of(authorization: Sequence[str], form: dict[str, str]) -> Credentials:
    """The credentials from the header or from the form, never from both (RFC 6749 section 2.3)."""
    if not authorization:
        if "client_id" not in form or "client_secret" not in form:
            raise ClientNotAuthenticated
        return Credentials("client_secret_post", form["client_id"], form["client_secret"])
    if len(authorization) > 1:
        raise InvalidRequestError("The header Authorization is sent more than once.")
    credentials = _basic(authorization[0])
    if "client_secret" in form or form.get("client_id", credentials.client_id) != credentials.client_id:
        raise InvalidRequestError("The client names itself in the header and in the body.")
    return credentials


def _basic(authorization: str) -> Credentials:
    """The id and the secret of HTTP Basic; each was form-urlencoded first (RFC 6749 section 2.3.1)."""
    given = Authorization.from_header(authorization.strip()) if authorization.isascii() else None
    if given is None or given.type != "basic":
        raise ClientNotAuthenticated
    client_id, client_secret = (unquote_plus(part or "") for part in (given.username, given.password))
    if not _PLAIN.fullmatch(client_id) or not _PLAIN.fullmatch(client_secret):
        raise ClientNotAuthenticated
    return Credentials("client_secret_basic", client_id, client_secret)
