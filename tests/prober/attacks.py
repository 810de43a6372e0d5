"""The requests of an attacker with a token: an endless stream for each kind."""

import random
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import Any

from auth.departments import DEPARTMENTS
from auth.scopes import Scope

Body = Mapping[str, Any]
Scopes = frozenset[Scope]
_SUMMARIES = "summary summaryZh"


def _each(write: Callable[[int], str]) -> Callable[[], Iterator[Body]]:
    """Documents made from a number."""
    return lambda: ({"query": write(number)} for number in count())


def _lists(number: int, least: int, most: int, asked: str, name: str = "chainEvents") -> str:
    """Many lists side by side, in a document that is used once."""
    sizes = range(least, most + 1)
    return (
        f"query Q{number} {{ "
        + " ".join(f"c{size}: {name}(first: {size}) {{ {asked} }}" for size in sizes)
        + " }"
    )


def _generated() -> Iterator[Body]:
    """Random operations: aliases, fragments, nested filters, variables; rarely the same twice."""
    draw = random.Random(16)
    leaves = ("code", "category", "members { name }", "entitlements { status }", "aidRecords(first: 9) { totalCount }",
              "chain { events(first: 5) { nodes { summaryZh } } }", "certifications { category }")  # fmt: skip
    for number in count():
        chosen = [f"z{place}: {draw.choice(leaves)}" for place in range(draw.randint(1, 40))]
        filtered = ", filter: {region: $r}" if draw.random() < 0.5 else ""
        lists = [
            f"h{place}: households(first: {draw.randint(0, 30)}{filtered}) {{ totalCount nodes {{ ...F{place % 2} }} }}"
            for place in range(draw.randint(1, 8))
        ]
        fragments = " ".join(
            f"fragment F{one} on Household {{ {' '.join(chosen[one::2]) or 'code'} }}" for one in (0, 1)
        )
        yield {
            "query": f"query Q{number}($r: String) {{ viewer(r: $r) }}"
            if draw.random() < 0.05
            else f"query Q{number}{'($r: String)' if filtered else ''} {{ {' '.join(lists)} }} {fragments}",
            "variables": {"r": draw.choice(["410105", "410102", "4101"])},
        }


ATTACKS: Mapping[str, Callable[[], Iterator[Body]]] = {
    "one sentence under 198 names": _each(
        lambda number: (
            f"query Q{number} {{ chainEvents(first: 1) {{ nodes {{ "
            + " ".join(f"z{one}: summaryZh" for one in range(198))
            + " } } }"
        )
    ),
    "198 chains with two sentences": _each(
        lambda number: _lists(number, 1, 198, f"nodes {{ {_SUMMARIES} }}")
    ),
    "as many chains as may be planned": _each(
        lambda number: _lists(number, 1, 4, f"nodes {{ {_SUMMARIES} }}")
    ),
    "40 pages of entitlements": _each(
        lambda number: _lists(number, 1, 40, "nodes { entitlements { status } }", "households")
    ),
    "90 lists": _each(lambda number: _lists(number, 1, 90, "nodes { code }", "households")),
    "many documents": _each(
        lambda number: _lists(number, 1, 3, "nodes { code members { name } }", "households")
    ),
    "75 counts": _each(
        lambda _number: (
            "{ "
            + " ".join(
                f"c{one}: households(first: {one}) {{ totalCount nodes {{ id }} }}" for one in range(75)
            )
            + " }"
        )
    ),
    "counts of many filters": _each(
        lambda _number: (
            "{ "
            + " ".join(
                f'c{one}: households(first: 1, filter: {{code: ["{one}"]}}) {{ totalCount }}'
                for one in range(45)
            )
            + " }"
        )
    ),
    "fragments within fragments": _each(
        lambda number: (
            f'query Q{number} {{ household(code: "1") {{ {"... { " * 100} {"... { code } " * 900} {"} " * 100} }} }}'
        )
    ),
    "large pages": _each(
        lambda _number: (
            "{ households(first: 1000) { nodes { code members { name } aidRecords { nodes { id } } } } }"
        )
    ),
    "drawn operations": _generated,
}

INTROSPECTION = "{ __schema { types { name fields { name type { name } } inputFields { name } } } }"
SCOPED: Mapping[str, Callable[[], Iterator[Body]]] = {
    "a new scope set each: the schema": _each(lambda _number: INTROSPECTION),
    "a new scope set each: suggestions": _each(
        lambda number: f"query Q{number} {{ households(first: 1) {{ nodes {{ addres }} }} }}"
    ),
    "a new scope set each: one plan more": _each(
        lambda _number: "{ households(first: 5) { nodes { code } } }"
    ),
}
"""Requests with a different set of scopes each time."""


def scope_sets(department: str) -> Iterator[Scopes]:
    """Random subsets of a department's scopes, rarely the same twice."""
    draw = random.Random(16)
    least, others = Scope.HOUSEHOLD_READ, sorted(DEPARTMENTS[department].scopes - {Scope.HOUSEHOLD_READ})
    while True:
        yield frozenset({least, *draw.sample(others, draw.randint(1, len(others)))})
