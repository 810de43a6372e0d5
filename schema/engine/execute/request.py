"""A GraphQL request, as GraphQL over HTTP has it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from auth.documents import document_digest


@dataclass(frozen=True)
class Request:
    """What is asked, and how the caller wants forbidden fields to be taken. `sha256` is the document's hash where it was
    sent, in lower-case hex; `query` is empty where it was sent alone."""

    query: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation_name: str | None = None
    read_only: bool = False
    reject_forbidden: bool = False
    sha256: str | None = None

    @property
    def digest(self) -> bytes:
        """SHA-256 of the document: of its text, or where there is none the hash that was sent."""
        return document_digest(self.query) if self.query or not self.sha256 else bytes.fromhex(self.sha256)
