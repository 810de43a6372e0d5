"""Closed by default: every field of the schema is guarded or is on the reviewed list."""

import re
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    is_interface_type,
    is_non_null_type,
    is_object_type,
    parse,
    value_from_ast_untyped,
)

from auth.grant import Grant
from auth.scopes import Scope
from hub.foundation.database import table_of
from hub.foundation.encryption import Keys, Secrecy
from hub.model.persons import PersonRow
from schema.engine.declare.bind_parameters import ArgumentValue, Parameters
from schema.engine.declare.field_sources import (
    TYPES,
    ColumnValue,
    Connect,
    Derived,
    Inline,
    Lookup,
    Sealed,
    ToMany,
    ToOne,
)
from schema.engine.declare.fields import GuardedField
from schema.engine.declare.filters import filters_of, predicate
from schema.engine.declare.row_types import OnRows
from schema.hub_schema import build
from tests.schema.reviewed_fields import SCAFFOLDING, SKELETON
from tests.schema.sample_values import sample_value

ANYBODY = Grant("civil_affairs@4101", "test", frozenset(Scope), ("4101",), "social-assistance")


def _fields(*kinds: type) -> Iterator[tuple[str, GraphQLField, Any]]:
    """Coordinate, graphql-core's field and Strawberry's field, for every type of these kinds except introspection's."""
    for name, kind in build().graphql.type_map.items():
        if isinstance(kind, kinds) and not name.startswith("__"):
            assert isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
            for field_name, field in kind.fields.items():
                yield f"{name}.{field_name}", field, field.extensions.get("strawberry-definition")


def _scopes(declared: Any) -> Any:
    return declared.scopes if isinstance(declared, GuardedField) else ()


def _is_skeleton(coordinate: str) -> bool:
    return coordinate in SKELETON or any(re.fullmatch(pattern, coordinate) for pattern in SCAFFOLDING)


OBJECT_FIELDS = list(_fields(GraphQLObjectType))
GUARDED = [field for field in OBJECT_FIELDS if _scopes(field[2])]


def test_every_field_is_guarded_or_on_the_reviewed_list() -> None:
    unguarded = {coordinate for coordinate, _, declared in OBJECT_FIELDS if not _scopes(declared)}
    assert {one for one in unguarded if not _is_skeleton(one)} == set()


def test_the_reviewed_list_names_only_fields_that_exist_and_are_open() -> None:
    """A field that is guarded later, or removed, must leave the list. Otherwise it would be excused if it came back."""
    open_fields = {coordinate for coordinate, _, declared in OBJECT_FIELDS if not _scopes(declared)}
    assert set(SKELETON) - open_fields == set()
    assert [one for one in SCAFFOLDING if not any(re.fullmatch(one, field) for field in open_fields)] == []


def test_nothing_but_a_reviewed_field_opens_a_type_of_persons() -> None:
    about_persons = {"Person", "Circumstance", "AccessRecord", "ChainEvent", "Chain", "Referral"}
    unguarded = {
        coordinate
        for coordinate, _, declared in OBJECT_FIELDS
        if coordinate.partition(".")[0] in about_persons and not _scopes(declared)
    }
    assert unguarded == {"Person.id", "Circumstance.id", "Referral.id", "ChainEvent.id"}


def test_every_guarded_field_is_nullable() -> None:
    assert [coordinate for coordinate, field, _ in GUARDED if is_non_null_type(field.type)] == []


def test_the_published_directive_says_what_is_enforced() -> None:
    """Clients read the SDL; the hub enforces the guards. Both must have the same sets."""
    published: dict[str, set[frozenset[str]]] = {}
    for kind in parse(build().sdl).definitions:
        for field in getattr(kind, "fields", None) or ():
            for directive in field.directives or ():
                sets = value_from_ast_untyped(directive.arguments[0].value)
                published[f"{kind.name.value}.{field.name.value}"] = {frozenset(one) for one in sets}  # type: ignore[attr-defined]
    enforced = {
        coordinate: {frozenset(map(str, scope)) for scope in scopes}
        for coordinate, scopes in build().guards.scopes.items()
        if scopes
    }
    assert published == enforced


def test_no_field_of_an_interface_carries_the_directive() -> None:
    """Apollo's composition refuses it: AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE."""
    assert [
        name for name, _, declared in _fields(GraphQLInterfaceType) if getattr(declared, "directives", ())
    ] == []


def test_every_field_of_a_type_on_rows_passes_the_choke_point() -> None:
    unguarded = [
        coordinate
        for coordinate, _, declared in _fields(GraphQLObjectType, GraphQLInterfaceType)
        if coordinate.partition(".")[0] in {*TYPES, "Query", "Mutation"}
        and not isinstance(declared, GuardedField)
    ]
    assert unguarded == []


def test_every_type_whose_objects_hold_a_row_is_among_the_types_on_rows() -> None:
    """An object with a row could read any column, so its type must be in the list that the test above checks."""
    holding = {
        name
        for name, kind in build().graphql.type_map.items()
        if (is_object_type(kind) or is_interface_type(kind))
        and (definition := kind.extensions.get("strawberry-definition")) is not None
        and (
            "row" in getattr(definition.origin, "__annotations__", {})
            or issubclass(definition.origin, OnRows)
        )
    }
    assert holding - set(TYPES) == set()
    assert len(holding) > 15


def test_every_kind_of_aid_guards_what_its_interface_leaves_open() -> None:
    for name in ("amount", "outcome", "amendmentReason"):
        of_kinds = {
            coordinate: declared.scopes
            for coordinate, _, declared in OBJECT_FIELDS
            if coordinate.endswith(f"Aid.{name}")
        }
        assert len(of_kinds) == 11
        assert len({one for (one,) in of_kinds.values()}) == 11, "each kind has a scope of its own"


# Inputs: filters and orders


def _inputs(suffix: str) -> list[GraphQLInputObjectType]:
    return [
        kind
        for name, kind in build().graphql.type_map.items()
        if isinstance(kind, GraphQLInputObjectType) and name.endswith(suffix)
    ]


def test_every_field_of_every_filter_stands_on_a_guarded_coordinate() -> None:
    guards = build().guards
    filters = [(kind.name, name) for kind in _inputs("Filter") for name in kind.fields]
    assert len(filters) > 15
    for kind_name, name in filters:
        stands_on = guards.filters[f"{kind_name}.{name}"].coordinate
        assert stands_on in guards.scopes, f"{kind_name}.{name} stands on nothing"
        assert guards.scopes[stands_on] or stands_on in SKELETON


def test_every_value_of_every_order_stands_on_a_guarded_coordinate() -> None:
    guards = build().guards
    values = [
        (kind.name, value) for kind in _inputs("Order") for value in _enum(kind.fields["field"].type).values
    ]
    assert len(values) >= 8
    for kind_name, value in values:
        stands_on = guards.orders[f"{kind_name}.{value}"]
        assert guards.scopes[stands_on] or stands_on in SKELETON


def _enum(kind: Any) -> GraphQLEnumType:
    named = kind.of_type if isinstance(kind, GraphQLNonNull) else kind
    assert isinstance(named, GraphQLEnumType)
    return named


def test_every_filter_and_order_argument_is_of_an_input_that_these_tests_walk() -> None:
    walked = {kind.name for kind in (*_inputs("Filter"), *_inputs("Order"))}
    arguments = {
        str(argument.type).strip("!")
        for _, field, _ in OBJECT_FIELDS
        for name, argument in field.args.items()
        if name in {"filter", "orderBy"}
    }
    assert arguments == walked


def test_the_interface_filter_of_aid_asks_for_what_every_kind_asks_for() -> None:
    """AidRecordFilter uses OtherAid's coordinates. A kind with stricter guards on its common fields would be bypassed."""
    guards = build().guards
    stands_on = {
        where.coordinate for name, where in guards.filters.items() if name.startswith("AidRecordFilter.")
    }
    for coordinate in stands_on | {
        order for name, order in guards.orders.items() if name.startswith("AidRecordOrder.")
    }:
        name = coordinate.partition(".")[2]
        of_kinds = {guards.scopes[scope] for scope in guards.scopes if scope.endswith(f"Aid.{name}")}
        assert of_kinds == {guards.scopes[coordinate]}, coordinate


# Sealed columns

SEALED = {"id_number_sealed", "phone_sealed", "account_sealed"}
HIDDEN = SEALED | {"id_number_index"}


def _columns_of(read: Any) -> set[str]:
    """Every column of the row that a read can return, or use to order or join."""
    match read:
        case ColumnValue(name):
            return {name}
        case Inline(_, columns):
            return {*columns, *(own for own in columns.values() if own)}
        case ToOne() | ToMany() | Connect():
            order = read.order.columns if read.order else ()
            join = read.join
            joined = {*join.on, *join.on.values(), *join.holds} if join else set()
            chosen = set(read.orders.values()) if isinstance(read, Connect) else set()
            return {*order} | joined | chosen
        case _:
            return set()


def test_sealed_columns_are_read_by_the_three_fields_that_open_them_and_by_no_other() -> None:
    sealed = {
        coordinate: declared.read.name
        for coordinate, _, declared in OBJECT_FIELDS
        if isinstance(declared, GuardedField) and isinstance(declared.read, Sealed)
    }
    assert sealed == {
        "Person.idNumber": "id_number_sealed",
        "Person.phone": "phone_sealed",
        "Person.account": "account_sealed",
    }
    assert {
        column.name for column in table_of(PersonRow).columns if column.name.endswith("_sealed")
    } == SEALED
    leaking = [
        coordinate
        for coordinate, _, declared in _fields(GraphQLObjectType, GraphQLInterfaceType)
        if isinstance(declared, GuardedField) and _columns_of(declared.read) & HIDDEN
    ]
    assert leaking == []


def test_no_filter_and_no_expression_touches_a_sealed_column_or_the_blind_index() -> None:
    statements: dict[str, sa.Select[Any]] = {}
    for coordinate, field, declared in OBJECT_FIELDS:
        read = getattr(declared, "read", None)
        if isinstance(read, Derived):
            table = TYPES[coordinate.partition(".")[0]].reads.table.alias()
            statements[coordinate] = sa.select(read.sql(table, ANYBODY))
        if isinstance(read, Connect) and "filter" in field.args:
            table = read.target.reads.table.alias()
            value = sample_value(field.args["filter"].type)
            assert set(value) == set(filters_of(read.filter_by))
            given = ArgumentValue(Parameters(), (coordinate,), ("filter",), value)
            statements[coordinate] = sa.select(1).where(predicate(read, given, table, ANYBODY))
    assert {"Household.category", "Query.households", "Query.aidRecords", "Query.referrals"} <= set(
        statements
    )
    for coordinate, statement in statements.items():
        assert not any(name in str(statement) for name in HIDDEN), coordinate


def test_the_blind_index_serves_one_look_up_and_that_one_needs_the_identity_scope() -> None:
    secrecy = Secrecy(Keys.create())
    using = []
    for coordinate, _, declared in OBJECT_FIELDS:
        read = getattr(declared, "read", None)
        if isinstance(read, Lookup):
            given = read.argument_value(Parameters(), (coordinate,), {read.argument: "410105199001011233"})
            if "id_number" in str(read.where(read.target.reads.table, given, secrecy)):
                using.append((coordinate, declared.scopes))
    assert [name for name, _ in using] == ["Query.person"]
    assert all(Scope.PERSON_IDENTITY_READ in scope for _, scopes in using for scope in scopes)


# Words


def test_every_field_has_a_description() -> None:
    assert [name for name, field, _ in OBJECT_FIELDS if not field.description] == []


def test_every_type_has_a_description() -> None:
    types = build().graphql.type_map.items()
    scalars = {"String", "Int", "Boolean", "Float", "ID"}
    assert [
        name for name, kind in types if not (name.startswith("__") or name in scalars or kind.description)
    ] == []
