"""The outcomes of token requests, for the access ledger, which is on a higher layer."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import orjson
from starlette.responses import Response

from auth.clients import RegisteredClient


@dataclass(frozen=True, slots=True)
class TokenOutcome:
    """A token was issued, or refused with an error of RFC 6749 section 5.2. `client`: the client that the credentials name,
    authenticated if a token was issued; None if there is no such client."""

    client: RegisteredClient | None
    error: str | None


RecordToken = Callable[[TokenOutcome], Awaitable[None]]
"""Stores the record. It raises if the record of an issued token cannot be stored; then the token is not sent."""


def outcome_of(client: RegisteredClient | None, response: Response) -> TokenOutcome:
    """The outcome that a response of the token endpoint states."""
    error = orjson.loads(bytes(response.body)).get("error")
    return TokenOutcome(client, None if error is None else str(error))
