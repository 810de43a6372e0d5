"""The form of a request in the ledger: its document without the values of texts, its variables without any values."""

from collections.abc import Mapping
from typing import Any

from graphql import DocumentNode, Node, StringValueNode, Visitor, print_ast, visit

MOST_PATHS = 100
_MOST_ITEMS = 20
"""The items of a list that are searched for the names of their fields."""
_LONGEST = 200
"""The most characters of a stored path."""
_REMOVED = StringValueNode(value="…", block=False)


class _Texts(Visitor):
    """Removes the value of every text from a document."""

    def enter_string_value(self, *_: Any) -> Node:
        return _REMOVED


def without_texts(document: DocumentNode) -> str:
    """A document in a normal form, with each text in it written `"…"`: it may be an identity number."""
    return print_ast(visit(document, _Texts()))


def shape_of_variables(values: Mapping[str, Any]) -> list[str]:
    """The paths of the sent values, each once: `filter.region`, and for a list its length too, `input.outcomes[500]`,
    `input.outcomes[].amount`. At most `MOST_PATHS`."""
    for value in values.values():
        if type(value) in (dict, list):
            return _paths(values)
    names = list(values)
    return names if len("".join(names)) <= _LONGEST else _paths(values)


def _paths(values: Mapping[str, Any]) -> list[str]:
    paths: dict[str, None] = {}
    waiting: list[tuple[str, Any]] = list(reversed(list(values.items())))
    while waiting and len(paths) < MOST_PATHS:
        at, value = waiting.pop()
        if isinstance(value, dict):
            waiting += [(f"{at}.{name}", part) for name, part in reversed(list(value.items()))]
        elif isinstance(value, list):
            paths[f"{at}[{len(value)}]"[:_LONGEST]] = None
            items = [item for item in value[:_MOST_ITEMS] if isinstance(item, dict)]
            waiting += [(f"{at}[]", item) for item in reversed(items)]
        else:
            paths[at[:_LONGEST]] = None
    return list(paths)
