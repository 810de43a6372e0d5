"""One application, examined by each department in charge, shown as one (46-4.1)."""

from typing import Any

import psycopg
import pytest

from tests.fixtures.served import Served
from tests.journeys.conftest import Somebody
from tests.journeys.outcomes import SUBMIT, application
from tests.journeys.test_alerts import chain, done, types

COUNTY = "civil_affairs@410105"
LOOK = "query ($id: ID!) { node(id: $id) { ... on Application { status answers { status need } } } }"


def status(served: Served, key: str) -> str:
    """The status of an application."""
    found: str = served.ask(COUNTY, LOOK, {"id": key}).data["node"]["status"]
    return found


@pytest.mark.parametrize(
    ("residence", "department"), [("URBAN", "housing_security"), ("RURAL", "urban_construction")]
)
def test_46_4_1_each_need_goes_to_the_department_in_charge_nearest_to_the_household(
    writable_hub: Served, of_jinshui: list[Somebody], residence: str, department: str
) -> None:
    somebody = of_jinshui[0]
    with psycopg.connect(writable_hub.database_url) as connection:
        connection.execute(
            "update household set residence = %s where code = %s", (residence, somebody.household_code)
        )
    given = application({"householdId": somebody.household_id}, "EDUCATION", "HOUSING", "TEMPORARY")
    submitted = done(writable_hub, COUNTY, SUBMIT, given)
    to = {answer["need"]: answer["to"]["code"] for answer in submitted["answers"]}
    assert (to["EDUCATION"], to["HOUSING"]) == ("education@410105", f"{department}@410105")
    assert to["TEMPORARY"].startswith("civil_affairs@410105")
    events = chain(writable_hub, somebody.household_code, 4)
    assert types(events) == ["APPLICATION_SUBMITTED", *["REFERRAL_SENT"] * 3]
    assert {event["policyBasis"] for event in events} == {"46-4.1"}


def test_46_4_1_the_same_application_again_answers_the_same_and_another_content_is_a_conflict(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    given = application({"householdId": of_jinshui[0].household_id})
    first = done(writable_hub, COUNTY, SUBMIT, given)
    written = writable_hub.everything_written()
    assert done(writable_hub, COUNTY, SUBMIT, given)["id"] == first["id"]
    other = writable_hub.ask(COUNTY, SUBMIT, {"input": given | {"channel": "ONLINE"}})
    assert [error["code"] for error in other.data["submitApplication"]["errors"]] == ["CONFLICT"]
    assert writable_hub.everything_written() == written


def test_an_application_of_whose_needs_a_department_sees_none_has_no_status_for_it(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    given = application({"householdId": of_jinshui[0].household_id}, "HOUSING")
    submitted = done(writable_hub, COUNTY, SUBMIT, given)
    assert status(writable_hub, submitted["id"]) == "IN_PROGRESS"
    found = writable_hub.ask("health@410105", LOOK, {"id": submitted["id"]})
    assert found.data == {"node": {"status": None, "answers": []}}
    of_status = (
        "query { applications(filter: {status: [IN_PROGRESS, PARTLY_ANSWERED, ANSWERED]}) { nodes { id } } }"
    )
    listed = writable_hub.ask("health@410105", of_status).data["applications"]["nodes"]
    assert submitted["id"] not in [one["id"] for one in listed]


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"needs": []}, "INVALID_INPUT", ["needs"]),
        ({"needs": [{"need": "HOUSING", "reason": " "}]}, "INVALID_INPUT", ["needs", "0", "reason"]),
        ({"needs": [{"need": "HOUSING", "reason": "一"}] * 2}, "INVALID_INPUT", ["needs", "1", "need"]),
        ({"externalId": ""}, "INVALID_INPUT", ["externalId"]),
        ({"subject": {"idNumber": "410199190001010010"}}, "NOT_FOUND", ["subject"]),
    ],
)
def test_an_application_that_cannot_be_kept_is_refused_with_its_place_in_both_languages(
    writable_hub: Served, of_jinshui: list[Somebody], changes: dict[str, Any], code: str, path: list[str]
) -> None:
    given = application({"householdId": of_jinshui[0].household_id}) | changes
    before = writable_hub.everything_written()
    (error,) = writable_hub.ask(COUNTY, SUBMIT, {"input": given}).data["submitApplication"]["errors"]
    assert (error["code"], error["path"]) == (code, ["input", *path])
    assert error["message"]
    assert error["messageZh"]
    assert writable_hub.everything_written() == before
