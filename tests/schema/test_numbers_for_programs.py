"""The data on which a program acts is in headers and in `extensions`, not only in sentences."""

from collections.abc import Iterator

import pytest

from hub.foundation.encryption import Keys
from hub.foundation.errors import HubError
from hub.foundation.settings import Settings
from schema.errors_page import errors_page
from schema.user_errors import kinds_of_errors
from tests.fixtures.days import day
from tests.fixtures.served import Served, serve
from tests.schema.desk import OFFICE, STREET, ArgumentValue, Desk, errors_in, registered
from tests.schema.inputs_that_are_kept import SCHOOLS, aid, correction_of_a_fact, overpaid, recorded

ASKED = "civil_affairs@4101"
HUNDRED = "{ households(first: 100) { nodes { code } } }"


@pytest.fixture(scope="module")
def poor_hub(sample_url: str, settings: Settings, keys: Keys) -> Iterator[Served]:
    """A hub where the cost limit of a client is small."""
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
    assert (answered.status_code, extensions["code"]) == (429, "RATE_LIMITED")
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
    errors_page()  # imports all error classes
    telling = [kind for kind in kinds_of_errors() if kind.numbers]
    assert len(telling) > 8
    for kind in telling:
        assert all(f"{{{name}}}" in (kind.__doc__ or "") for name in kind.numbers), kind
        assert issubclass(kind, HubError)


def test_a_page_that_is_too_large_says_how_large_one_may_be(hub: Served) -> None:
    (error,) = hub.ask(ASKED, "{ households(first: 100000) { nodes { code } } }").body["errors"]
    assert (error["extensions"]["code"], error["extensions"]["most"]) == ("INVALID_PAGE", 1000)


def test_a_purpose_that_is_not_allowed_is_told_with_those_that_are(hub: Served) -> None:
    headers = {"authorization": f"Bearer {hub.token(ASKED)}", "hub-purpose": "curiosity"}
    answered = hub.http.post("/graphql", json={"query": HUNDRED}, headers=headers)
    extensions = answered.json()["errors"][0]["extensions"]
    assert (extensions["code"], extensions["purposes"]) == (
        "PURPOSE_NOT_ALLOWED",
        list(hub.grant(ASKED).purposes),
    )


def numbers_of(
    desk: Desk, agency: str, mutation: str, given: ArgumentValue, *inside: str
) -> dict[str, dict[str, str]]:
    """The numbers of the errors of a payload, or of its items, by the errors' codes."""
    told = "errors { code numbers { name value } }"
    asked = f"{inside[0]} {{ {told} }} {told}" if inside else told
    kind = f"{mutation[0].upper()}{mutation[1:]}Input!"
    query = f"mutation ($input: {kind}) {{ {mutation}(input: $input) {{ {asked} }} }}"
    payload = desk.served.ask(agency, query, {"input": given}).data[mutation]
    return {
        one["code"]: {number["name"]: number["value"] for number in one["numbers"]}
        for one in errors_in(payload)
    }


def test_a_version_that_has_passed_is_told_with_the_one_that_stands(desk: Desk) -> None:
    given = {"id": recorded(desk), "expectedVersion": 7, "reason": "金额有误", "amount": "1.00"}
    assert numbers_of(desk, SCHOOLS, "amendAid", given) == {"STALE_VERSION": {"actual": "1"}}
    family = {"households": [registered(desk, expectedVersion=7)]}
    assert numbers_of(desk, STREET, "upsertHouseholds", family, "outcomes") == {
        "STALE_VERSION": {"actual": "0"}
    }
    fact = correction_of_a_fact(desk)["reports"][0] | {"expectedVersion": 7}
    told = numbers_of(desk, "health@410105", "reportCircumstances", {"reports": [fact]}, "reports")
    assert told == {"STALE_VERSION": {"actual": "1"}}


def test_a_batch_that_is_too_large_is_told_with_how_many_it_may_hold(desk: Desk) -> None:
    fact = {"kind": "CHRONIC_ILLNESS", "subject": {"idNumber": "1"}, "since": "2026-01-01", "externalId": "1"}
    told = numbers_of(desk, "health@410105", "reportCircumstances", {"reports": [fact] * 1001})
    assert told == {"BATCH_TOO_LARGE": {"most": "1000"}}
    one = {"code": "1", "members": []}
    told = numbers_of(desk, STREET, "upsertHouseholds", {"households": [one] * 501})
    assert told == {"TOO_MANY_HOUSEHOLDS": {"most": "500"}}
    family = registered(desk)
    family["members"][0]["disabilityGrade"] = 9
    told = numbers_of(desk, STREET, "upsertHouseholds", {"households": [family]}, "outcomes")
    assert told == {"INVALID_NUMBER": {"least": "1", "most": "4"}}


def test_a_sum_that_is_too_large_is_told_with_the_largest(desk: Desk) -> None:
    urgent = aid(desk, "temporary", amount="90000.00")
    told = numbers_of(desk, OFFICE, "recordAid", urgent)["PAY_FIRST_LIMIT_EXCEEDED"]
    assert told.keys() == {"most", "months"}
    assert numbers_of(desk, OFFICE, "recordAid", urgent | {"amount": told["most"]}) == {}
    recovery = overpaid(desk)
    amount = recovery["amount"]
    most = numbers_of(desk, SCHOOLS, "openRecovery", recovery | {"amount": "9000000.00"})
    assert most.keys() == {"AMOUNT_EXCEEDS_PAID"}
    repaid = {
        "externalId": desk.number(),
        "recoveryId": desk.write(SCHOOLS, "openRecovery", recovery),
        "amount": "9000000.00",
        "repaidOn": day(),
    }
    assert numbers_of(desk, SCHOOLS, "recordRepayment", repaid) == {
        "AMOUNT_EXCEEDS_OUTSTANDING": {"left": amount}
    }


def test_an_error_without_numbers_tells_none(desk: Desk) -> None:
    given = {"id": recorded(desk), "expectedVersion": 1, "reason": " ", "amount": "1.00"}
    assert numbers_of(desk, SCHOOLS, "amendAid", given) == {"INVALID_INPUT": {}}
