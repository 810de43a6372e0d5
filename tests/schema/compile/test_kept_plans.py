"""Which requests share a plan: all of one document, grant and shape of variables; what goes into a command shapes none."""

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLInputObjectType, get_named_type

from hub.secrecy import Keys, Secrecy
from schema.built import build
from schema.plans import Plans, Prepared
from schema.request import Request
from tests.schema.compile.operations import grant_of

PLANS = Plans(build(), Secrecy(Keys.create()))
RECORD = """mutation ($many: RecordAidsInput!, $first: Int) { recordAids(input: $many) {
    outcomes { aidRecord { household { aidRecords(first: $first) { nodes { id } } } } } } }"""


def plan_of(query: str, variables: Mapping[str, Any], department: str = "education") -> Prepared:
    """The plan of a request."""
    understood = PLANS.understand(Request(query, dict(variables)))
    return PLANS.prepare(understood, grant_of(department))


def batch(*statuses: str) -> dict[str, Any]:
    """A batch with an outcome of each status."""
    detail = {"education": {"form": "GRANT", "schoolYear": 2026, "stage": "PRIMARY"}}
    return {
        "outcomes": [
            {"externalId": status, "subject": {"idNumber": "1"}, "program": "p", "periodFrom": "2026-01-01",
             "periodUntil": "2026-01-31", "status": status, "decidedOn": "2026-01-01", "detail": detail}
            for status in statuses
        ]
    }  # fmt: skip


def test_batches_share_a_plan_whatever_is_in_them() -> None:
    one = plan_of(RECORD, {"many": batch("PAID"), "first": 3})
    assert plan_of(RECORD, {"many": batch("APPROVED", "PAID", "ENDED"), "first": 3}) is one


def test_what_a_payload_is_asked_with_shapes_its_plan() -> None:
    one = plan_of(RECORD, {"many": batch("PAID"), "first": 3})
    assert plan_of(RECORD, {"many": batch("PAID"), "first": 4}) is not one
    conditional = RECORD.replace("$first: Int", "$first: Int, $yes: Boolean!").replace("created", "")
    conditional = conditional.replace("outcomes {", "outcomes @include(if: $yes) {")
    with_it = plan_of(conditional, {"many": batch("PAID"), "yes": True})
    assert plan_of(conditional, {"many": batch("PAID"), "yes": False}) is not with_it


def test_a_filter_shapes_a_plan_by_what_is_present_and_not_by_its_texts() -> None:
    query = "query ($f: HouseholdFilter) { households(filter: $f) { totalCount } }"
    one = plan_of(query, {"f": {"region": "410105"}})
    assert plan_of(query, {"f": {"region": "410102"}}) is one
    assert plan_of(query, {"f": {"code": ["410102"]}}) is not one


def test_no_input_of_a_command_holds_a_filter_or_an_order() -> None:
    """They would be decided by the plan, which what goes into a command does not shape."""
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
