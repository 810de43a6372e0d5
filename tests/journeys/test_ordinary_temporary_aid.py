"""46-3.3: 临时救助 by its ordinary procedure. The county confirms it. Aid above the limit in an emergency may be decided by a
conference, or the county states why not."""

from typing import Any

import pytest

from tests.fixtures.served import Served
from tests.journeys.conftest import Somebody
from tests.journeys.outcomes import AMEND_AID, RECORD_AID, urgent_payment

COUNTY, TOWNSHIP, ELSEWHERE = "civil_affairs@410105", "civil_affairs@410105001", "civil_affairs@410103"
READ = "query ($id: ID!) { node(id: $id) { ... on TemporaryAid { form amount noConferenceReason } } }"
REASON = "火灾后急需安置,来不及召开会议"


def ordinary(form: str, subject: dict[str, str], amount: str, **detail: Any) -> dict[str, Any]:
    temporary = {"form": form, "trouble": "突发火灾", "happenedAtRegion": "410105001", **detail}
    return urgent_payment(subject, amount=amount, detail={"temporary": temporary})


def record(hub: Served, agency: str, given: dict[str, Any]) -> Any:
    return hub.ask(agency, RECORD_AID, {"input": given}).data["recordAid"]


def refusal(hub: Served, agency: str, given: dict[str, Any]) -> tuple[str, str]:
    """The code and the last step of the path of the only error. Nothing was written, and the message exists in both
    languages."""
    before = hub.everything_written()
    (error,) = record(hub, agency, given)["errors"]
    assert hub.everything_written() == before
    assert error["message"].isascii()
    assert "46-3.3" in error["messageZh"]
    return error["code"], error["path"][-1]


@pytest.mark.parametrize("form", ["EMERGENCY_TYPE", "EXPENDITURE_TYPE"])
def test_46_3_3_a_township_pays_first_and_the_county_confirms_the_ordinary_aid(
    writable_hub: Served, of_jinshui: list[Somebody], form: str
) -> None:
    given = ordinary(form, {"personId": of_jinshui[2].person_id}, "1500.00")
    assert refusal(writable_hub, TOWNSHIP, given) == ("COUNTY_CONFIRMATION_REQUIRED", "form")
    kept = record(writable_hub, COUNTY, given)
    assert kept["errors"] == []
    seen = writable_hub.ask(COUNTY, READ, {"id": kept["aidRecord"]["id"]}).data["node"]
    assert seen == {"form": form, "amount": "1500.00", "noConferenceReason": None}


def test_46_3_3_above_three_times_the_standard_a_conference_may_decide_or_the_county_says_why_not(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    subject = {"personId": of_jinshui[2].person_id}
    above = ordinary("EMERGENCY_TYPE", subject, "2280.01")
    assert refusal(writable_hub, COUNTY, above) == ("CONFERENCE_OR_REASON_REQUIRED", "noConferenceReason")
    kept = record(
        writable_hub, COUNTY, ordinary("EMERGENCY_TYPE", subject, "2280.01", noConferenceReason=REASON)
    )
    assert kept["errors"] == []
    seen = writable_hub.ask(COUNTY, READ, {"id": kept["aidRecord"]["id"]}).data["node"]
    assert seen["noConferenceReason"] == REASON


def test_46_3_3_a_correction_above_three_times_the_standard_says_why_too(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    within = ordinary("EMERGENCY_TYPE", {"personId": of_jinshui[2].person_id}, "2280.00")
    kept = record(writable_hub, COUNTY, within)["aidRecord"]
    raised = {"id": kept["id"], "expectedVersion": 1, "reason": "损失核定有误", "amount": "6000.00"}
    answer = writable_hub.ask(COUNTY, AMEND_AID, {"input": raised}).data["amendAid"]
    assert [error["code"] for error in answer["errors"]] == ["CONFERENCE_OR_REASON_REQUIRED"]


def test_46_3_3_an_emergency_is_helped_where_it_happens_and_heavy_expense_where_the_household_lives(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    by_number = {"idNumber": of_jinshui[2].id_number}
    expense = ordinary("EXPENDITURE_TYPE", by_number, "900.00")
    assert record(writable_hub, ELSEWHERE, expense)["errors"][0]["code"] == "NOT_FOUND"
    emergency = ordinary("EMERGENCY_TYPE", by_number, "900.00", happenedAtRegion="410103001")
    assert record(writable_hub, ELSEWHERE, emergency)["errors"] == []


def test_46_3_5_the_nursing_allowance_does_not_answer_for_the_living_allowance(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    """46-3.5 names 困难残疾人生活补贴 alone; a person may receive both allowances."""
    subject, federation = {"personId": of_jinshui[2].person_id}, "disabled_federation@410105"
    for form in ("DISABILITY_LIVING", "DISABILITY_NURSING"):
        given = urgent_payment(subject, externalId=form, program=form, detail={"other": {"form": form}})
        kept = record(writable_hub, federation, given)
        assert (kept["errors"], [one["code"] for one in kept["warnings"]]) == ([], [])
    refused = record(
        writable_hub,
        "development_reform@410105",
        urgent_payment(subject, detail={"other": {"form": "DISABILITY_NURSING"}}),
    )
    assert [error["code"] for error in refused["errors"]] == ["AID_FORM_NOT_YOURS"]


def paid_first(subject: dict[str, str], number: str, amount: str, happened_on: str | None) -> dict[str, Any]:
    day = {} if happened_on is None else {"happenedOn": happened_on}
    temporary = {"form": "PAY_FIRST", "trouble": "突发火灾", "happenedAtRegion": "410105001", **day}
    return urgent_payment(subject, externalId=number, amount=amount, detail={"temporary": temporary})


def test_46_3_3_three_times_the_standard_is_for_a_matter_however_many_payments_it_takes(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    """ "临时救助事项": the limit is 2,280.00 yuan here. An event of another day is another matter."""
    subject = {"personId": of_jinshui[2].person_id}
    fire, crash = "2026-09-28", "2026-09-30"
    first = record(writable_hub, TOWNSHIP, paid_first(subject, "M-1", "2000.00", fire))
    assert first["errors"] == []
    assert record(writable_hub, TOWNSHIP, paid_first(subject, "M-2", "280.00", fire))["errors"] == []
    more = paid_first(subject, "M-3", "0.01", fire)
    assert refusal(writable_hub, TOWNSHIP, more) == ("MATTER_LIMIT_EXCEEDED", "amount")
    other = record(writable_hub, TOWNSHIP, paid_first(subject, "M-4", "2280.00", crash))
    assert (other["errors"], other["warnings"]) == ([], [])
    raised = {"id": first["aidRecord"]["id"], "expectedVersion": 1, "reason": "有误", "amount": "2000.01"}
    answer = writable_hub.ask(TOWNSHIP, AMEND_AID, {"input": raised}).data["amendAid"]
    assert [error["code"] for error in answer["errors"]] == ["MATTER_LIMIT_EXCEEDED"]
    lowered = raised | {"amount": "1999.99"}
    assert writable_hub.ask(TOWNSHIP, AMEND_AID, {"input": lowered}).data["amendAid"]["errors"] == []
    assert record(writable_hub, TOWNSHIP, more)["errors"] == []


def test_46_3_3_two_offices_are_warned_of_one_matter_and_not_of_two(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    subject = {"personId": of_jinshui[2].person_id}
    record(writable_hub, TOWNSHIP, paid_first(subject, "M-1", "2000.00", "2026-09-28"))
    for day, warned in (("2026-09-28", ["ABOVE_CAP"]), ("2026-09-30", []), (None, ["ABOVE_CAP"])):
        given = paid_first(subject, f"M-{day}", "900.00", day) | {"program": f"救助{day}"}
        kept = record(writable_hub, COUNTY, given)
        assert (kept["errors"], [one["code"] for one in kept["warnings"]]) == ([], warned), day
