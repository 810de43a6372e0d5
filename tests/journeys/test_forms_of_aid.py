"""46-3: each form is given by the department in charge of it. Aid that is given late or in part is saved, with a warning."""

from typing import Any

import pytest

from tests.fixtures.days import day
from tests.fixtures.served import Served
from tests.journeys.conftest import Somebody
from tests.journeys.outcomes import RECORD_AID, grant_of_a_pupil
from tests.journeys.overlaps import AMEND


def outcome(subject: dict[str, str], detail: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return grant_of_a_pupil(subject, detail=detail, externalId="FORM-1", program="项目", **changes)


def record(hub: Served, agency: str, given: dict[str, Any]) -> Any:
    return hub.ask(agency, RECORD_AID, {"input": given}).data["recordAid"]


def amend(hub: Served, agency: str, record: str, version: int, **changes: Any) -> list[str]:
    change = {"id": record, "expectedVersion": version, "reason": "录入有误", **changes}
    answer = hub.ask(agency, AMEND, {"input": change}).data["amendAid"]
    assert (answer["errors"], answer["aidRecord"]["version"]) == ([], version + 1)
    return [warning["code"] for warning in answer["warnings"]]


WRONG = [
    ("health@410105", {"medical": {"form": "PREMIUM_SUBSIDY"}}, "46-3.2.1"),
    ("health@410105", {"medical": {"form": "COST_AID"}}, "46-3.2.1"),
    ("medical_insurance@410105", {"medical": {"form": "EMERGENCY_FUND"}}, "46-3.2.1"),
    ("urban_construction@410105", {"housing": {"form": "PUBLIC_RENTAL"}}, "46-3.2.3"),
    ("urban_construction@410105", {"housing": {"form": "RENT_SUBSIDY"}}, "46-3.2.3"),
    ("housing_security@410105", {"housing": {"form": "HOUSE_RENOVATION"}}, "46-3.2.3"),
    ("disabled_federation@410105", {"other": {"form": "HEATING"}}, "46-3.5"),
    ("disabled_federation@410105", {"other": {"form": "GAS"}}, "46-3.5"),
    ("development_reform@410105", {"other": {"form": "DISABILITY_LIVING"}}, "46-3.5"),
]
RIGHT = [
    ("health@410105", {"medical": {"form": "EMERGENCY_FUND"}}),
    ("medical_insurance@410105", {"medical": {"form": "COST_AID"}}),
    ("urban_construction@410105", {"housing": {"form": "HOUSE_RENOVATION"}}),
    ("housing_security@410105", {"housing": {"form": "RENT_SUBSIDY"}}),
    ("disabled_federation@410105", {"other": {"form": "BARRIER_FREE"}}),
    ("development_reform@410105", {"other": {"form": "WATER"}}),
    ("civil_affairs@410105", {"other": {"form": "HEATING"}}),
]


@pytest.mark.parametrize(("agency", "detail", "clause"), WRONG)
def test_a_form_that_another_department_gives_is_refused_with_its_clause(
    hub: Served, of_sample: list[Somebody], agency: str, detail: dict[str, Any], clause: str
) -> None:
    before = hub.everything_written()
    (error,) = record(hub, agency, outcome({"householdId": of_sample[0].household_id}, detail))["errors"]
    assert (error["code"], error["path"]) == ("AID_FORM_NOT_YOURS", ["input", "detail", *detail, "form"])
    assert clause in error["message"]
    assert clause in error["messageZh"]
    assert hub.everything_written() == before


@pytest.mark.parametrize(("agency", "detail"), RIGHT)
def test_a_form_is_kept_from_the_department_that_gives_it(
    writable_hub: Served, of_jinshui: list[Somebody], agency: str, detail: dict[str, Any]
) -> None:
    subject = {"householdId": of_jinshui[0].household_id}
    assert record(writable_hub, agency, outcome(subject, detail))["errors"] == []
    ((body,),) = writable_hub.rows(
        "select e.body from chain_event e join household h on h.id = e.household_id where h.code = %s"
        " order by number desc limit 1",
        of_jinshui[0].household_code,
    )
    assert body["detail"]["form"] == next(iter(detail.values()))["form"]


def allowance(subject: dict[str, str], paid_on: str | None, **changes: Any) -> dict[str, Any]:
    detail = {"basicLiving": {"form": "EXTREME_HARDSHIP_SUPPORT", "payee": "PERSON"}}
    given = {
        "periodFrom": "2026-10-01",
        "periodUntil": "2026-10-31",
        "decidedOn": "2026-09-25",
        "paidOn": paid_on,
    }
    return outcome(subject, detail, **given | changes)


IN_TIME = """
mutation ($input: RecordAidInput!) {
  recordAid(input: $input) {
    aidRecord { id ... on BasicLivingAid { paidInTime } } errors { code } warnings { code message messageZh path }
  }
}
"""


@pytest.mark.parametrize(
    ("changes", "in_time"),
    [
        ({"paid_on": "2026-10-10"}, True),
        ({"paid_on": "2026-10-11"}, False),
        ({"paid_on": "2026-11-10", "decidedOn": "2026-10-11"}, True),
        ({"paid_on": "2026-11-11", "decidedOn": "2026-10-11"}, False),
        ({"paid_on": None, "status": "APPROVED"}, False),
        (
            {"paid_on": None, "status": "APPROVED", "periodFrom": "2099-01-01", "periodUntil": "2099-01-31"},
            None,
        ),
    ],
)
def test_an_allowance_paid_after_the_10th_is_kept_with_a_warning(
    writable_hub: Served, of_jinshui: list[Somebody], changes: dict[str, Any], in_time: bool | None
) -> None:
    given = allowance({"householdId": of_jinshui[0].household_id}, **changes)
    answer = writable_hub.ask("civil_affairs@410105", IN_TIME, {"input": given}).data["recordAid"]
    assert answer["errors"] == []
    assert answer["aidRecord"]["paidInTime"] is in_time
    late = in_time is False and changes["paid_on"] is not None
    assert [warning["code"] for warning in answer["warnings"]] == (["PAID_LATE"] if late else [])
    assert all(
        "46-3.1" in warning["message"] and "46-3.1" in warning["messageZh"] for warning in answer["warnings"]
    )


def test_a_premium_that_is_not_paid_in_full_for_extreme_hardship_is_kept_with_a_warning(
    writable_hub: Served,
) -> None:
    found = writable_hub.rows(
        "select h.code from certification c join household h on h.id = c.household_id"
        " where category = 'EXTREME_HARDSHIP' and c.ended_on is null and c.valid_from < %s"
        " and c.person_id is not null and h.region like '410105%%' limit 1",
        day(-20),
    )
    assert found, "the sample has somebody in extreme hardship in 金水区"
    members = writable_hub.ask(
        "civil_affairs@4101",
        "query ($c: String!) { household(code: $c) { members { id } } }",
        {"c": found[0][0]},
    ).data["household"]["members"]
    insurer = "medical_insurance@410105"
    days = {"periodFrom": day(-20), "periodUntil": day(300), "decidedOn": day(-20), "paidOn": day(-10)}
    for place, (full, warned) in enumerate([(False, True), (None, True), (True, False)]):
        detail = {"medical": {"form": "PREMIUM_SUBSIDY", "premiumInFull": full}}
        given = outcome({"personId": members[0]["id"]}, detail) | {"externalId": f"P-{place}", **days}
        answer = record(writable_hub, insurer, given)
        codes = [warning["code"] for warning in answer["warnings"] if warning["code"] != "DUPLICATE_AID"]
        assert (answer["errors"], codes) == ([], ["PREMIUM_NOT_IN_FULL"] if warned else [])
    in_part = {"medical": {"form": "PREMIUM_SUBSIDY", "premiumInFull": False}}
    kept = answer["aidRecord"]["id"]
    assert amend(writable_hub, insurer, kept, 1, detail=in_part) == ["PREMIUM_NOT_IN_FULL"]
    assert amend(writable_hub, insurer, kept, 2, detail=detail) == []


def test_an_allowance_that_an_amendment_says_was_paid_after_the_10th_is_kept_with_a_warning(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    office = "civil_affairs@410105"
    given = allowance({"householdId": of_jinshui[0].household_id}, None, status="APPROVED")
    kept = record(writable_hub, office, given)["aidRecord"]["id"]
    assert amend(writable_hub, office, kept, 1, status="PAID", paidOn="2026-10-11") == ["PAID_LATE"]
    assert amend(writable_hub, office, kept, 2, paidOn="2026-10-10") == []
