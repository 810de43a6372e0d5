"""A GraphQL request, as GraphQL over HTTP has it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Request:
    """What is asked, and how the caller wants forbidden fields to be taken."""

    query: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    operation_name: str | None = None
    read_only: bool = False
    reject_forbidden: bool = False
