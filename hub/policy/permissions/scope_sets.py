"""Combinations of scopes: all of several, any of several, several requirements together."""

from auth.grant import ScopeSets
from auth.scopes import Scope

OPEN: ScopeSets = ()
"""The skeleton: open to every caller with a token. `tests/schema` has the reviewed list."""
_NOTHING: ScopeSets = (frozenset(),)


def needs(*scopes: Scope) -> ScopeSets:
    """All of these scopes."""
    return (frozenset(scopes),)


def any_of(*scopes: Scope) -> ScopeSets:
    """Any one of these scopes."""
    return tuple(frozenset({scope}) for scope in scopes)


def together(*required: ScopeSets) -> ScopeSets:
    """The scope sets that satisfy all requirements; the order follows the first requirement."""
    found = _NOTHING
    for sets in required:
        found = tuple(had | further for had in found for further in sets or _NOTHING)
    return OPEN if found == _NOTHING else found
