"""What clients see. `sdl()` is the published schema.

The words are declared here, before any type that uses one: Strawberry would make an enum of its own otherwise.
"""

from schema.enums import WORDS

__all__ = ["WORDS", "sdl"]


def sdl() -> str:
    """The schema definition, with the scopes of every field."""
    from schema.hub_schema import build

    return build().sdl + "\n"
