"""What of a request's variables changes its plan: everything but texts, amounts, dates and ids.

Permissions and SQL may depend on which values are there, on enums, booleans and integers (page sizes), never on
the rest: that is bound to the statement anew for each request.
"""

from collections.abc import Hashable, Mapping
from enum import Enum
from typing import Any


def shape_of(value: Any) -> Hashable:
    """The shape of a coerced value: equal shapes, equal plans."""
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
