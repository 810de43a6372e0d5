"""The schema that a caller sees is the executed schema without the parts that its scopes hide; nothing else is missing."""

from collections.abc import Iterator
from typing import Any

import pytest
from graphql import GraphQLEnumType, GraphQLSchema, get_named_type

from auth.departments import DEPARTMENTS
from auth.grant import Grant, covers
from auth.scopes import Scope
from schema.engine.execute.visible_schema import _Narrowing, visible_schema
from schema.hub_schema import build

EXECUTED, GUARDS = build().graphql, build().guards
PARTS = {"fields", "interfaces", "types", "values", "args", "type"}
"""The attributes that are narrowed; their parts are compared one by one."""
MADE_FROM = {"_fields", "_interfaces", "_types", "_values", "_value_lookup"}
"""The attributes from which graphql-core makes these."""
OF_THE_SCHEMA = {"query_type", "mutation_type", "subscription_type", "type_map", "directives", "_implementations_map",
                 "_sub_type_map", "_validation_errors", "assume_valid"}  # fmt: skip
SEEING_PARTLY = {
    name: department.scopes
    for name, department in DEPARTMENTS.items()
    if Scope.AUDIT_READ not in department.scopes
}


def shown_to(scopes: frozenset[Scope]) -> GraphQLSchema:
    """The visible schema of some scopes."""
    return visible_schema(build(), Grant("education@4101", "test", scopes, ("4101",), "audit", ("audit",)))


def pairs(shown: Any, executed: Any, at: str) -> Iterator[tuple[str, Any, Any]]:
    """Every element of the visible schema with its executed one: types, fields, arguments, values."""
    yield at, shown, executed
    for part in ("fields", "args", "values"):
        for name, one in getattr(shown, part, {}).items():
            yield from pairs(one, getattr(executed, part)[name], f"{at}.{name}")


def elements(schema: GraphQLSchema) -> Iterator[tuple[str, Any, Any]]:
    """Every element of a visible schema with its executed one."""
    for name, kind in schema.type_map.items():
        yield from pairs(kind, EXECUTED.type_map[name], name)
    for directive, executed in zip(schema.directives, EXECUTED.directives, strict=True):
        yield from pairs(directive, executed, f"@{directive.name}")


@pytest.mark.parametrize("scopes", SEEING_PARTLY.values(), ids=SEEING_PARTLY)
def test_every_attribute_of_what_is_shown_is_the_executed_ones(scopes: frozenset[Scope]) -> None:
    """All existing attributes are compared, including those that a new version of graphql-core or Strawberry adds."""
    schema = shown_to(scopes)
    checked = 0
    for at, shown, executed in elements(schema):
        assert type(shown) is type(executed), at
        assert vars(shown).keys() - MADE_FROM == vars(executed).keys() - MADE_FROM, at
        for name in vars(shown).keys() - MADE_FROM - PARTS:
            assert getattr(shown, name) is getattr(executed, name), f"{at}: {name}"
        if hasattr(shown, "type"):
            assert str(shown.type) == str(executed.type), at
            assert get_named_type(shown.type) is schema.type_map[get_named_type(shown.type).name], at
        if hasattr(shown, "interfaces"):
            names = [interface.name for interface in executed.interfaces if interface.name in schema.type_map]
            assert [interface.name for interface in shown.interfaces] == names, at
        checked += 1
    assert checked > 500
    for name in vars(schema).keys() - OF_THE_SCHEMA:
        assert getattr(schema, name) == getattr(EXECUTED, name), name


def test_whoever_has_every_scope_loses_nothing() -> None:
    schema = _Narrowing(EXECUTED, GUARDS, frozenset(Scope)).schema()
    assert list(schema.type_map) == list(EXECUTED.type_map)
    for at, shown, executed in elements(schema):
        for part in ("fields", "args", "values"):
            assert list(getattr(shown, part, ())) == list(getattr(executed, part, ())), at


@pytest.mark.parametrize("scopes", SEEING_PARTLY.values(), ids=SEEING_PARTLY)
def test_what_is_left_out_is_hidden_by_scopes_or_leads_to_nothing(scopes: frozenset[Scope]) -> None:
    schema = shown_to(scopes)
    for name, kind in schema.type_map.items():
        executed: Any = EXECUTED.type_map[name]
        for part, field in getattr(executed, "fields", {}).items():
            if part in kind.fields:  # type: ignore[attr-defined]
                continue
            stands_on = GUARDS.filters.get(f"{name}.{part}")
            coordinates = (
                [stands_on.coordinate]
                if stands_on
                else [f"{type_.name}.{part}" for type_ in EXECUTED.get_possible_types(executed)]
                if name in ("Node", "AidRecord")
                else [f"{name}.{part}"]
            )
            hidden = not any(covers(scopes, GUARDS.scopes.get(one, ())) for one in coordinates)
            assert hidden or get_named_type(field.type).name not in schema.type_map, f"{name}.{part}"
        if isinstance(executed, GraphQLEnumType):
            for value in executed.values.keys() - kind.values.keys():  # type: ignore[attr-defined]
                coordinate = GUARDS.orders[f"{name.removesuffix('Field')}.{value}"]
                assert not covers(scopes, GUARDS.scopes[coordinate]), f"{name}.{value}"
