"""How scopes are put together: all of some, any of some, one requirement with another."""

from auth.grant import ScopeSets
from auth.scopes import Scope

OPEN: ScopeSets = ()
"""The skeleton: answered to every caller who has a token. `tests/schema` holds the reviewed list."""
_NOTHING: ScopeSets = (frozenset(),)


def needs(*scopes: Scope) -> ScopeSets:
    """All of these scopes."""
    return (frozenset(scopes),)


def any_of(*scopes: Scope) -> ScopeSets:
    """Any one of these scopes."""
    return tuple(frozenset({scope}) for scope in scopes)


def together(*required: ScopeSets) -> ScopeSets:
    """What satisfies each of some requirements; those of the first lead its order."""
    found = _NOTHING
    for one in required:
        found = tuple(had | further for had in found for further in one or _NOTHING)
    return OPEN if found == _NOTHING else found
