"""A GraphQL request, as in GraphQL over HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from auth.documents import document_digest


@dataclass(frozen=True)
class Request:
    """A request, and how forbidden fields are handled. `sha256` is the document's hash in lower-case hex, if it was sent;
    `query` is empty if only the hash was sent."""

    query: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation_name: str | None = None
    read_only: bool = False
    reject_forbidden: bool = False
    sha256: str | None = None

    @property
    def digest(self) -> bytes:
        """SHA-256 of the document: of its text, or the sent hash if there is no text."""
        return document_digest(self.query) if self.query or not self.sha256 else bytes.fromhex(self.sha256)
