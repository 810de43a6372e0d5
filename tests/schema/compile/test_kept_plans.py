"""Which requests share a plan: those with the same document, grant and shape of variables. The input of a command changes no
plan."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from graphql import GraphQLInputObjectType, get_named_type

from hub.foundation.encryption import Keys, Secrecy
from schema.engine.execute.plans import Plan, Plans
from schema.engine.execute.request import Request
from schema.hub_schema import build
from tests.schema.compile.operations import grant_of

PLANS = Plans(build(), Secrecy(Keys.create()), 10**9)
RECORD = """mutation ($many: RecordAidsInput!, $first: Int) { recordAids(input: $many) {
    outcomes { aidRecord { household { aidRecords(first: $first) { nodes { id } } } } } } }"""


def plan_of(query: str, variables: Mapping[str, Any], *regions: str) -> Plan:
    """The plan of a request of education, for its usual regions or others."""
    grant = grant_of("education")
    understood = PLANS.understand(Request(query, dict(variables)), grant.client)
    return PLANS.prepare(understood, replace(grant, regions=regions or grant.regions))


def batch(*statuses: str) -> dict[str, Any]:
    """A batch with one outcome of each status."""
    detail = {"education": {"form": "GRANT", "schoolYear": 2026, "stage": "PRIMARY"}}
    return {
        "outcomes": [
            {
                "externalId": status,
                "subject": {"idNumber": "1"},
                "program": "p",
                "periodFrom": "2026-01-01",
                "periodUntil": "2026-01-31",
                "status": status,
                "decidedOn": "2026-01-01",
                "detail": detail,
            }
            for status in statuses
        ]
    }


def test_batches_share_a_plan_whatever_is_in_them() -> None:
    plan = plan_of(RECORD, {"many": batch("PAID"), "first": 3})
    assert plan_of(RECORD, {"many": batch("APPROVED", "PAID", "ENDED"), "first": 3}) is plan


def test_what_a_payload_is_asked_with_shapes_its_plan() -> None:
    plan = plan_of(RECORD, {"many": batch("PAID"), "first": 3})
    assert plan_of(RECORD, {"many": batch("PAID"), "first": 4}) is not plan
    conditional = RECORD.replace("$first: Int", "$first: Int, $yes: Boolean!").replace("created", "")
    conditional = conditional.replace("outcomes {", "outcomes @include(if: $yes) {")
    with_it = plan_of(conditional, {"many": batch("PAID"), "yes": True})
    assert plan_of(conditional, {"many": batch("PAID"), "yes": False}) is not with_it


def test_a_filter_shapes_a_plan_by_what_is_present_and_not_by_its_texts() -> None:
    query = "query ($f: HouseholdFilter) { households(filter: $f) { totalCount } }"
    plan = plan_of(query, {"f": {"region": "410105"}})
    assert plan_of(query, {"f": {"region": "410102"}}) is plan
    assert plan_of(query, {"f": {"code": ["410102"]}}) is not plan


def test_counties_and_townships_share_a_plan_and_a_city_has_its_own() -> None:
    query = "{ households { nodes { code } } }"
    township = plan_of(query, {}, "410105001")
    assert township.statement is not None
    assert {"grant_region_0", "grant_region_0_end"} <= set(township.statement.sql.names)
    assert plan_of(query, {}, "410103") is township
    assert plan_of(query, {}, "410103", "410105001") is not township
    city, other = plan_of(query, {}, "4101"), plan_of(query, {}, "4102")
    assert township is not city is not other
    for plan, prefix, end in ((city, "'4101'", "'4102'"), (other, "'4102'", "'4103'")):
        assert plan.statement is not None
        assert f"region >= {prefix}" in plan.statement.text
        assert f"region < {end}" in plan.statement.text
        assert not any("region" in name for name in plan.statement.sql.names)
    together = plan_of(query, {}, "4101", "410105001")
    assert plan_of(query, {}, "4101", "410103") is together
    assert plan_of(query, {}, "410103", "4101") is not together


def test_no_input_of_a_command_holds_a_filter_or_an_order() -> None:
    """A plan decides filters and orders, and the input of a command does not change the plan."""
    mutation = build().graphql.mutation_type
    assert mutation is not None
    seen: set[str] = set()
    left = [
        get_named_type(argument.type)
        for field in mutation.fields.values()
        for argument in field.args.values()
    ]
    while left:
        kind = left.pop()
        if isinstance(kind, GraphQLInputObjectType) and kind.name not in seen:
            seen.add(kind.name)
            left += [get_named_type(field.type) for field in kind.fields.values()]
    assert "AidDetailInput" in seen
    guarded = {name.partition(".")[0] for name in (*build().guards.filters, *build().guards.orders)}
    assert not seen & guarded
