"""POST /graphql/required-scopes: what a caller learns before it sends a document."""

from typing import Any

import pytest

from auth.departments import scope_of
from tests.fixtures.served import Reply, Served
from tests.schema.registered import persisted

AGENCY = "education@4101"
INCOME = ["household.finance:read", "household:read"]


def ask(hub: Served, body: dict[str, Any], **changes: Any) -> Reply:
    """The response to an office about a document."""
    answered = hub.http.post(
        "/graphql/required-scopes",
        json=body,
        headers={"authorization": f"Bearer {hub.token(AGENCY, **changes)}"},
    )
    return Reply(answered.status_code, answered.json())


def test_a_caller_learns_what_opens_a_document_what_is_missing_and_what_it_costs(hub: Served) -> None:
    query = "query Q { households(first: 3) { nodes { code a: incomePerCapita b: incomePerCapita } } }"
    reply = ask(hub, {"query": query})
    assert reply.status == 200
    assert reply.body == {
        "operation": "Q",
        "cost": 4,
        "requiredScopes": [INCOME],
        "missing": [["household.finance:read"]],
        "answeredWhole": False,
        "coordinates": [
            {
                "coordinate": "Query.households",
                "requiredScopes": [["household:read"]],
                "asFilter": False,
                "forbidden": False,
            },
            {
                "coordinate": "HouseholdConnection.nodes",
                "requiredScopes": [],
                "asFilter": False,
                "forbidden": False,
            },
            {"coordinate": "Household.code", "requiredScopes": [], "asFilter": False, "forbidden": False},
            {
                "coordinate": "Household.incomePerCapita",
                "requiredScopes": [INCOME],
                "asFilter": False,
                "forbidden": True,
            },
        ],
        "variables": [],
    }


def test_what_it_tells_is_what_the_document_meets(hub: Served) -> None:
    query = "{ households(first: 50) { nodes { address members { name phone } aidRecords { nodes { kind amount } } } } }"
    told = ask(hub, {"query": query}).body
    answered = hub.ask(AGENCY, query)
    forbidden = {one["coordinate"] for one in told["coordinates"] if one["forbidden"]}
    assert {"Household.address", "Person.phone", "BasicLivingAid.amount"} <= answered.forbidden <= forbidden
    for coordinate in forbidden - answered.forbidden:
        assert coordinate.endswith(".amount"), (
            f"{coordinate} is null nowhere in the answer, and so has no error"
        )
    assert told["answeredWhole"] is False
    (needed,) = told["requiredScopes"]
    whole = hub.ask(AGENCY, query, scopes=frozenset(scope_of(one) for one in needed))
    assert "errors" not in whole.body
    assert whole.body["extensions"]["cost"] == told["cost"]


def test_what_variables_may_filter_by_is_told_by_their_names_and_never_with_their_values(hub: Served) -> None:
    query = "query($f: HouseholdFilter) { households(filter: $f) { totalCount } }"
    told = ask(hub, {"query": query}).body
    assert {
        "variable": "f",
        "coordinate": "Household.incomePerCapita",
        "requiredScopes": [INCOME],
        "asFilter": True,
        "forbidden": True,
    } in told["variables"]
    given = ask(hub, {"query": query, "variables": {"f": {"incomePerCapita": {"gte": "4321.09"}}}})
    assert (given.body["requiredScopes"], given.body["variables"]) == ([INCOME], [])
    assert "4321" not in str(given.body)


def test_a_document_is_explained_by_the_hash_that_the_client_sent_before(hub: Served) -> None:
    query = "query Kept { viewer { client } }"
    hub.http.post(
        "/graphql",
        json={"query": query, "extensions": persisted(query)},
        headers={"authorization": f"Bearer {hub.token(AGENCY)}"},
    )
    assert ask(hub, {"extensions": persisted(query)}).body["operation"] == "Kept"


def test_nothing_is_read_and_so_nothing_recorded(hub: Served) -> None:
    count = "select count(*) from access_record where client_id = 'asks-first'"
    ask(hub, {"query": "{ households { nodes { code } } }"}, client="asks-first")
    assert hub.rows(count) == [(0,)]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ({}, 400, "MALFORMED_REQUEST"),
        ({"query": "{ viewer {"}, 400, "GRAPHQL_PARSE_FAILED"),
        ({"query": "{ households { nodes { incomePerCapit } } }"}, 400, "GRAPHQL_VALIDATION_FAILED"),
        ({"query": "query A { viewer { client } } query B { viewer { client } }"}, 400, "OPERATION_NOT_FOUND"),
        ({"query": "query($n: Int!) { households(first: $n) { totalCount } }", "variables": {"n": "x"}}, 400, "BAD_USER_INPUT"),
        ({"extensions": persisted("unknown")}, 400, "PERSISTED_QUERY_NOT_FOUND"),
        ({"query": "{ viewer { client } }", "extensions": persisted("unknown")}, 400, "PERSISTED_QUERY_MISMATCH"),
    ],
)  # fmt: skip
def test_what_cannot_be_explained_is_told_by_its_code_and_suggests_no_name(
    hub: Served, body: dict[str, Any], status: int, code: str
) -> None:
    reply = ask(hub, body)
    assert (reply.status, set(reply.codes)) == (status, {code})
    assert all(error["extensions"]["messageZh"] for error in reply.body["errors"])
    assert "Did you mean" not in str(reply.body)


def test_only_callers_with_a_token_may_ask_and_only_by_post(hub: Served) -> None:
    body = {"query": "{ viewer { client } }"}
    refused = hub.http.post("/graphql/required-scopes", json=body)
    assert (refused.status_code, refused.json()["errors"][0]["extensions"]["code"]) == (401, "TOKEN_MISSING")
    assert hub.http.get("/graphql/required-scopes", params=body).status_code == 405
