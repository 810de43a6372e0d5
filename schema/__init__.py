"""What clients see. `sdl()` is the published schema.

The words are declared here, before any type that uses one: Strawberry would make an enum of its own otherwise.
"""

from schema.words import WORDS

__all__ = ["WORDS", "sdl"]


def sdl() -> str:
    """The schema definition, with the scopes of every field."""
    from schema.built import build

    return build().sdl + "\n"
