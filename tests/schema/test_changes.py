"""The changes of the schema since the last release: every change that breaks a client is in CHANGELOG.md, by its coordinate."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from graphql import (
    GraphQLInputObjectType,
    GraphQLSchema,
    build_schema,
    find_breaking_changes,
    find_dangerous_changes,
)
from graphql.utilities import DangerousChangeType

from schema import sdl

ROOT = Path(__file__).parents[2]
CHANGELOG = (ROOT / "CHANGELOG.md").read_text("utf-8")
COORDINATE = re.compile(r"@?\b[A-Za-z]\w*\.\w+(?:\(\w+:\))?|@\w+(?:\(\w+:\))?")
SILENT = {DangerousChangeType.ARG_DEFAULT_VALUE_CHANGE, DangerousChangeType.INPUT_FIELD_DEFAULT_VALUE_CHANGE}
"""Changes that graphql-core calls dangerous and that break a client: the same document then means something else."""
REASON = re.compile(
    r"改用 (?P<use_zh>.+?),自 (?P<since_zh>[-\d]{10}) 起不建议使用,保留至 (?P<until_zh>[-\d]{10})。"
    r" ?Use (?P<use>.+?); deprecated since (?P<since>[-\d]{10}), stays until (?P<until>[-\d]{10})\."
)


def breaking(old: GraphQLSchema, new: GraphQLSchema) -> dict[str, str]:
    """The breaking changes: coordinate -> what happened to it."""
    changes = [change.description for change in find_breaking_changes(old, new)]
    changes += [change.description for change in find_dangerous_changes(old, new) if change.type in SILENT]
    changes += [f"{name} takes one field now" for name in _one_of(new) - _one_of(old) if name in old.type_map]
    held = _scopes(old)
    for coordinate, sets in _scopes(new).items():
        if coordinate in held and not _opens_all(sets, held[coordinate]):
            changes.append(f"{coordinate} asks for further scopes")
    return {_coordinate(change): change for change in changes}


def _coordinate(change: str) -> str:
    """The coordinate of a change, or the type, whose name is the first word."""
    found = COORDINATE.search(change)
    return found[0] if found else change.removeprefix("Standard scalar ").split()[0]


def _one_of(schema: GraphQLSchema) -> set[str]:
    return {
        name
        for name, kind in schema.type_map.items()
        if isinstance(kind, GraphQLInputObjectType) and kind.is_one_of
    }


def _scopes(schema: GraphQLSchema) -> dict[str, list[set[str]]]:
    """The scope sets of every field, by coordinate; an empty list means open to all."""
    found: dict[str, list[set[str]]] = {}
    for name, kind in schema.type_map.items():
        for field, one in getattr(kind, "fields", {}).items():
            applied: list[Any] = [
                two
                for two in (getattr(one.ast_node, "directives", None) or ())
                if two.name.value == "requiresScopes"
            ]
            found[f"{name}.{field}"] = [
                {scope.value for scope in some.values}
                for two in applied
                for some in two.arguments[0].value.values
            ]
    return found


def _opens_all(new: list[set[str]], old: list[set[str]]) -> bool:
    """Whether everybody who could read the field still can."""
    return not new or (bool(old) and all(any(one <= other for one in new) for other in old))


def section(title: str, text: str = CHANGELOG) -> str:
    """The text under a heading of the unreleased changes."""
    unreleased = text[text.index("## [Unreleased]") :].split("\n## ", maxsplit=1)[0]
    parts = [part for part in unreleased.split("\n### ") if part.startswith(title)]
    return parts[0] if parts else ""


def test_what_breaks_a_client_stands_in_the_changelog_and_nothing_else_does() -> None:
    released = build_schema((ROOT / "schema" / "released.graphql").read_text("utf-8"))
    changes = breaking(released, build_schema(sdl()))
    listed = set(re.findall(r"^- `([^`]+)`", section("Breaking"), re.M))
    unlisted = {change: changes[change] for change in changes.keys() - listed}
    assert not unlisted, (
        f"list these in CHANGELOG.md under Breaking, with what to do instead, or take them back: {unlisted}"
    )
    assert not listed - changes.keys(), "CHANGELOG.md lists as breaking what breaks nothing"


OLD = """directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION
  type Query { a(x: Int = 1): Int  b: Int @requiresScopes(scopes: [["s"]])  c(in: In): E  d: [Int!]! } enum E { X Y }
  input In { p: Int  q: String = "q" }"""


@pytest.mark.parametrize(
    ("was", "becomes", "coordinate"),
    [
        (" d: [Int!]!", "", "Query.d"),
        ("d: [Int!]!", "d: [Int!]", "Query.d"),
        ("d: [Int!]!", "d: [Int]!", "Query.d"),
        ("d: [Int!]!", "d(need: Int!): [Int!]!", "Query.d(need:)"),
        ("a(x: Int = 1)", "a", "Query.a(x:)"),
        ("a(x: Int = 1)", "a(x: Int! = 1)", "Query.a(x:)"),
        ("a(x: Int = 1)", "a(x: Int = 2)", "Query.a(x:)"),
        ("X Y", "X", "E.Y"),
        ("p: Int ", "p: Int! ", "In.p"),
        ("p: Int ", "p: Int r: Int! ", "In.r"),
        ("input In", "input In @oneOf", "In"),
        ('q: String = "q"', 'q: String = "r"', "In.q"),
        ('[["s"]]', '[["s", "t"]]', "Query.b"),
        ('[["s"]]', '[["t"]]', "Query.b"),
        ("d: [Int!]!", 'd: [Int!]! @requiresScopes(scopes: [["s"]])', "Query.d"),
        ("enum E { X Y }", "scalar E", "E"),
    ],
)
def test_a_change_that_breaks_a_client_is_found_at_its_coordinate(
    was: str, becomes: str, coordinate: str
) -> None:
    assert was in OLD
    assert list(breaking(build_schema(OLD), build_schema(OLD.replace(was, becomes)))) == [coordinate]


@pytest.mark.parametrize(
    ("was", "becomes"),
    [
        ("d: [Int!]!", "d(may: Int): [Int!]!"),
        ("d: [Int!]!", "d: [Int!]! e: Int"),
        ("X Y", "X Y Z"),
        ("p: Int ", "p: Int r: Int "),
        ("b: Int @", "b: Int! @"),
        ('[["s"]]', '[["s"], ["t"]]'),
        (' @requiresScopes(scopes: [["s"]])', ""),
        ("type Query {", 'type Query { "words"'),
    ],
)
def test_a_change_that_breaks_nobody_is_not_called_breaking(was: str, becomes: str) -> None:
    assert was in OLD
    assert breaking(build_schema(OLD), build_schema(OLD.replace(was, becomes))) == {}


def deprecations(schema: GraphQLSchema) -> Iterator[tuple[str, str]]:
    """Every deprecated element, by coordinate, with its reason."""
    for name, kind in schema.type_map.items():
        if name.startswith("__"):
            continue
        for part in ("fields", "values"):
            for inner, one in getattr(kind, part, {}).items():
                if one.deprecation_reason is not None:
                    yield f"{name}.{inner}", one.deprecation_reason
                for argument, given in getattr(one, "args", {}).items():
                    if given.deprecation_reason is not None:
                        yield f"{name}.{inner}({argument}:)", given.deprecation_reason


def assert_said(coordinate: str, reason: str) -> None:
    """A deprecation states in both languages the replacement, since when and until when, and lasts half a year."""
    said = REASON.fullmatch(reason)
    assert said is not None, f"{coordinate}: {reason!r} is not of the form that CHANGELOG.md gives"
    assert (said["since_zh"], said["until_zh"]) == (said["since"], said["until"]), coordinate
    since, until = date.fromisoformat(said["since"]), date.fromisoformat(said["until"])
    assert until - since >= timedelta(days=180), f"{coordinate} stays half a year at least"


def test_every_deprecation_says_what_to_use_since_when_and_until_when() -> None:
    for coordinate, reason in deprecations(build_schema(sdl())):
        assert_said(coordinate, reason)
        assert f"`{coordinate}`" in CHANGELOG, f"{coordinate} stands in CHANGELOG.md under Deprecated"


def test_the_form_of_a_deprecation_is_the_one_that_the_changelog_gives() -> None:
    (example,) = re.findall(r"`(改用 .+?)`", CHANGELOG)
    schema = build_schema(
        f'type Query {{ a(b: Int @deprecated(reason: "soon")): Int @deprecated(reason: "{example}") }}'
    )
    reasons = dict(deprecations(schema))
    assert reasons.keys() == {"Query.a", "Query.a(b:)"}
    assert_said("Query.a", reasons["Query.a"])
    with pytest.raises(AssertionError):
        assert_said("Query.a(b:)", reasons["Query.a(b:)"])
    with pytest.raises(AssertionError):
        assert_said("Query.a", example.replace("2027-06-30", "2026-12-31"))
