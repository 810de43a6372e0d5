"""What a program needs to act on stands in headers and in `extensions`, not in sentences alone."""

from collections.abc import Iterator

import pytest

from hub.errors import HubError
from hub.secrecy import Keys
from hub.settings import Settings
from schema.errors_page import errors_page, kinds_of_errors
from tests.fixtures.served import Served, serve

ASKED = "civil_affairs@4101"
HUNDRED = "{ households(first: 100) { nodes { code } } }"


@pytest.fixture(scope="module")
def poor_hub(sample_url: str, settings: Settings, keys: Keys) -> Iterator[Served]:
    """A hub whose clients may ask for little."""
    little = settings.model_copy(update={"cost_per_minute": 150, "max_cost": 100_000})
    with serve(sample_url, little, keys) as running:
        yield running


@pytest.mark.parametrize("accept", ["application/json", "application/graphql-response+json", "*/*"])
def test_a_spent_budget_says_when_there_is_a_new_one(poor_hub: Served, accept: str) -> None:
    token = poor_hub.token(ASKED, client=f"test-{accept}")
    headers = {"authorization": f"Bearer {token}", "accept": accept}
    poor_hub.http.post("/graphql", json={"query": HUNDRED}, headers=headers)
    answered = poor_hub.http.post("/graphql", json={"query": HUNDRED}, headers=headers)
    extensions = answered.json()["errors"][0]["extensions"]
    assert (answered.status_code, extensions["code"]) == (429, "BUDGET_SPENT")
    assert 1 <= extensions["retryAfterSeconds"] <= 61
    assert answered.headers["retry-after"] == str(extensions["retryAfterSeconds"])


def test_what_no_minute_holds_is_not_said_to_fit_into_the_next(poor_hub: Served) -> None:
    reply = poor_hub.ask(ASKED, "{ households(first: 1000) { nodes { code } } }")
    assert (reply.status, reply.codes) == (400, ["TOO_COSTLY"])
    extensions = reply.body["errors"][0]["extensions"]
    assert (extensions["cost"], extensions["most"]) == (1001, 150)


@pytest.mark.parametrize(
    ("query", "code", "numbers"),
    [
        ('{ household(code: "1") { ' + "members { household { " * 12 + "code" + " } }" * 12 + " } }", "TOO_DEEP", {"most": 10}),
        ('{ household(code: "1") { ' + " ".join(f"a{i}: code" for i in range(201)) + " } }", "TOO_MANY_ALIASES", {"most": 200}),
    ],
)  # fmt: skip
def test_a_limit_is_told_as_a_number(hub: Served, query: str, code: str, numbers: dict[str, int]) -> None:
    (error,) = hub.ask(ASKED, query).body["errors"]
    assert error["extensions"]["code"] == code
    assert {name: error["extensions"][name] for name in numbers}.keys() == numbers.keys()
    assert all(isinstance(error["extensions"][name], int) for name in numbers)
    assert str(error["extensions"]["most"]) in error["message"]


def test_the_largest_body_is_told_as_a_number(hub: Served, settings: Settings) -> None:
    headers = {"authorization": f"Bearer {hub.token(ASKED)}", "content-type": "application/json"}
    answered = hub.http.post("/graphql", content=b" " * 1_100_000, headers=headers)
    extensions = answered.json()["errors"][0]["extensions"]
    assert (extensions["code"], extensions["most"]) == ("BODY_TOO_LARGE", settings.max_body_bytes)


def test_a_mutation_by_get_says_which_method_it_takes(hub: Served) -> None:
    write = 'mutation { acceptReferral(input: {id: "x", expectedVersion: 1}) { errors { code } } }'
    headers = {"authorization": f"Bearer {hub.token(ASKED)}"}
    answered = hub.http.get("/graphql", params={"query": write}, headers=headers)
    assert (answered.status_code, answered.headers["allow"]) == (405, "POST")


def test_every_number_that_is_told_stands_in_the_sentence_too() -> None:
    errors_page()  # brings every kind of error
    telling = [kind for kind in kinds_of_errors() if kind.numbers]
    assert len(telling) > 8
    for kind in telling:
        assert all(f"{{{name}}}" in (kind.__doc__ or "") for name in kind.numbers), kind
        assert issubclass(kind, HubError)
