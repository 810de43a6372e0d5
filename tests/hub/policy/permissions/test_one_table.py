"""The scopes of a field are defined in one place: only `hub/policy/permissions` names scopes, and everything defined there is
used."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import strawberry
from sqlmodel import Field, SQLModel

from auth.grant import covers
from auth.scopes import Scope
from hub.circumstances.rules import REGISTRIES as REPORTING
from hub.evaluation.monitoring.rules import CONDITIONS
from hub.foundation.database import guarded_column, table_of
from hub.model.aid import AidKind
from hub.model.ledger import EventType
from hub.policy.permissions.field_scopes import NOUNS, OF_HOUSEHOLD, OF_PERSON
from hub.policy.permissions.groups import UnknownGroup, groups_of
from hub.policy.permissions.implied_facts import (
    EVENT_ABOUT,
    FORM_IMPLIES,
    KIND_IMPLIES,
    SIGHT_EVENTS,
    kind_is_there_for,
)
from hub.policy.permissions.nouns import DuplicateField, UndeclaredField, noun
from hub.policy.permissions.registry_scopes import REGISTRIES, read_scope
from hub.policy.permissions.scope_sets import OPEN, any_of, needs, together
from schema.engine.declare.field_sources import TYPES
from schema.engine.declare.fields import column
from schema.hub_schema import build

ROOT = Path(__file__).parents[4]
HOME = "hub/policy/permissions"
VALUES = {scope.value for scope in Scope}
AID, CARE, MONEY = Scope.AID_READ, Scope.PERSON_HEALTH_READ, Scope.HOUSEHOLD_FINANCE_READ


def named(tree: ast.AST) -> Iterator[ast.expr]:
    """Where a module selects one scope: `Scope.X`, `Scope["X"]`, `Scope("x:read")`, or its text alone."""
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=whole) | ast.Subscript(value=whole) | ast.Call(func=whole) if is_scope(
                whole
            ):
                yield node
            case ast.Constant(value=str(text)) if text in VALUES:
                yield node


def is_scope(node: ast.expr) -> bool:
    """Whether an expression is the enum of scopes, imported directly or through its module."""
    return (isinstance(node, ast.Name) and node.id == "Scope") or (
        isinstance(node, ast.Attribute) and node.attr == "Scope"
    )


def sources() -> Iterator[tuple[Path, ast.Module]]:
    """Every module of the hub and of its schema outside the table, by its path."""
    for folder in ("hub", "schema"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            if not path.is_relative_to(ROOT / HOME):
                yield path.relative_to(ROOT), ast.parse(path.read_text("utf-8"))


def test_only_the_table_names_a_scope() -> None:
    found = [f"{path}:{node.lineno} {ast.unparse(node)}" for path, tree in sources() for node in named(tree)]
    assert found == [], f"read it from {HOME}"


def test_nobody_but_the_table_renames_the_scopes_or_takes_them_from_beside_the_nouns() -> None:
    found = [
        f"{path}:{node.lineno} {ast.unparse(node)}"
        for path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and any(
            name.name == "bases" or (name.name == "Scope" and name.asname is not None) for name in node.names
        )
    ]
    assert found == [], f"read the nouns of {HOME}/field_scopes.py"


@pytest.mark.parametrize(
    "again",
    [
        "Scope.PERSON_READ in grant.scopes",
        "Scope[f'AID_{kind}_READ']",
        "Scope('person:read')",
        "scopes.Scope.PERSON_READ",
        "'person:read' in grant.scopes",
    ],
)
def test_a_scope_that_is_named_again_would_be_seen(again: str) -> None:
    assert list(named(ast.parse(again)))


@pytest.mark.parametrize(
    "whole", ["frozenset(Scope)", "def of(scope: Scope) -> None: ...", "'needs person:read'"]
)
def test_to_speak_of_all_scopes_or_of_any_is_no_naming(whole: str) -> None:
    assert not list(named(ast.parse(whole)))


def test_every_line_of_the_table_is_a_field_of_the_schema() -> None:
    built = build().graphql.type_map
    stale = [
        f"{name}.{field}"
        for name, one in NOUNS.items()
        for field in one.fields
        if name not in built or field not in getattr(built[name], "fields", {})
    ]
    assert stale == []


def test_every_field_with_scopes_has_them_from_the_table() -> None:
    guards = build().guards.scopes
    other = [
        name
        for name, scopes in guards.items()
        if scopes and NOUNS[name.partition(".")[0]][name.partition(".")[2]] != scopes
    ]
    assert guards
    assert other == []


def test_every_type_that_stands_on_rows_is_a_noun_of_the_table() -> None:
    assert set(TYPES) <= set(NOUNS)


def test_every_kind_of_aid_and_every_event_says_what_it_implies() -> None:
    types = [*SIGHT_EVENTS, *(one for some in EVENT_ABOUT.values() for one in some)]
    assert sorted(types) == sorted(EventType), "a type of event has one line"
    assert set(KIND_IMPLIES) == set(AidKind)
    assert all(KIND_IMPLIES.values()), "a kind that implies nothing would be there for all"
    assert all(NOUNS["ChainEvent"][field] for field in EVENT_ABOUT)


def test_who_reads_numbers_of_events_reads_all_that_an_event_can_be_about_or_need() -> None:
    """A gap in the numbers would reveal an event that is missing, and readers who see them all need no more scopes."""
    _, every = NOUNS["ChainEvent"]["number"]
    about = [NOUNS["ChainEvent"][field] for field in EVENT_ABOUT]
    kinds, forms = map(kind_is_there_for, AidKind), FORM_IMPLIES.values()
    assert all(covers(every, one) for one in (*about, *kinds, *forms))
    assert every >= {"conference:write", "overlap:write"}, "else they are there for who takes part alone"
    assert every >= {scope for condition in CONDITIONS.values() for scope in condition.needs}
    assert every >= {read_scope(registry) for registry in REGISTRIES}
    assert every >= {scope for scopes in (*OF_HOUSEHOLD.values(), *OF_PERSON.values()) for scope in scopes}


def test_a_field_without_a_line_stops_the_start() -> None:
    with pytest.raises((UndeclaredField, RuntimeError)) as stopped:

        @strawberry.type
        class Household:
            secret: str | None = column("secret", "Nobody said who may read it")

    assert "Household.secret" in f"{stopped.value} {stopped.value.__cause__}"


def test_a_field_with_two_lines_stops_the_start() -> None:
    with pytest.raises(DuplicateField, match="amount"):
        noun(OPEN, {"amount kind": needs(AID), "amount": OPEN})


def test_the_registries_of_the_table_are_those_that_report() -> None:
    assert REGISTRIES == REPORTING


@pytest.mark.parametrize(
    ("required", "met"),
    [
        ((), OPEN),
        ((OPEN, OPEN), OPEN),
        ((needs(AID), OPEN), needs(AID)),
        ((OPEN, needs(AID)), needs(AID)),
        ((needs(AID), needs(CARE)), needs(AID, CARE)),
        ((needs(AID), any_of(CARE, MONEY)), (*needs(AID, CARE), *needs(AID, MONEY))),
        ((any_of(AID, CARE), needs(MONEY)), (*needs(AID, MONEY), *needs(CARE, MONEY))),
    ],
)
def test_requirements_together_ask_for_each_of_them(required: Any, met: Any) -> None:
    assert together(*required) == met


def test_a_column_of_a_group_is_opened_by_the_scope_of_its_group() -> None:
    class DwellingRow(SQLModel, table=True):
        __tablename__ = "dwelling_of_a_test"
        id: int = Field(primary_key=True)
        landlord: str | None = None
        rent_paid: int | None = guarded_column("finance")
        street: str | None = guarded_column("address")
        house_number: str | None = guarded_column("address")

    SQLModel.metadata.remove(table_of(DwellingRow))
    assert groups_of("household", DwellingRow) == {
        "rentPaid": needs(Scope.HOUSEHOLD_FINANCE_READ),
        "street houseNumber": needs(Scope.HOUSEHOLD_ADDRESS_READ),
    }, "what names no group has no line, and stops the start"
    with pytest.raises(UnknownGroup, match=r"person\.finance"):
        groups_of("person", DwellingRow)
