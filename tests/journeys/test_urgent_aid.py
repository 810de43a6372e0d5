"""46-3.3: urgent aid is paid first up to the limit, its papers follow, and above the limit a case conference may decide."""

from datetime import timedelta
from typing import Any

import pytest

from hub.foundation.calendar import today
from tests.fixtures.served import Served
from tests.journeys.conftest import Somebody
from tests.journeys.outcomes import AMEND_AID, RECORD_AID, urgent_payment

COUNTY, TOWNSHIP = "civil_affairs@410105", "civil_affairs@410105001"
SUPPLY = """
mutation ($input: SupplyPapersInput!) {
  supplyPapers(input: $input) {
    aidRecord { id version ... on TemporaryAid { papersSuppliedOn papersOverdue amendmentReason } }
    errors { code message messageZh path }
  }
}
"""
OPEN = """
mutation ($input: OpenConferenceInput!) {
  openConference(input: $input) { conference { id version } errors { code path } }
}
"""
CLOSE = """
mutation ($input: CloseConferenceInput!) {
  closeConference(input: $input) { conference { status } errors { code path } }
}
"""
OVERDUE = """
query ($filter: AidRecordFilter) {
  aidRecords(filter: $filter, first: 100) { nodes { id ... on TemporaryAid { papersOverdue papersDueOn } } }
}
"""


def by_conference(subject: dict[str, str], number: str | None, **changes: Any) -> dict[str, Any]:
    detail = {
        "form": "CASE_CONFERENCE",
        "trouble": "重大车祸",
        "happenedAtRegion": "410105001",
        "conference": number,
    }
    return urgent_payment(subject, **{"amount": "9000.00", "detail": {"temporary": detail}} | changes)


def record(hub: Served, given: dict[str, Any], agency: str = COUNTY) -> Any:
    return hub.ask(agency, RECORD_AID, {"input": given}).data["recordAid"]


def refused(hub: Served, given: dict[str, Any], agency: str = COUNTY) -> tuple[str, list[str]]:
    """The code and path of the only error. Nothing was written, and the message exists in both languages."""
    before = hub.everything_written()
    answer = record(hub, given, agency)
    assert hub.everything_written() == before
    assert answer["aidRecord"] is None
    (error,) = answer["errors"]
    assert error["message"].isascii()
    assert not error["messageZh"].isascii()
    return error["code"], error["path"]


def events(hub: Served, somebody: Somebody, last: int) -> list[Any]:
    """The last events of the household's chain, oldest first."""
    rows = hub.rows(
        "select e.type, e.policy_basis, e.body from chain_event e join household h on h.id = e.household_id"
        " where h.code = %s order by number desc limit %s",
        somebody.household_code,
        last,
    )
    return rows[::-1]


@pytest.mark.parametrize(
    ("region", "most"), [("410105001", "2280.00"), ("410105", "2280.00"), ("410122101", "1680.00")]
)
def test_three_months_of_the_standard_where_it_happens_are_paid_first_and_not_a_cent_more(
    writable_hub: Served, of_jinshui: list[Somebody], region: str, most: str
) -> None:
    subject, agency = {"idNumber": of_jinshui[3].id_number}, f"civil_affairs@{region[:6]}"
    assert refused(writable_hub, urgent_payment(subject, region, amount=most[:-1] + "1"), agency) == (
        "PAY_FIRST_LIMIT_EXCEEDED",
        ["input", "amount"],
    )
    kept = record(writable_hub, urgent_payment(subject, region, amount=most), agency)
    assert kept["errors"] == []
    beside = [] if region.startswith("410105") else ["SIGHT_GIVEN"]
    (kind, clause, body), *told = events(writable_hub, of_jinshui[3], 1 + len(beside))
    assert [type_ for type_, *_ in told] == beside, "an office from elsewhere sees its record"
    assert (kind, clause, body["amount"]) == ("AID_RECORDED", "46-3.3", most)
    assert body["detail"]["papers_due_on"] == "2026-11-03"


def test_a_day_without_a_standard_on_record_is_refused(hub: Served, of_sample: list[Somebody]) -> None:
    given = urgent_payment({"personId": of_sample[0].person_id}, decidedOn="2019-12-31")
    assert refused(hub, given) == ("STANDARD_UNKNOWN", ["input", "amount"])


def test_papers_fall_due_in_working_days_and_an_amendment_says_when_they_came(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    subject = {"personId": of_jinshui[1].person_id}
    long_ago, now = (
        urgent_payment(subject),
        urgent_payment(subject, decidedOn=str(today()), externalId="URGENT-2"),
    )
    late, fresh = record(writable_hub, long_ago)["aidRecord"], record(writable_hub, now)["aidRecord"]
    shown = writable_hub.ask(COUNTY, OVERDUE, {"filter": {"papersOverdue": True}}).data["aidRecords"]["nodes"]
    assert [one["id"] for one in shown] == [late["id"]]
    others = writable_hub.ask(COUNTY, OVERDUE, {"filter": {"papersOverdue": False, "program": "临时救助金"}})
    assert [node["id"] for node in others.data["aidRecords"]["nodes"]] == [fresh["id"]]

    def supply(**changes: Any) -> Any:
        given = {"id": late["id"], "expectedVersion": 1, "suppliedOn": "2026-11-20"} | changes
        return writable_hub.ask(COUNTY, SUPPLY, {"input": given}).data["supplyPapers"]

    tomorrow = str(today() + timedelta(days=1))
    for wrong, code in (
        ({"suppliedOn": tomorrow}, "INVALID_INPUT"),
        ({"suppliedOn": "2026-10-01"}, "INVALID_INPUT"),
        ({"expectedVersion": 2}, "STALE_VERSION"),
    ):
        assert [error["code"] for error in supply(**wrong)["errors"]] == [code]
    answer = supply()
    assert answer["errors"] == []
    assert (answer["aidRecord"]["papersSuppliedOn"], answer["aidRecord"]["papersOverdue"]) == (
        "2026-11-20",
        False,
    )
    assert [error["code"] for error in supply(expectedVersion=2)["errors"]] == ["NO_PAPERS_DUE"]
    ((kind, _, body),) = events(writable_hub, of_jinshui[1], 1)
    assert (kind, body["detail"]["papers_supplied_on"], body["version"]) == ("AID_AMENDED", "2026-11-20", 2)


def test_above_the_limit_aid_names_a_conference_that_was_held_and_set_as_much(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    subject = {"personId": of_jinshui[2].person_id}
    assert refused(writable_hub, by_conference(subject, None)) == (
        "CONFERENCE_REQUIRED",
        ["input", "detail", "temporary", "conference"],
    )
    assert refused(writable_hub, by_conference(subject, "会-1")) == (
        "NOT_FOUND",
        ["input", "detail", "temporary", "conference"],
    )
    called = {
        "externalId": "会-1",
        "subject": subject,
        "matter": "车祸后无力支付",
        "meetsOn": str(today()),
        "participants": [TOWNSHIP],
    }
    opened = writable_hub.ask(COUNTY, OPEN, {"input": called}).data["openConference"]
    assert opened["errors"] == []
    assert refused(writable_hub, by_conference(subject, "会-1"))[0] == "CONFERENCE_NOT_HELD"
    minutes = {
        "id": opened["conference"]["id"],
        "expectedVersion": 1,
        "heldOn": str(today()),
        "minutes": "议定如下",
        "decision": "给予临时救助",
        "measures": [{"agency": COUNTY, "kind": "TEMPORARY", "what": "临时救助", "amount": "8000.00"}],
    }
    assert writable_hub.ask(COUNTY, CLOSE, {"input": minutes}).data["closeConference"]["errors"] == []
    assert refused(writable_hub, by_conference(subject, "会-1")) == (
        "NOT_DECIDED_BY_CONFERENCE",
        ["input", "amount"],
    )
    other = {"personId": of_jinshui[3].person_id}
    assert refused(writable_hub, by_conference(other, "会-1", amount="8000.00"))[0] == "NOT_FOUND"
    assert (
        refused(writable_hub, by_conference(subject, "会-1", amount="8000.00"), TOWNSHIP)[0]
        == "NOT_DECIDED_BY_CONFERENCE"
    )

    kept = record(writable_hub, by_conference(subject, "会-1", amount="8000.00"))
    assert kept["errors"] == []
    chain = events(writable_hub, of_jinshui[2], 3)
    assert [kind for kind, _, _ in chain] == ["CONFERENCE_CALLED", "CONFERENCE_HELD", "AID_RECORDED"]
    assert chain[-1][2]["detail"]["conference"] == "会-1"


def test_an_amendment_cannot_lift_what_was_paid_first_above_the_limit(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    kept = record(writable_hub, urgent_payment({"personId": of_jinshui[0].person_id}))["aidRecord"]
    change = {"id": kept["id"], "expectedVersion": 1, "reason": "金额有误", "amount": "2300.00"}
    answer = writable_hub.ask(COUNTY, AMEND_AID, {"input": change}).data["amendAid"]
    assert answer["errors"] == [{"code": "PAY_FIRST_LIMIT_EXCEEDED", "path": ["input", "amount"]}]
