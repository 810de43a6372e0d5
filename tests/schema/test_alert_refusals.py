"""The refusals of alerts, visits, dispositions and conferences: a coded error with its path, and nothing is written."""

from typing import Any

import pytest

from tests.fixtures.days import dated, tomorrow
from tests.fixtures.served import Served
from tests.journeys.alerts import (
    CLOSE,
    DISPOSE,
    OPEN,
    RAISE,
    VISIT,
    conference,
    found_on_the_spot,
    minutes,
    visit,
)
from tests.journeys.conftest import Somebody, in_region
from tests.journeys.test_alerts import disposal, done
from tests.schema.test_writing import refused

COUNTY = "civil_affairs@410105"


@pytest.fixture(scope="module")
def somebody(hub: Served) -> Somebody:
    """A resident of 金水区 in the sample that is only read."""
    return in_region(hub, "410105")[0]


@pytest.mark.parametrize(
    ("mutation", "made", "changes", "code", "path"),
    [
        (RAISE, found_on_the_spot, {"externalId": " "}, "INVALID_INPUT", ["externalId"]),
        (RAISE, found_on_the_spot, {"reason": "x" * 1001}, "INVALID_INPUT", ["reason"]),
        (RAISE, found_on_the_spot, {"reason": "a\x00b"}, "INVALID_INPUT", ["reason"]),
        (RAISE, found_on_the_spot, {"subject": {"idNumber": "410199190001010010"}}, "NOT_FOUND", ["subject"]),
        (VISIT, visit, {"visitedOn": tomorrow}, "VISIT_IN_FUTURE", ["visitedOn"]),
        (VISIT, visit, {"found": ""}, "INVALID_INPUT", ["found"]),
        (VISIT, visit, {"visitors": " "}, "INVALID_INPUT", ["visitors"]),
        (VISIT, visit, {"alertId": "nonsense"}, "INVALID_ID", ["alertId"]),
        (OPEN, conference, {"participants": []}, "INVALID_INPUT", ["participants"]),
        (OPEN, conference, {"participants": ["nobody@41"]}, "NOT_FOUND", ["participants", "0"]),
        (OPEN, conference, {"meetsOn": "2020-01-01"}, "INVALID_INPUT", ["meetsOn"]),
        (OPEN, conference, {"matter": ""}, "INVALID_INPUT", ["matter"]),
    ],
)
def test_what_cannot_be_kept_is_refused_with_its_place(
    hub: Served,
    somebody: Somebody,
    mutation: str,
    made: Any,
    changes: dict[str, Any],
    code: str,
    path: list[str],
) -> None:
    given = made({"householdId": somebody.household_id}) | dated(changes)
    assert refused(hub, COUNTY, mutation, given) == (code, ["input", *path])


def test_a_township_calls_no_conference_and_keeps_no_minutes(hub: Served, somebody: Somebody) -> None:
    township = "civil_affairs@410105001"
    given = conference({"householdId": somebody.household_id})
    assert refused(hub, township, OPEN, given)[0] == "NOT_YOUR_CONFERENCE"


@pytest.fixture
def alert(writable_hub: Served, of_jinshui: list[Somebody]) -> dict[str, Any]:
    """An alert that was checked at home."""
    subject = {"householdId": of_jinshui[0].household_id}
    raised: dict[str, Any] = done(writable_hub, COUNTY, RAISE, found_on_the_spot(subject))
    done(writable_hub, COUNTY, VISIT, visit(subject, alertId=raised["id"]))
    return raised


NEED = {"toAgency": "housing_security@410105", "need": "HOUSING", "reason": "房屋受损"}
MARGIN = {"category": "SUBSISTENCE_MARGIN", "validFrom": "2026-11-01"}
CALLED = {"participants": ["housing_security@410105"], "meetsOn": "2026-11-24"}


@pytest.mark.parametrize(
    ("disposition", "given", "code", "path"),
    [
        ("INCLUDE", {}, "INVALID_INPUT", ["referrals"]),
        ("CONFERENCE", {}, "INVALID_INPUT", ["conference"]),
        ("TERMINATE", {}, "INVALID_INPUT", ["termination"]),
        ("CONFERENCE", {"conference": CALLED, "referrals": [NEED]}, "INVALID_INPUT", ["referrals"]),
        ("CARRY_OUT", {"conference": CALLED}, "INVALID_INPUT", ["conference"]),
        ("UNFOUNDED", {"referrals": [NEED]}, "INVALID_INPUT", ["referrals"]),
        ("CARRY_OUT", {"inclusion": MARGIN}, "INVALID_INPUT", ["inclusion"]),
        ("INCLUDE", {"inclusion": MARGIN}, "NOT_YOUR_CATEGORY", ["inclusion", "category"]),
        ("INCLUDE", {"referrals": [NEED], "reason": " "}, "INVALID_INPUT", ["reason"]),
        ("INCLUDE", {"referrals": [NEED], "expectedVersion": 1}, "STALE_VERSION", ["expectedVersion"]),
        ("INCLUDE", {"referrals": [NEED | {"toAgency": COUNTY}]}, "NOT_IN_CHARGE", ["referrals", "0", "toAgency"]),
        ("INCLUDE", {"referrals": [NEED | {"reason": ""}]}, "INVALID_INPUT", ["referrals", "0", "reason"]),
        (
            "CONFERENCE", {"conference": CALLED | {"meetsOn": "2020-01-01"}}, "INVALID_INPUT",
            ["conference", "meetsOn"],
        ),
    ],
)  # fmt: skip
def test_a_disposition_without_its_consequence_or_with_anothers_is_refused(
    writable_hub: Served,
    alert: dict[str, Any],
    disposition: str,
    given: dict[str, Any],
    code: str,
    path: list[str],
) -> None:
    wanted = disposal(alert, disposition, **given)
    assert refused(writable_hub, COUNTY, DISPOSE, wanted) == (code, ["input", *path])


def test_an_alert_out_of_sight_is_no_alert_at_all(writable_hub: Served, alert: dict[str, Any]) -> None:
    elsewhere = "civil_affairs@410104"
    known = refused(writable_hub, elsewhere, DISPOSE, disposal(alert, "CARRY_OUT"))
    unknown = refused(
        writable_hub, elsewhere, DISPOSE, disposal({"id": alert["id"][:-3] + "AAA"}, "CARRY_OUT")
    )
    assert known == unknown == ("NOT_FOUND", ["input", "id"])


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"expectedVersion": 2}, "STALE_VERSION", ["expectedVersion"]),
        ({"minutes": ""}, "INVALID_INPUT", ["minutes"]),
        ({"decision": " "}, "INVALID_INPUT", ["decision"]),
        ({"heldOn": "2999-01-01"}, "INVALID_INPUT", ["heldOn"]),
        ({"heldOn": "2020-01-01"}, "INVALID_INPUT", ["heldOn"]),
        (
            {"measures": [{"agency": COUNTY, "kind": "SERVICE", "what": "照料", "amount": "1.00"}]},
            "INVALID_INPUT",
            ["measures", "0", "amount"],
        ),
        (
            {"measures": [{"agency": COUNTY, "kind": "TEMPORARY", "what": "救助", "amount": "1.001"}]},
            "INVALID_INPUT",
            ["measures", "0", "amount"],
        ),
        (
            {"measures": [{"agency": COUNTY, "kind": "EDUCATION", "what": "助学"}]},
            "NOT_IN_CHARGE",
            ["measures", "0", "agency"],
        ),
    ],
)
def test_minutes_that_cannot_be_kept_are_refused_with_their_place(
    writable_hub: Served, of_jinshui: list[Somebody], changes: dict[str, Any], code: str, path: list[str]
) -> None:
    called = done(writable_hub, COUNTY, OPEN, conference({"householdId": of_jinshui[0].household_id}))
    found = refused(writable_hub, COUNTY, CLOSE, minutes(called["id"]) | changes)
    assert found == (code, ["input", *path])


def test_minutes_stay_as_they_were_kept(writable_hub: Served, of_jinshui: list[Somebody]) -> None:
    called = done(writable_hub, COUNTY, OPEN, conference({"householdId": of_jinshui[0].household_id}))
    done(writable_hub, COUNTY, CLOSE, minutes(called["id"]))
    again = minutes(called["id"], expectedVersion=2, decision="不予救助")
    assert refused(writable_hub, COUNTY, CLOSE, again) == ("CONFERENCE_HELD", ["input", "id"])
