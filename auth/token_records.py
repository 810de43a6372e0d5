"""What came of a request for a token, for the ledger of accesses that stands above."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import orjson
from starlette.responses import Response

from auth.clients import RegisteredClient


@dataclass(frozen=True, slots=True)
class TokenOutcome:
    """A token was issued, or refused with an error of RFC 6749 section 5.2. `client`: whom the credentials name, proved where a
    token was issued; None where there is no such client."""

    client: RegisteredClient | None
    error: str | None


RecordToken = Callable[[TokenOutcome], Awaitable[None]]
"""Keeps the record; where that of an issued token cannot be kept it raises, and the token is not handed out."""


def outcome_of(client: RegisteredClient | None, response: Response) -> TokenOutcome:
    """What a response of the token endpoint says."""
    error = orjson.loads(bytes(response.body)).get("error")
    return TokenOutcome(client, None if error is None else str(error))
