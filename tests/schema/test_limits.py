"""A request that is too large is refused before anything is read, with a code and advice."""

import pytest

from schema.engine.execute.budget import Budget, RateLimited, TooCostly
from tests.fixtures.served import Served

WIDE = "{ households(first: 1000) { nodes { members { name } aidRecords(first: 100) { nodes { id } } } } }"


def test_an_answers_cost_comes_back_with_it(hub: Served) -> None:
    reply = hub.ask("civil_affairs@4101", "{ households(first: 3) { nodes { code members { name } } } }")
    assert reply.body["extensions"] == {"cost": 1 + 3 * (1 + 10)}


def test_a_forbidden_field_costs_one_for_each_row_and_nothing_below_it(hub: Served) -> None:
    reply = hub.ask(
        "education@4101", "{ households(first: 3) { nodes { code accessRecords { totalCount } } } }"
    )
    assert reply.forbidden == {"Household.accessRecords"}
    assert reply.body["extensions"] == {"cost": 1 + 3 + 3}


def test_an_operation_that_costs_too_much_is_refused_before_anything_is_read(hub: Served) -> None:
    reply = hub.ask("civil_affairs@4101", WIDE)
    assert (reply.status, reply.codes) == (400, ["TOO_COSTLY"])
    assert "data" not in reply.body


@pytest.mark.parametrize(
    ("query", "code"),
    [
        (
            '{ household(code: "1") { ' + "members { household { " * 12 + "code" + " } }" * 12 + " } }",
            "TOO_DEEP",
        ),
        (
            '{ household(code: "1") { ' + " ".join(f"a{i}: code" for i in range(201)) + " } }",
            "TOO_MANY_ALIASES",
        ),
        (
            "{ " + " ".join(f"... {{ code{i}: viewer {{ client }} }}" for i in range(1200)) + " }",
            "GRAPHQL_PARSE_FAILED",
        ),
    ],
)
def test_an_operation_that_is_too_large_is_refused(hub: Served, query: str, code: str) -> None:
    reply = hub.ask("civil_affairs@4101", query)
    assert (reply.status, set(reply.codes)) == (400, {code})


def test_a_client_spends_its_minute_and_has_a_new_one_afterwards() -> None:
    now = 100.0
    budget = Budget(most=60, per_minute=100, clock=lambda: now)
    budget.charge("one", 60)
    budget.charge("one", 40)
    with pytest.raises(RateLimited) as spent:
        budget.charge("one", 1)
    assert spent.value.details == {"retry_after_seconds": 61}
    budget.charge("another", 60)
    now += 60
    budget.charge("one", 60)
    with pytest.raises(TooCostly):
        budget.charge("one", 61)
