"""46-3.1: which members of a covered household have the supplement of 100 yuan a month, why, and an allowance with another
supplement."""

from datetime import date, timedelta
from typing import Any

from auth.departments import DEPARTMENTS
from auth.scopes import Scope
from hub.foundation.calendar import today
from hub.sample.calendar import month_end, months_before
from tests.fixtures.days import this_year
from tests.fixtures.served import Served
from tests.journeys.conftest import Somebody
from tests.journeys.outcomes import RECORD_AID, grant_of_a_pupil
from tests.journeys.overlaps import AMEND

OFFICE = "civil_affairs@410105"
SUPPLEMENTS = """
query ($region: String!) {
  households(filter: {region: $region}, first: 100) {
    nodes {
      id
      members {
        birthDate disabilityGrade health educationStage
        monthlySupplement { severelyDisabled seriouslyIll aged inCollege minor covered yuan policyBasis }
      }
    }
  }
}
"""


def members(hub: Served, **options: Any) -> list[Any]:
    reply = hub.ask(OFFICE, SUPPLEMENTS, {"region": "410105"}, **options)
    nodes = reply.body["data"]["households"]["nodes"]
    return [{**member, "household": node["id"]} for node in nodes for member in node["members"]]


def test_a_member_has_the_supplement_once_whatever_the_number_of_classes(hub: Served) -> None:
    found = members(hub)
    several = 0
    for member in found:
        told = member["monthlySupplement"]
        classes = [told[name] for name in ("severelyDisabled", "seriouslyIll", "aged", "inCollege", "minor")]
        assert told["severelyDisabled"] == (member["disabilityGrade"] in (1, 2))
        assert told["seriouslyIll"] == (member["health"] == "SERIOUS")
        assert told["inCollege"] == (member["educationStage"] == "COLLEGE")
        assert told["minor"] <= (member["birthDate"] >= f"{this_year() - 18}-01-01")
        assert told["aged"] <= (member["birthDate"] < f"{this_year() - 69}-01-01")
        assert told["yuan"] == ("100.00" if told["covered"] and any(classes) else "0.00")
        assert told["policyBasis"] == "46-3.1"
        several += told["covered"] and sum(classes) > 1
    assert several, "the sample has a covered member of two classes"


def test_a_class_is_closed_to_who_may_not_read_the_fact_it_rests_on(hub: Served) -> None:
    without = DEPARTMENTS["civil_affairs"].scopes - {Scope.PERSON_HEALTH_READ}
    told = [member["monthlySupplement"] for member in members(hub, scopes=without)]
    assert {one["seriouslyIll"] for one in told} == {one["yuan"] for one in told} == {None}
    assert {one["severelyDisabled"] for one in told} == {True, False}


def test_what_only_a_closed_registry_could_report_is_unknown_and_not_false(hub: Served) -> None:
    scopes = DEPARTMENTS["civil_affairs"].scopes
    federation, deaths = Scope.CIRCUMSTANCE_DISABLED_FEDERATION_READ, Scope.CIRCUMSTANCE_CIVIL_AFFAIRS_READ
    whole, without_reports, without_deaths = (
        [member["monthlySupplement"] for member in members(hub, scopes=scopes - {closed})]
        for closed in (None, federation, deaths)
    )
    assert {one["severelyDisabled"] for one in without_reports} == {True, None}
    assert {one["yuan"] for one in without_reports} == {"0.00", "100.00", None}
    assert {one["yuan"] for one in without_deaths} == {"0.00", None}, "who may be dead has no certain amount"
    for less in (without_reports, without_deaths):
        for known, one in zip(whole, less, strict=True):
            assert all(value in (None, known[name]) for name, value in one.items())
            assert one["seriouslyIll"] == known["seriouslyIll"]


def month_paid() -> date:
    """The last month whose allowances, due by the 10th, are paid in the sample; its first day."""
    return (today() - timedelta(days=10)).replace(day=1)


def allowance(household: str, supplement: str | None, number: str) -> dict[str, Any]:
    detail = {
        "basicLiving": {"form": "SUBSISTENCE_ALLOWANCE", "payee": "PERSON", "monthSupplement": supplement}
    }
    first = month_paid()
    days = {
        "periodFrom": str(first),
        "periodUntil": str(month_end(first)),
        "decidedOn": str(first),
        "paidOn": str(first + timedelta(days=5)),
    }
    return grant_of_a_pupil(
        {"householdId": household}, detail=detail, externalId=number, program="低保金", **days
    )


def test_an_allowance_with_another_supplement_is_kept_and_only_who_reads_the_facts_is_told(
    writable_hub: Served, of_jinshui: list[Somebody]
) -> None:
    (found, *_) = writable_hub.rows(
        "select h.code, (select sum(d.month_supplement) from aid_record a join basic_living_detail d"
        " using (household_id, id, version) where a.household_id = h.id and a.period_from = %s"
        " and a.superseded_at is null) from household h join certification c on c.household_id = h.id"
        " where c.category = 'SUBSISTENCE_ALLOWANCE' and c.person_id is null and c.ended_on is null"
        " and c.valid_from < %s and h.region like %s"
        " and exists (select from person p where p.household_id = h.id and p.birth_date > %s)",
        month_paid(),
        months_before(month_paid(), 1),
        "410105%",
        date(this_year() - 16, 1, 1),
    )
    code, due = found
    household = next(somebody.household_id for somebody in of_jinshui if somebody.household_code == code)
    finance = "finance@410105"
    for number, (agency, supplement, warned) in enumerate(
        [
            (OFFICE, str(due), False),
            (OFFICE, str(due + 100), True),
            (OFFICE, None, True),
            (finance, None, False),
        ]
    ):
        given = allowance(household, supplement, f"LOW-{number}")
        answer = writable_hub.ask(agency, RECORD_AID, {"input": given}).data["recordAid"]
        assert answer["errors"] == []
        told = [warning for warning in answer["warnings"] if warning["code"] != "DUPLICATE_AID"]
        assert [warning["code"] for warning in told] == (["SUPPLEMENT_DIFFERS"] if warned else [])
        assert all("46-3.1" in warning["message"] and "46-3.1" in warning["messageZh"] for warning in told)
        change = {
            "id": answer["aidRecord"]["id"],
            "expectedVersion": 1,
            "reason": "备注有误",
            "outcome": "已到账",
        }
        amended = writable_hub.ask(agency, AMEND, {"input": change}).data["amendAid"]
        again = [(warning["code"], warning["path"]) for warning in amended["warnings"]]
        assert again == ([("SUPPLEMENT_DIFFERS", ["input"])] if warned else []), "it differs still"
    last = writable_hub.rows(
        "select e.type, e.agency_id from chain_event e join household h on h.id = e.household_id where h.code = %s"
        " and e.type not in ('OVERLAP_FOUND', 'AID_AMENDED') order by number desc limit 4",
        code,
    )
    assert last == [("AID_RECORDED", finance)] + [("AID_RECORDED", OFFICE)] * 3
