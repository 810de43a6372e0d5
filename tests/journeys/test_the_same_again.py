"""46-2.1, 避免救助遗漏或重复救助: the same aid from the same agency under another number is saved, with a warning and a case."""

from typing import Any

import pytest

from hub.sample.planted import Planted, planted_codes
from tests.fixtures.served import Served
from tests.journeys.overlaps import AMEND, CASES, RECORD, RECORDS, outcome, paid_first, schooling
from tests.journeys.test_overlaps import CITY, MEMBERS

SCHOOLS, TOWNSHIP = "education@410102", "civil_affairs@410102"


@pytest.fixture
def pupil(writable_hub: Served) -> dict[str, str]:
    """A member of a household of 中原区."""
    (code,) = planted_codes()[Planted.STUDENT_WITHOUT_AID]
    members = writable_hub.ask(CITY, MEMBERS, {"code": code}).data["household"]["members"]
    return {"personId": members[-1]["id"]}


def written(served: Served, agency: str, mutation: str, given: Any) -> Any:
    """The payload of a mutation."""
    (payload,) = served.ask(agency, mutation, {"input": given}).data.values()
    return payload


def codes(payload: Any) -> list[str]:
    """The codes of the warnings of a payload."""
    return [warning["code"] for warning in payload["warnings"]]


def test_46_2_1_the_same_agency_under_another_number_is_told_and_becomes_a_case(
    writable_hub: Served, pupil: dict[str, str]
) -> None:
    first = outcome(pupil, schooling(), program="困难学生助学金")
    recorded = written(writable_hub, SCHOOLS, RECORD, first)
    assert (recorded["created"], codes(recorded)) == (True, [])
    assert codes(written(writable_hub, SCHOOLS, RECORD, first)) == [], "the same again is the same record"

    again = written(writable_hub, SCHOOLS, RECORD, first | {"externalId": "MEETS-2"})
    assert (again["created"], again["errors"], codes(again)) == (True, [], ["DUPLICATE_AID"])
    (case,) = writable_hub.ask(CITY, CASES).data["overlapCases"]["nodes"]
    assert (case["rule"], case["clause"]) == ("NO_DUPLICATE", "46-2.1")
    assert (case["firstAgency"], case["secondAgency"]) == (SCHOOLS, SCHOOLS)


def test_46_2_1_an_amendment_is_no_duplicate_of_what_it_amends(
    writable_hub: Served, pupil: dict[str, str]
) -> None:
    recorded = written(writable_hub, SCHOOLS, RECORD, outcome(pupil, schooling()))
    change = {
        "id": recorded["aidRecord"]["id"],
        "expectedVersion": 1,
        "reason": "金额录入有误",
        "amount": "1300.00",
    }
    amended = written(writable_hub, SCHOOLS, AMEND, change)
    assert (amended["aidRecord"]["version"], codes(amended)) == (2, [])


def test_46_2_1_another_form_of_the_same_programme_and_another_term_are_no_duplicates(
    writable_hub: Served, pupil: dict[str, str]
) -> None:
    first = outcome(pupil, schooling())
    assert codes(written(writable_hub, SCHOOLS, RECORD, first)) == []
    waiver = first | {"externalId": "MEETS-2", "detail": schooling("FEE_WAIVER")}
    assert codes(written(writable_hub, SCHOOLS, RECORD, waiver)) == []
    year = first["periodFrom"][:4]
    later = {"externalId": "MEETS-3", "periodFrom": f"{year}-04-01", "periodUntil": f"{year}-06-30"}
    assert codes(written(writable_hub, SCHOOLS, RECORD, first | later)) == []


def test_46_2_1_two_of_one_batch_are_seen_too(writable_hub: Served, pupil: dict[str, str]) -> None:
    first = outcome(pupil, schooling())
    batch = {"outcomes": [first, first | {"externalId": "MEETS-2"}]}
    one, other = written(writable_hub, SCHOOLS, RECORDS, batch)["outcomes"]
    assert (codes(one), codes(other)) == ([], ["DUPLICATE_AID"])
    assert writable_hub.ask(CITY, CASES).data["overlapCases"]["totalCount"] == 1


def test_46_3_3_urgent_aid_of_the_next_day_is_of_one_matter(
    writable_hub: Served, pupil: dict[str, str]
) -> None:
    year = outcome(pupil, {})["periodFrom"][:4]

    def on(number: str, day: str) -> Any:
        urgent = outcome(pupil, paid_first("410102"), externalId=number, amount="300.00")
        return written(
            writable_hub,
            TOWNSHIP,
            RECORD,
            urgent | {"periodFrom": f"{year}-{day}", "periodUntil": f"{year}-{day}"},
        )

    assert codes(on("MEETS-1", "03-01")) == []
    assert codes(on("MEETS-2", "03-02")) == ["DUPLICATE_AID"]
    assert codes(on("MEETS-3", "03-04")) == []
