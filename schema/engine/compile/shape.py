"""The part of a request's variables that changes its plan: everything but texts, amounts, dates and ids.

Permissions and SQL may depend on which values are present, on enums, booleans and integers (page sizes). Other values are
bound to the statement for each request.
"""

from collections.abc import Hashable, Mapping
from enum import Enum
from typing import Any


def shape_of(value: Any) -> Hashable:
    """The shape of a coerced value: equal shapes have equal plans."""
    match value:
        case None | Enum():
            return value
        case bool() | int():
            return (type(value), value)
        case Mapping():
            return tuple((name, shape_of(inner)) for name, inner in value.items())
        case list():
            return ("list", *dict.fromkeys(shape_of(item) for item in value))
        case _:
            return type(value).__name__
