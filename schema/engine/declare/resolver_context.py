"""What resolvers need of the request that they run in; `execute.context` and `execute.transactions` provide it."""

from collections.abc import Mapping
from typing import Any, Protocol, Self
from uuid import UUID

from strawberry.types.info import Info

from hub.foundation.errors import HubError


class CommandWriter(Protocol):
    """Who writes: what a command is run with."""

    def of(self, input: object) -> Self:
        """The same, for the input of one mutation."""

    def refusing(self, refusal: HubError | None) -> Self:
        """The same, who writes nothing where there is a refusal."""


class PayloadTally(Protocol):
    """What became of the writes of a request."""

    def count(self, payload: Any) -> None:
        """Add what became of a payload's answers."""


class ResolverContext(Protocol):
    """The request in which a field is resolved. `loaders` read the rows that belong to others, `writer` runs its commands, and
    `tally` counts what became of them."""

    loaders: Any
    writer: Any
    tally: PayloadTally

    def open_sealed(self, sealed: bytes | None, place: str, row_id: UUID) -> str | None:
        """A sealed value in the clear."""

    def resolved_field(self, info: Info) -> tuple[tuple[str, ...], Mapping[str, Any]]:
        """Which field of the document is resolved, and its arguments."""

    async def renew(self) -> None:
        """Read what a mutation wrote."""
