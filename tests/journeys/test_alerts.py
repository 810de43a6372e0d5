"""From a finding to its consequence: an alert, a visit at home, one of four dispositions, and what follows (46-2.4)."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from hub.foundation.calendar import after_workdays
from tests.fixtures.served import Served
from tests.journeys.alerts import (
    DISPOSE,
    OPEN,
    RAISE,
    VISIT,
    conference,
    found_on_the_spot,
    visit,
)
from tests.journeys.conftest import Somebody

COUNTY, TOWNSHIP = "civil_affairs@410105", "civil_affairs@410105001"
HOUSING, HEALTH_OFFICE = "housing_security@410105", "medical_insurance@4101"
CHAIN = """query ($code: String!, $last: Int!) { household(code: $code) { chain { verified { whole }
  events(last: $last) { nodes { type agency { code } policyBasis summaryZh
    alert { status } visit { id } conference { id } referral { need } certification { id } } } } } }"""


def done(served: Served, agency: str, mutation: str, given: dict[str, Any]) -> Any:
    """The object that a mutation saved; fails if it was refused."""
    (payload,) = served.ask(agency, mutation, {"input": given}).data.values()
    assert payload["errors"] == []
    return next(value for name, value in payload.items() if name not in {"errors", "warnings"})


def chain(served: Served, code: str, last: int, agency: str = COUNTY) -> list[dict[str, Any]]:
    """The last events of a household's chain."""
    found = served.ask(agency, CHAIN, {"code": code, "last": last}).data["household"]["chain"]
    assert found["verified"]["whole"]
    nodes: list[dict[str, Any]] = found["events"]["nodes"]
    return nodes


def types(events: list[dict[str, Any]]) -> list[str]:
    """The types of events, in order."""
    return [event["type"] for event in events]


@pytest.fixture
def visited(writable_hub: Served, of_jinshui: list[Somebody]) -> tuple[Somebody, dict[str, Any]]:
    """An alert about a household of 金水区 that was checked at home."""
    somebody = of_jinshui[0]
    subject = {"householdId": somebody.household_id}
    alert = done(writable_hub, COUNTY, RAISE, found_on_the_spot(subject))
    done(writable_hub, COUNTY, VISIT, visit(subject, alertId=alert["id"]))
    return somebody, alert


def disposal(alert: dict[str, Any], disposition: str, **given: Any) -> dict[str, Any]:
    """A disposal of an alert that was visited once."""
    return {
        "id": alert["id"],
        "expectedVersion": 2,
        "disposition": disposition,
        "reason": "经入户核查属实",
    } | given


def test_46_2_3_what_is_found_on_the_spot_goes_to_the_office_where_the_household_lives(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    somebody = of_jinshui[0]
    before = datetime.now(UTC)
    alert = done(writable_hub, COUNTY, RAISE, found_on_the_spot({"personId": somebody.person_id}))
    ((region,),) = writable_hub.rows("select region from household where code = %s", somebody.household_code)
    assert region.startswith(alert["to"]["code"].partition("@")[2])
    assert len(alert["to"]["code"]) == len(TOWNSHIP)
    assert (alert["finding"], alert["status"], alert["overdue"]) == ("FOUND_ON_THE_SPOT", "OPEN", False)
    assert datetime.fromisoformat(alert["dueAt"]) in {
        after_workdays(before, 10),
        after_workdays(datetime.now(UTC), 10),
    }
    (event,) = chain(writable_hub, somebody.household_code, 1)
    assert (event["type"], event["policyBasis"], event["alert"]) == (
        "ALERT_RAISED",
        "46-2.3",
        {"status": "OPEN"},
    )
    assert event["summaryZh"].endswith("核查。")


def test_46_2_4_an_alert_is_checked_at_home_before_it_is_disposed_of(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    subject = {"householdId": of_jinshui[0].household_id}
    alert = done(writable_hub, COUNTY, RAISE, found_on_the_spot(subject))
    needs = [{"toAgency": HOUSING, "need": "HOUSING", "reason": "房屋受损"}]
    early = disposal(alert, "INCLUDE", referrals=needs, expectedVersion=1)
    before = writable_hub.everything_written()
    (error,) = writable_hub.ask(COUNTY, DISPOSE, {"input": early}).data["disposeAlert"]["errors"]
    assert (error["code"], error["path"]) == ("ALERT_NOT_VISITED", ["input", "id"])
    assert "46-2.4" in error["messageZh"]
    assert writable_hub.everything_written() == before
    done(writable_hub, COUNTY, VISIT, visit(subject, alertId=alert["id"]))
    disposed = done(writable_hub, COUNTY, DISPOSE, early | {"expectedVersion": 2})
    assert disposed["visits"] == [{"recommendation": "INCLUDE"}]


def test_46_2_4_what_a_disposition_leads_to_cannot_be_done_and_nothing_is_written(
    writable_hub: Served, visited: tuple[Somebody, dict[str, Any]]
) -> None:
    _, alert = visited
    needs = [
        {"toAgency": HOUSING, "need": "HOUSING", "reason": "房屋受损"},
        {"toAgency": HOUSING, "need": "EDUCATION", "reason": "就学困难"},
    ]
    before = writable_hub.everything_written()
    answered = writable_hub.ask(COUNTY, DISPOSE, {"input": disposal(alert, "INCLUDE", referrals=needs)})
    (error,) = answered.data["disposeAlert"]["errors"]
    assert (error["code"], error["path"]) == ("NOT_IN_CHARGE", ["input", "referrals", "1", "toAgency"])
    assert writable_hub.everything_written() == before


def test_46_4_1_a_conference_shows_the_household_to_those_who_take_part_and_to_nobody_else(
    writable_hub: Served, of_erqi: list[Somebody]
) -> None:
    somebody = of_erqi[0]
    asked = "query ($code: String!) { household(code: $code) { code conferences { nodes { matter } } } }"
    variables = {"code": somebody.household_code}
    assert writable_hub.ask(HOUSING, asked, variables).data["household"] is None
    called = done(
        writable_hub,
        "civil_affairs@410103",
        OPEN,
        conference({"householdId": somebody.household_id}, participants=[HOUSING]),
    )
    assert writable_hub.ask(HOUSING, asked, variables).data["household"]["conferences"]["nodes"] == [
        {"matter": called["matter"]}
    ]
    at_home = "housing_security@410103"
    assert writable_hub.ask(at_home, asked, variables).data["household"]["conferences"]["nodes"] == []
    assert writable_hub.ask("housing_security@410104", asked, variables).data["household"] is None


@pytest.mark.parametrize(
    "words", ["落实", "落实{place}"], ids=["in the same words", "each in words of its own"]
)
def test_46_2_4_sixteen_clients_dispose_of_one_alert_and_it_is_disposed_of_once(
    writable_hub: Served, visited: tuple[Somebody, dict[str, Any]], words: str
) -> None:
    somebody, alert = visited
    needs = [{"toAgency": HOUSING, "need": "HOUSING", "reason": "房屋受损"}]

    def one_of_them(place: int) -> Any:
        given = disposal(alert, "INCLUDE", referrals=needs, reason=words.format(place=place))
        return writable_hub.ask(COUNTY, DISPOSE, {"input": given}).data["disposeAlert"]

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(one_of_them, range(16)))
    refused = [error["code"] for answer in answers for error in answer["errors"]]
    assert refused == ([] if words == "落实" else ["STALE_VERSION"] * 15)
    assert types(chain(writable_hub, somebody.household_code, 3)) == [
        "VISITED",
        "ALERT_DISPOSED",
        "REFERRAL_SENT",
    ]


@pytest.mark.parametrize(
    ("mutation", "made"),
    [(RAISE, found_on_the_spot), (VISIT, visit), (OPEN, conference)],
    ids=["alert", "visit", "conference"],
)
def test_the_same_again_writes_nothing_twice_and_other_content_conflicts(
    writable_hub: Served, of_jinshui: list[Somebody], mutation: str, made: Any
) -> None:
    given = made({"householdId": of_jinshui[0].household_id})
    first = done(writable_hub, COUNTY, mutation, given)
    before = writable_hub.everything_written()
    assert done(writable_hub, COUNTY, mutation, given) == first
    changed = next(name for name in ("reason", "found", "matter") if name in given)
    (payload,) = writable_hub.ask(COUNTY, mutation, {"input": given | {changed: "别的事"}}).data.values()
    assert [(error["code"], error["path"]) for error in payload["errors"]] == [
        ("CONFLICT", ["input", "externalId"])
    ]
    assert writable_hub.everything_written() == before
