"""Pass 3: what an operation may cost at most, before anything is read: the objects its answer can hold.

A page counts its size, a short list ten, everything else one; what hangs below counts as often as what it hangs on.
Forbidden fields cost nothing, since nothing is read for them.
"""

from collections.abc import Sequence

from schema.compile.authorize import Plan
from schema.compile.collect import Asked
from schema.compile.guards import Guards
from schema.paging import DEFAULT_PAGE
from schema.reads import Computed, Connect, Find, Lookup, ToMany, ToOne

SHORT_LIST = 10
_OBJECTS = (ToOne, Lookup, Find, Computed)


def cost_of(plan: Plan, guards: Guards) -> int:
    """The cost of a decided operation."""

    known: dict[int, int] = {}

    def of_fields(fields: Sequence[Asked]) -> int:
        if id(fields) not in known:
            known[id(fields)] = sum(of_field(one) for one in fields)
        return known[id(fields)]

    def of_field(one: Asked) -> int:
        if plan.forbids(one.coordinate):
            return 0
        inner = max((of_fields(children) for children in one.children.values()), default=0)
        match guards.reads.get(one.coordinate):
            case Connect():
                size = next(
                    (
                        one.arguments[name]
                        for name in ("first", "last")
                        if one.arguments.get(name) is not None
                    ),
                    DEFAULT_PAGE,
                )
                return 1 + max(size, 0) * (1 + inner)
            case ToMany():
                return SHORT_LIST * (1 + inner)
            case read if isinstance(read, _OBJECTS):
                return 1 + inner
            case _:
                return inner

    return of_fields(plan.fields)
