"""The smallest scope sets that satisfy many requirements together, where each is an OR of ANDs."""

from collections.abc import Iterable

from auth.grant import ScopeSets
from auth.scopes import Scope
from hub.foundation.errors import HubError

MOST_SETS = 100


class TooManyScopeSets(HubError, numbers=("most",)):
    """More than {most} different scope sets would open this document; ask about its parts.
    可完整开放该文档的权限组合超过 {most} 种,请分部分查询。
    """


def smallest_sets(required: Iterable[ScopeSets]) -> ScopeSets:
    """The sets that satisfy all of `required`, but not with any scope less; `()` if nothing is required.

    Sorted by size, then by name. Raises TooManyScopeSets.
    """
    found: list[frozenset[Scope]] = [frozenset()]
    # Requirements without alternatives first: they often satisfy others.
    for alternatives in sorted(
        set(required), key=lambda sets: (len(sets), [sorted(scope_set) for scope_set in sets])
    ):
        if not alternatives:
            continue
        found = _smallest(
            opening if any(alternative <= opening for alternative in alternatives) else opening | alternative
            for opening in found
            for alternative in alternatives
        )
        if len(found) > MOST_SETS:
            raise TooManyScopeSets(most=MOST_SETS)
    return () if found == [frozenset()] else tuple(found)


def _smallest(sets: Iterable[frozenset[Scope]]) -> list[frozenset[Scope]]:
    """The sets without those that contain another one."""
    smallest: list[frozenset[Scope]] = []
    for candidate in sorted(set(sets), key=lambda scope_set: (len(scope_set), sorted(scope_set))):
        if not any(smaller <= candidate for smaller in smallest):
            smallest.append(candidate)
    return smallest
