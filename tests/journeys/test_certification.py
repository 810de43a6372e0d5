"""Who belongs to the low-income population: certified by an authority, for a time, and ended for a reason (46-1.2)."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from hub.sample.planted import Planted, planted_codes
from tests.fixtures.days import day
from tests.fixtures.served import Served
from tests.journeys.outcomes import CERTIFY, RECORD_AID, TERMINATE, certification

HOUSEHOLD = """
query ($code: String!) {
  household(code: $code) {
    id code category partlyCovered region { code }
    coveredMembers { id }
    members { id }
    certifications { id version category person { id } endedOn endedBecause authority { code } }
    chain {
      head { type agency { code } policyBasis certification { id endedOn } }
      verified { whole }
    }
  }
}
"""


def look(served: Served, code: str, agency: str = "civil_affairs@4101") -> Any:
    """The household as an agency sees it."""
    return served.ask(agency, HOUSEHOLD, {"code": code}).data["household"]


def office_of(household: Any) -> str:
    """The township office where a household lives."""
    return f"civil_affairs@{household['region']['code'][:9]}"


def certified(served: Served, agency: str, given: dict[str, Any]) -> Any:
    """The payload of a certification."""
    return served.ask(agency, CERTIFY, {"input": given}).data["certify"]


def ended(served: Served, agency: str, given: dict[str, Any]) -> Any:
    """The payload of the end of a certification."""
    return served.ask(agency, TERMINATE, {"input": given}).data["terminateCertification"]


@pytest.fixture
def outside(writable_hub: Served) -> Any:
    """A household of the sample that has no category but has a severely disabled member (46-2.3)."""
    (code,) = planted_codes()[Planted.SEVERE_DISABILITY_OUTSIDE]
    found = look(writable_hub, code)
    assert (found["category"], found["partlyCovered"], found["coveredMembers"]) == (None, False, [])
    return found


def test_46_1_2_the_same_request_again_answers_the_same_certification_and_writes_nothing(
    writable_hub: Served, outside: Any
) -> None:
    office = office_of(outside)
    given = certification({"householdId": outside["id"]}, "SUBSISTENCE_MARGIN")
    first = certified(writable_hub, office, given)
    before = writable_hub.everything_written()
    assert certified(writable_hub, office, given) == first
    other = certified(writable_hub, office, given | {"validUntil": day(400)})
    assert [(error["code"], error["path"]) for error in other["errors"]] == [
        ("CONFLICT", ["input", "externalId"])
    ]
    assert writable_hub.everything_written() == before


def test_46_1_2_sixteen_clients_certify_one_household_and_one_certification_stands(
    writable_hub: Served, outside: Any
) -> None:
    office = office_of(outside)

    def one_of_them(place: int) -> Any:
        day = f"2026-10-{place % 4 + 1:02}"
        given = certification(
            {"householdId": outside["id"]}, "SUBSISTENCE_MARGIN", externalId=f"C-{place}", validFrom=day
        )
        return certified(writable_hub, office, given)

    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(one_of_them, range(16)))
    kept = [answer["certification"] for answer in answers if not answer["errors"]]
    codes = {error["code"] for answer in answers for error in answer["errors"]}
    assert codes <= {"ALREADY_CERTIFIED", "CERTIFICATION_OVERLAPS"}
    assert 1 <= len(kept) <= 4
    found = look(writable_hub, outside["code"])
    assert len(found["certifications"]) == len(kept)
    (stands,) = [one for one in found["certifications"] if one["endedOn"] is None]
    assert stands["id"] == max(kept, key=lambda one: one["validFrom"])["id"]
    assert max(one["validFrom"] for one in kept) == "2026-10-04"
    assert found["chain"]["verified"]["whole"]


def test_46_1_2_the_same_request_from_sixteen_connections_is_one_certification(
    writable_hub: Served, outside: Any
) -> None:
    given = certification({"householdId": outside["id"]}, "RIGID_EXPENDITURE")
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: certified(writable_hub, office_of(outside), given), range(16)))
    assert [answer["errors"] for answer in answers] == [[]] * 16
    assert len({answer["certification"]["id"] for answer in answers}) == 1
    assert len(look(writable_hub, outside["code"])["certifications"]) == 1


def test_46_1_2_two_offices_certify_one_household_at_the_same_moment_and_one_of_them_is_told(
    writable_hub: Served, outside: Any
) -> None:
    offices = [f"agriculture@{outside['region']['code'][:digits]}" for digits in (4, 6)]
    given = certification(
        {"householdId": outside["id"]}, "POVERTY_RELAPSE_MONITORED", subtype="SUDDEN_HARDSHIP"
    )
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda office: certified(writable_hub, office, given), offices * 4))
    kept = {answer["certification"]["id"] for answer in answers if not answer["errors"]}
    told = [(error["code"], error["path"]) for answer in answers for error in answer["errors"]]
    assert len(kept) == 1
    assert told == [("ALREADY_CERTIFIED", ["input", "validFrom"])] * 4, (
        "one office is kept, each time it asks"
    )
    found = look(writable_hub, outside["code"])
    assert [one["id"] for one in found["certifications"]] == [*kept]
    assert found["chain"]["head"]["certification"]["id"] in kept
    assert found["chain"]["verified"]["whole"]


def test_46_1_2_a_later_day_renews_and_what_stood_ends_on_it(writable_hub: Served, outside: Any) -> None:
    office, whom = office_of(outside), {"householdId": outside["id"]}
    certified(writable_hub, office, certification(whom, "SUBSISTENCE_MARGIN", validFrom="2025-10-01"))
    given = certification(whom, "SUBSISTENCE_MARGIN", externalId="CERT-2", validFrom="2026-10-01")
    assert certified(writable_hub, office, given)["errors"] == []
    earlier = certified(writable_hub, office, given | {"externalId": "CERT-3", "validFrom": "2026-02-01"})
    assert [error["code"] for error in earlier["errors"]] == ["ALREADY_CERTIFIED"]
    found = look(writable_hub, outside["code"])["certifications"]
    assert [(one["endedOn"], one["endedBecause"]) for one in found] == [
        (None, None),
        ("2026-10-01", "RECERTIFIED"),
    ]
    end = {"id": found[0]["id"], "expectedVersion": 1, "because": "FALSE_CLAIM", "endedOn": "2026-11-01"}
    assert ended(writable_hub, office, end)["errors"] == []
    over = certified(writable_hub, office, given | {"externalId": "CERT-4", "validFrom": "2026-10-31"})
    assert [(error["code"], error["path"]) for error in over["errors"]] == [
        ("CERTIFICATION_OVERLAPS", ["input", "validFrom"])
    ]


def test_46_2_3_a_household_covered_in_part_says_so_and_whole_coverage_takes_its_place(
    writable_hub: Served, outside: Any
) -> None:
    office, members = office_of(outside), [member["id"] for member in outside["members"]]
    assert len(members) == 2
    one = certification({"personId": members[0]}, "SUBSISTENCE_ALLOWANCE")
    assert certified(writable_hub, office, one)["errors"] == []
    found = look(writable_hub, outside["code"])
    assert (found["category"], found["partlyCovered"]) == ("SUBSISTENCE_ALLOWANCE", True)
    assert found["coveredMembers"] == [{"id": members[0]}]
    asked = "query ($r: String!) { households(filter: {region: $r, partlyCovered: true}, first: 100) { nodes { code } } }"
    region = {"r": outside["region"]["code"]}
    listed = writable_hub.ask("civil_affairs@4101", asked, region).data["households"]["nodes"]
    assert {"code": outside["code"]} in listed

    other = certification({"personId": members[1]}, "SUBSISTENCE_ALLOWANCE", externalId="CERT-2")
    assert certified(writable_hub, office, other)["errors"] == []
    found = look(writable_hub, outside["code"])
    assert (found["partlyCovered"], len(found["coveredMembers"])) == (False, 2), (
        "each one is covered: none is left out"
    )

    whole = certification(
        {"householdId": outside["id"]}, "SUBSISTENCE_ALLOWANCE", externalId="CERT-3", validFrom="2026-11-01"
    )
    assert certified(writable_hub, office, whole)["errors"] == []
    found = look(writable_hub, outside["code"])
    assert found["partlyCovered"] is False
    assert [one["endedBecause"] for one in found["certifications"]] == [
        None,
        "COVERED_WHOLE",
        "COVERED_WHOLE",
    ]
    again = certified(writable_hub, office, one | {"externalId": "CERT-4", "validFrom": "2026-11-02"})
    assert [(error["code"], error["path"]) for error in again["errors"]] == [
        ("HOUSEHOLD_ALREADY_COVERED", ["input", "subject"])
    ]
    assert found["chain"]["verified"]["whole"]


def test_46_2_3_a_household_covered_whole_is_ended_before_its_members_are_covered_one_by_one(
    writable_hub: Served, outside: Any
) -> None:
    office = office_of(outside)
    whole = certification({"householdId": outside["id"]}, "SUBSISTENCE_ALLOWANCE")
    stands = certified(writable_hub, office, whole)["certification"]
    given = {"expectedVersion": 1, "because": "COVERED_BY_MEMBER", "endedOn": "2026-11-01"}
    assert ended(writable_hub, office, {"id": stands["id"], **given})["errors"] == []
    member = certification(
        {"personId": outside["members"][0]["id"]},
        "SUBSISTENCE_ALLOWANCE",
        externalId="CERT-2",
        validFrom="2026-11-01",
    )
    covered = certified(writable_hub, office, member)["certification"]
    refused = ended(writable_hub, office, {"id": covered["id"], **given})
    assert [(error["code"], error["path"]) for error in refused["errors"]] == [
        ("INVALID_INPUT", ["input", "because"])
    ]
    found = look(writable_hub, outside["code"])
    assert found["partlyCovered"] is True
    assert [(one["id"], one["endedBecause"]) for one in found["certifications"]] == [
        (covered["id"], None),
        (stands["id"], "COVERED_BY_MEMBER"),
    ]
    assert [
        (event["type"], event["policyBasis"]) for event in events(writable_hub, outside["code"])[-3:]
    ] == [
        ("CERTIFIED", "46-1.2.1"),
        ("CERTIFICATION_ENDED", "46-2.3"),
        ("CERTIFIED", "46-1.2.1"),
    ]


def test_46_2_3_of_the_sample_only_the_planted_households_are_covered_in_part(hub: Served) -> None:
    asked = "{ households(filter: {partlyCovered: true}, first: 100) { nodes { code partlyCovered } } }"
    found = hub.ask("civil_affairs@4101", asked).data["households"]["nodes"]
    assert {error["code"] for error in found} == set(planted_codes()[Planted.PARTLY_COVERED])
    assert all(one["partlyCovered"] for one in found)


def test_46_2_4_a_certification_that_no_longer_holds_is_ended_and_aid_that_runs_on_is_flagged(
    writable_hub: Served,
) -> None:
    ends = day(-24)
    rows = writable_hub.rows(
        "select h.code from household h join certification c on c.household_id = h.id"
        " join aid_record a on a.household_id = h.id and a.period_until > %s and a.status <> 'REVOKED'"
        " and a.superseded_at is null and a.kind <> 'TEMPORARY'"
        " where c.category = 'SUBSISTENCE_ALLOWANCE' and c.person_id is null and c.ended_on is null"
        " and c.valid_from < %s order by h.code limit 1",
        ends,
        ends,
    )
    before = look(writable_hub, rows[0][0])
    (stands,) = [one for one in before["certifications"] if one["endedOn"] is None]
    given = {
        "id": stands["id"],
        "expectedVersion": stands["version"],
        "because": "NO_LONGER_ELIGIBLE",
        "endedOn": ends,
        "reason": "家庭收入已超过低保标准",
    }
    answered = ended(writable_hub, office_of(before), given)
    assert answered["errors"] == []
    assert answered["certification"] == {
        "id": stands["id"],
        "version": 2,
        "endedOn": ends,
        "endedBecause": "NO_LONGER_ELIGIBLE",
        "endReason": "家庭收入已超过低保标准",
    }
    (warning,) = answered["warnings"]
    assert (warning["code"], warning["path"]) == ("RUNNING_AID", ["input", "id"])
    written = writable_hub.everything_written()
    assert ended(writable_hub, office_of(before), given) == answered
    assert writable_hub.everything_written() == written
    now = look(writable_hub, before["code"])
    assert now["category"] is None
    assert now["chain"]["head"] == {
        "type": "CERTIFICATION_ENDED",
        "agency": {"code": office_of(before)},
        "policyBasis": "46-2.4",
        "certification": {"id": stands["id"], "endedOn": ends},
    }
    assert now["chain"]["verified"]["whole"]


@pytest.mark.parametrize(
    ("last_day", "status", "flagged"),
    [(-25, "DELIVERED", 0), (-24, "DELIVERED", 1), (-23, "ENDED", 0)],
    ids=["until the day before", "on the day of the end", "after it, but ended"],
)
def test_46_2_4_aid_is_flagged_if_it_is_for_the_day_of_the_end_which_is_the_first_without_certification(
    writable_hub: Served, outside: Any, last_day: int, status: str, flagged: int
) -> None:
    office = office_of(outside)
    cared_for = """update aid_record a set status = 'REVOKED' from household h
      where h.id = a.household_id and h.code = %s returning 1"""
    assert writable_hub.rows(cared_for, outside["code"]), "it is served at home already"
    given = certification({"householdId": outside["id"]}, "SUBSISTENCE_MARGIN", validFrom=day(-60))
    holds = certified(writable_hub, office, given)["certification"]
    heating = {
        "externalId": "HEAT-1",
        "subject": {"householdId": outside["id"]},
        "program": "取暖补贴",
        "periodFrom": day(-50),
        "periodUntil": day(last_day),
        "decidedOn": day(-50),
        "status": status,
        "detail": {"other": {"form": "HEATING"}},
    }
    assert writable_hub.ask(office, RECORD_AID, {"input": heating}).data["recordAid"]["errors"] == []
    end = {
        "id": holds["id"],
        "expectedVersion": 1,
        "because": "NO_LONGER_ELIGIBLE",
        "endedOn": day(-24),
        "reason": "收入已超标准",
    }
    answered = ended(writable_hub, office, end)
    assert answered["errors"] == []
    assert [warning["code"] for warning in answered["warnings"]] == ["RUNNING_AID"] * flagged


def test_46_4_3_a_mistake_is_ended_and_certified_again_from_the_same_day(
    writable_hub: Served, outside: Any
) -> None:
    office, given = office_of(outside), certification({"householdId": outside["id"]}, "SUBSISTENCE_MARGIN")
    wrong = certified(writable_hub, office, given)["certification"]
    ended(writable_hub, office, {"id": wrong["id"], "expectedVersion": 1, "because": "MISTAKE"})
    right = certified(writable_hub, office, given | {"externalId": "CERT-2", "validUntil": day(200)})
    assert right["errors"] == []
    ends = [
        event["policyBasis"]
        for event in events(writable_hub, outside["code"])
        if event["type"] == "CERTIFICATION_ENDED"
    ]
    assert ends == ["46-4.3"]


def events(served: Served, code: str) -> list[Any]:
    """The whole chain of a household."""
    asked = "query ($c: String!) { household(code: $c) { chain { events(first: 500) { nodes { type policyBasis } } } } }"
    found: list[Any] = served.ask("civil_affairs@4101", asked, {"c": code}).data["household"]["chain"][
        "events"
    ]["nodes"]
    return found
