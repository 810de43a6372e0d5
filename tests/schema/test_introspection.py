"""A caller sees the part of the schema that its scopes cover, in introspection and in /schema.graphql."""

import pytest
from graphql import (
    GraphQLSchema,
    build_client_schema,
    build_schema,
    get_introspection_query,
    lexicographic_sort_schema,
    print_schema,
    validate_schema,
)

from auth.departments import DEPARTMENTS
from auth.scopes import Scope
from schema import sdl
from tests.fixtures.served import Served

CALLERS = [
    *((department, permissions.scopes) for department, permissions in sorted(DEPARTMENTS.items())),
    ("hub:admin", frozenset({Scope.HUB_ADMIN})),
]
EVERYTHING = get_introspection_query(
    specified_by_url=True,
    directive_is_repeatable=True,
    schema_description=True,
    input_value_deprecation=True,
    one_of=True,
)
"""Everything that introspection can return, including deprecated elements."""


def published(hub: Served, agency: str, scopes: frozenset[Scope] | None = None) -> str:
    """The text of /schema.graphql for an agency."""
    token = hub.token(agency, **({} if scopes is None else {"scopes": scopes}))
    answered = hub.http.get("/schema.graphql", headers={"authorization": f"Bearer {token}"})
    assert answered.status_code == 200
    return answered.text


def written(schema: GraphQLSchema) -> list[str]:
    """A schema as text, in a fixed order, without applied directives, which introspection cannot show."""
    return print_schema(lexicographic_sort_schema(schema)).splitlines()


@pytest.mark.parametrize(("name", "scopes"), CALLERS, ids=[name for name, _ in CALLERS])
def test_introspection_and_the_published_schema_are_one_text(
    hub: Served, name: str, scopes: frozenset[Scope]
) -> None:
    shown = build_schema(published(hub, "education@4101", scopes))
    assert validate_schema(shown) == []
    introspected = build_client_schema(hub.ask("education@4101", EVERYTHING, scopes=scopes).data)
    assert written(introspected) == written(shown)


def test_introspection_says_of_which_inputs_one_field_is_given_and_what_a_scalar_stands_on(
    hub: Served,
) -> None:
    query = """{ subject: __type(name: "SubjectInput") { isOneOf } aid: __type(name: "AidDetailInput") { isOneOf }
                 plain: __type(name: "RecordAidInput") { isOneOf } json: __type(name: "JSON") { specifiedByURL } }"""
    told = hub.ask("education@4101", query).data
    assert told["subject"] == told["aid"] == {"isOneOf": True}
    assert told["plain"] == {"isOneOf": False}
    assert hub.ask("audit@4101", query).data["json"]["specifiedByURL"].startswith("https://")


def test_a_field_a_filter_and_an_order_out_of_scope_are_not_shown(hub: Served) -> None:
    text = published(hub, "education@4101")
    shown = build_schema(text)
    assert "incomePerCapita" not in shown.type_map["Household"].fields  # type: ignore[attr-defined]
    assert "incomePerCapita" not in shown.type_map["HouseholdFilter"].fields  # type: ignore[attr-defined]
    assert "INCOME_PER_CAPITA" not in shown.type_map["HouseholdOrderField"].values  # type: ignore[attr-defined]
    assert "phone" not in shown.type_map["Person"].fields  # type: ignore[attr-defined]
    assert "AccessRecord" not in shown.type_map
    assert "school" in shown.type_map["EducationAid"].fields  # type: ignore[attr-defined]
    assert "hospital" not in shown.type_map["MedicalAid"].fields  # type: ignore[attr-defined]


def test_an_auditor_is_shown_everything(hub: Served) -> None:
    assert published(hub, "audit@4101") == sdl()


def test_a_type_out_of_scope_is_told_of_as_one_that_does_not_exist(hub: Served) -> None:
    query = '{ hidden: __type(name: "AccessRecord") { name } missing: __type(name: "Nothing") { name } __typename }'
    assert hub.ask("education@4101", query).data == {"hidden": None, "missing": None, "__typename": "Query"}


def test_introspection_beside_data_keeps_the_order_asked(hub: Served) -> None:
    query = "{ a: viewer { client } s: __schema { queryType { name } } b: viewer { purpose } }"
    assert list(hub.ask("education@4101", query).data) == ["a", "s", "b"]


def test_no_message_suggests_a_name(hub: Served) -> None:
    reply = hub.ask("education@4101", "{ households { nodes { incomePerCapit } } }")
    assert reply.codes == ["GRAPHQL_VALIDATION_FAILED"]
    assert "Did you mean" not in str(reply.body)
    assert "incomePerCapita" not in str(reply.body)
