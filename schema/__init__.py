"""The schema that clients see. `sdl()` is the published schema.

The enums are declared here, before any type that uses one; otherwise Strawberry would declare them itself.
"""

from schema.enums import WORDS

__all__ = ["WORDS", "sdl"]


def sdl() -> str:
    """The schema definition, with the scopes of every field."""
    from schema.hub_schema import build

    return build().sdl + "\n"
