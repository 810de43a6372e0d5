"""The one way to declare an enum: with a description of it and of each value."""

from collections.abc import Mapping
from enum import Enum
from typing import Any

import strawberry


def declare_enum(kind: type[Enum], description: str, values: Mapping[str, str]) -> None:
    """Declare an enum to Strawberry. `values` has the description of each value, by name; raises KeyError if one is missing."""
    declared: Any = strawberry.enum(kind, description=description)
    for value in declared.__strawberry_definition__.values:
        value.description = values[value.name]
