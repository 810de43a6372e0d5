"""Aid of the sample: one file for each kind of 46-3, named after the kind. Its `give_aid` gives a family its aid of the kind."""

from collections.abc import Callable
from importlib import import_module

from hub.model.aid import AidKind
from hub.sample.story import Story


def _giver(kind: AidKind) -> Callable[[Story], None]:
    giver: Callable[[Story], None] = import_module(f"{__name__}.{kind.value.lower()}").give_aid
    return giver


GIVERS = tuple(map(_giver, AidKind))
"""The functions in the order of the clauses."""
