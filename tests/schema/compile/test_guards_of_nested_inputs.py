"""A guard on a field of an input works however deep the input is nested in other inputs and in lists.

The hub has no nested filters yet, so the test builds a small schema of its own.
"""

from collections.abc import Mapping
from typing import Any

import pytest
from graphql import build_schema, parse

from auth.grant import Grant
from auth.scopes import Scope
from schema.engine.compile.authorize import authorize
from schema.engine.compile.collect import SelectedField
from schema.engine.compile.guards import Guards
from schema.engine.declare.field_sources import Where

SCHEMA = build_schema("""
  type Query { households(filter: HouseholdFilter, either: [HouseholdFilter!], order: Order): Int }
  input HouseholdFilter { income: Int, code: Int, members: MemberFilter, any: [MemberFilter!] }
  input MemberFilter { health: Int, name: Int, of: HouseholdFilter }
  input Order { then: Order, field: By }
  enum By { CODE INCOME }
""")
INCOME, HEALTH = ((frozenset({scope}),) for scope in (Scope.HOUSEHOLD_FINANCE_READ, Scope.PERSON_HEALTH_READ))
GUARDS = Guards(
    scopes={"Household.income": INCOME, "Person.health": HEALTH},
    reads={},
    filters={
        "HouseholdFilter.income": Where("Household.income", lambda *_: None),  # type: ignore[arg-type]
        "MemberFilter.health": Where("Person.health", lambda *_: None),  # type: ignore[arg-type]
    },
    orders={"Order.INCOME": "Household.income"},
    attributes={},
)
NOBODY = Grant("charity@410105", "test", frozenset(), ("410105",), "test")


def refused(arguments: Mapping[str, Any]) -> set[str]:
    """The coordinates of arguments for which an operation is refused to a grant without scopes."""
    field, *_ = parse("{ households }").definitions[0].selection_set.selections  # type: ignore[attr-defined]
    asked = SelectedField("Query", "households", "households", arguments, (field,))
    return {refusal.coordinate for refusal in authorize(SCHEMA, GUARDS, (asked,), NOBODY).refusals}


@pytest.mark.parametrize(
    ("arguments", "coordinates"),
    [
        ({"filter": {"income": 1}}, {"Household.income"}),
        ({"filter": {"members": {"health": 1}}}, {"Person.health"}),
        ({"filter": {"any": [{"name": 1}, {"health": 1}]}}, {"Person.health"}),
        ({"filter": {"members": {"of": {"income": 1}}}}, {"Household.income"}),
        ({"either": [{"code": 1}, {"members": {"of": {"any": [{"health": 2}]}}}]}, {"Person.health"}),
        ({"filter": {"income": 1, "members": {"health": 1}}}, {"Household.income", "Person.health"}),
        (
            {"order": {"field": "CODE", "then": {"field": "CODE", "then": {"field": "INCOME"}}}},
            {"Household.income"},
        ),
        ({"filter": {"members": None, "any": [], "code": 1}}, set()),
        ({"filter": {"members": {"name": 1, "of": {"code": 1}}}, "order": {"field": "CODE"}}, set()),
    ],
)
def test_a_guarded_field_of_an_input_refuses_the_operation_wherever_the_input_lies(
    arguments: dict[str, Any], coordinates: set[str]
) -> None:
    assert refused(arguments) == coordinates
