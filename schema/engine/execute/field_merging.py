"""The cost of checking that the fields of a document can be merged (GraphQL spec 5.3.2), before that is done.

The rule compares each pair of fields with one response name in one selection, and everything below them. A document of some
thousand words can need millions of such comparisons.
"""

from collections.abc import Sequence

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from schema.engine.compile.weight import PlanningTooCostly

MOST_COMPARED = 30_000
"""Comparisons: a tenth of a second; one costs as much as a character of SQL. An ordinary document has some hundreds at most."""


def merging_cost(document: DocumentNode) -> int:
    """The number of comparisons of a document; raises PlanningTooCostly as soon as there are too many."""
    fragments = {
        one.name.value: one.selection_set
        for one in document.definitions
        if isinstance(one, FragmentDefinitionNode)
    }
    waiting: list[Sequence[SelectionSetNode]] = [
        [one.selection_set]
        for one in document.definitions
        if isinstance(one, OperationDefinitionNode | FragmentDefinitionNode)
    ]
    cost = 0
    while waiting:
        named: dict[str, list[FieldNode]] = {}
        seen: set[str] = set()
        within = [(one, 1) for one in waiting.pop()]
        while within:
            selections, depth = within.pop()
            for one in selections.selections:
                cost += depth - 1  # each enclosing fragment checks a field again
                match one:
                    case FieldNode():
                        named.setdefault((one.alias or one.name).value, []).append(one)
                    case InlineFragmentNode():
                        within.append((one.selection_set, depth + 1))
                    case FragmentSpreadNode() if one.name.value in fragments and one.name.value not in seen:
                        seen.add(one.name.value)
                        within.append((fragments[one.name.value], depth + 1))
            if cost > MOST_COMPARED:
                raise PlanningTooCostly(cost=cost, most=MOST_COMPARED)
        for fields in named.values():
            cost += len(fields) * (len(fields) - 1) // 2
            if inner := [one.selection_set for one in fields if one.selection_set]:
                waiting.append(inner)
        if cost > MOST_COMPARED:
            raise PlanningTooCostly(cost=cost, most=MOST_COMPARED)
    return cost
