"""The guards that a schema declares, and declarations with which the hub does not start."""

from typing import Any

import pytest
import sqlalchemy as sa
import strawberry
from strawberry.schema.config import StrawberryConfig
from strawberry.types.base import StrawberryObjectDefinition

from auth.grant import ScopeSets
from auth.scopes import Scope
from hub.policy.permissions.scope_sets import OPEN, any_of, needs
from schema.engine.compile.guards import Guards, UnguardedField, read_guards
from schema.engine.declare.field_sources import ColumnValue, Derived, Read
from schema.engine.declare.fields import guarded, where
from schema.engine.declare.filters import is_value, order_input
from schema.hub_schema import build

NAME, INCOME = needs(Scope.PERSON_READ), needs(Scope.HOUSEHOLD_FINANCE_READ)
BOTH = needs(Scope.PERSON_READ, Scope.HOUSEHOLD_FINANCE_READ)
EITHER = any_of(Scope.PERSON_READ, Scope.HOUSEHOLD_FINANCE_READ)


def _rich(table: Any, _grant: Any) -> sa.ColumnElement[bool]:
    expression: sa.ColumnElement[bool] = table.c.income > 1000
    return expression


def under(read: Read, scopes: ScopeSets, description: str) -> Any:
    """A field with these scopes, of a type that is in no table of permissions."""

    def resolve(root: Any) -> Any:
        return root

    return guarded(read, resolve, description, scopes=scopes)


def guards_of(
    *,
    filter_on: str = "Home.income",
    order_on: str = "Home.income",
    rich: Any = INCOME,
    income: Any = INCOME,
    told: Any = INCOME,
) -> Guards:
    """The guards of a small schema: a home, its income, a field derived from the income, a field that discloses the income to
    those who may read it, a filter and an order."""
    of_income, of_rich = income, rich

    @strawberry.type
    class Home:
        code: str | None = under(ColumnValue("code"), OPEN, "Its code")
        income: str | None = under(ColumnValue("income"), of_income, "Its income")
        rich: bool | None = under(Derived(_rich, made_of=("Home.income",)), of_rich, "Whether it is rich")
        words: str | None = under(
            Derived(lambda h, _: h.c.income, discloses=(("Home.income", told),)), NAME, "What is said of it"
        )

    @strawberry.input
    class HomeFilter:
        income: str | None = where(filter_on, lambda h, v, _: is_value(h.c.income, v), "Of this income")

    order = order_input("Home", "家庭", {"INCOME": ("income", order_on, "收入 By income")})

    @strawberry.type
    class Query:
        home: Home | None = under(ColumnValue("home"), NAME, "A home")

        @strawberry.field
        def homes(self, filter: HomeFilter, order_by: order) -> bool:  # type: ignore[valid-type]
            """A field with the inputs as arguments, so that they are in the schema."""
            return True

    schema = strawberry.Schema(query=Query, config=StrawberryConfig(auto_camel_case=True))
    definitions = {
        name: one.definition
        for name, one in schema.schema_converter.type_map.items()
        if isinstance(one.definition, StrawberryObjectDefinition)
    }
    return read_guards(definitions, schema.config.name_converter)


def test_a_sound_schema_has_its_guards_by_coordinate() -> None:
    guards = guards_of()
    assert guards.scopes["Home.income"] == INCOME
    assert guards.scopes["Home.code"] == OPEN
    assert list(guards.of_input("HomeFilter", "income", "1")) == [("Home.income", INCOME)]
    assert list(guards.of_input("HomeOrder", "field", "INCOME")) == [("Home.income", INCOME)]
    assert list(guards.of_input("HomeOrder", "direction", "ASC")) == []


def test_a_filter_on_a_coordinate_that_does_not_exist_stops_the_start() -> None:
    with pytest.raises(UnguardedField, match=r"HomeFilter\.income stands on Home\.incom, which is no field"):
        guards_of(filter_on="Home.incom")


def test_an_order_on_a_coordinate_that_does_not_exist_stops_the_start() -> None:
    with pytest.raises(UnguardedField, match=r"HomeOrder\.INCOME stands on House\.income, which is no field"):
        guards_of(order_on="House.income")


@pytest.mark.parametrize(
    ("rich", "income"),
    [(OPEN, INCOME), (NAME, INCOME), (EITHER, INCOME), (INCOME, BOTH), (EITHER, BOTH), (OPEN, EITHER)],
)
def test_a_derived_field_that_asks_for_less_than_it_is_made_of_stops_the_start(
    rich: Any, income: Any
) -> None:
    with pytest.raises(UnguardedField, match=r"Home\.rich is made of Home\.income but asks for less"):
        guards_of(rich=rich, income=income)


@pytest.mark.parametrize(
    ("rich", "income"),
    [(INCOME, INCOME), (BOTH, INCOME), (INCOME, OPEN), (OPEN, OPEN), (INCOME, EITHER), (EITHER, EITHER)],
)
def test_a_derived_field_that_asks_for_as_much_or_more_is_sound(rich: Any, income: Any) -> None:
    assert guards_of(rich=rich, income=income).scopes["Home.rich"] == rich


@pytest.mark.parametrize(("told", "income"), [(OPEN, INCOME), (NAME, INCOME), (EITHER, INCOME), (NAME, BOTH)])
def test_a_field_that_tells_more_than_its_reader_may_know_stops_the_start(told: Any, income: Any) -> None:
    with pytest.raises(UnguardedField, match=r"Home\.words tells Home\.income to those who have less"):
        guards_of(told=told, income=income, rich=BOTH)


@pytest.mark.parametrize(("told", "income"), [(INCOME, INCOME), (INCOME, BOTH), (OPEN, NAME), (OPEN, EITHER)])
def test_a_field_that_tells_only_those_who_may_know_is_sound(told: Any, income: Any) -> None:
    assert guards_of(told=told, income=income, rich=BOTH).scopes["Home.words"] == NAME


def test_the_guards_of_the_schema_hold() -> None:
    guards = build().guards
    assert guards.scopes["Household.incomePerCapita"] == needs(
        Scope.HOUSEHOLD_READ, Scope.HOUSEHOLD_FINANCE_READ
    )
    assert guards.filters["HouseholdFilter.incomePerCapita"].coordinate == "Household.incomePerCapita"
    assert guards.orders["HouseholdOrder.INCOME_PER_CAPITA"] == "Household.incomePerCapita"
    assert {one.coordinate for one in guards.filters.values()} | set(guards.orders.values()) <= set(
        guards.scopes
    )
