"""A caller is told of the part of the schema that its scopes cover, by introspection and by /schema.graphql alike."""

import pytest
from graphql import build_client_schema, build_schema, get_introspection_query, validate_schema

from auth.departments import DEPARTMENTS
from schema import sdl
from tests.fixtures.served import Served

OFFICES = [f"{department}@4101" for department in sorted(DEPARTMENTS)]


def published(hub: Served, agency: str) -> str:
    """What /schema.graphql answers to an agency."""
    answered = hub.http.get("/schema.graphql", headers={"authorization": f"Bearer {hub.token(agency)}"})
    assert answered.status_code == 200
    return answered.text


@pytest.mark.parametrize("agency", OFFICES)
def test_what_an_agency_is_shown_is_a_valid_schema_and_the_same_both_ways(hub: Served, agency: str) -> None:
    shown = build_schema(published(hub, agency))
    assert validate_schema(shown) == []
    introspected = build_client_schema(hub.ask(agency, get_introspection_query()).data)
    ours = {name for name in shown.type_map if not name.startswith("__")}
    assert ours == {name for name in introspected.type_map if not name.startswith("__")}
    for name in ours:
        assert set(getattr(shown.type_map[name], "fields", ())) == set(
            getattr(introspected.type_map[name], "fields", ())
        )


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
    assert set(build_schema(published(hub, "audit@4101")).type_map) == set(build_schema(sdl()).type_map)


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
