"""The refusals of a certification and of its end: a coded error with its path in the input, and nothing is written."""

from typing import Any

import pytest

from auth.scopes import Scope
from tests.fixtures.days import dated, tomorrow
from tests.fixtures.served import Served
from tests.journeys.conftest import Somebody, in_region
from tests.journeys.outcomes import (
    CERTIFY,
    CREATE_REFERRAL,
    RECORD_AID,
    TERMINATE,
    certification,
    grant_of_a_pupil,
    need,
)
from tests.schema.test_writing import refused

COUNTY = "civil_affairs@410105"


@pytest.fixture
def stands(writable_hub: Served, of_jinshui: list[Somebody]) -> tuple[Somebody, str]:
    """A person whose household the county has just certified, and the certification."""
    given = certification({"householdId": of_jinshui[0].household_id}, validFrom="2026-09-01")
    answered = writable_hub.ask(COUNTY, CERTIFY, {"input": given}).data["certify"]
    assert answered["errors"] == []
    return of_jinshui[0], answered["certification"]["id"]


@pytest.fixture(scope="module")
def somebody(hub: Served) -> Somebody:
    """A resident of 金水区 in the sample that is only read."""
    return in_region(hub, "410105")[0]


@pytest.mark.parametrize(
    ("changes", "code", "at"),
    [
        ({"externalId": " "}, "INVALID_INPUT", "externalId"),
        ({"externalId": "x" * 65}, "INVALID_INPUT", "externalId"),
        ({"externalId": "a\x00b"}, "INVALID_INPUT", "externalId"),
        ({"validFrom": tomorrow, "validUntil": None}, "DATE_IN_FUTURE", "validFrom"),
        ({"validUntil": "2026-09-30"}, "INVALID_PERIOD", "validUntil"),
        ({"support": "DISPERSED"}, "SUPPORT_NOT_APPLICABLE", "support"),
        ({"subtype": "MARGINAL"}, "SUBTYPE_INVALID", "subtype"),
        ({"category": "SUBSISTENCE_ALLOWANCE"}, "NOT_YOUR_CATEGORY", "category"),
        ({"subject": {"householdId": "nonsense"}}, "INVALID_ID", "subject"),
        ({"subject": {"idNumber": "410199190001010010"}}, "NOT_FOUND", "subject"),
    ],
)
def test_a_certification_that_cannot_be_is_refused_with_its_place(
    hub: Served, somebody: Somebody, changes: dict[str, Any], code: str, at: str
) -> None:
    given = certification({"householdId": somebody.household_id}) | dated(changes)
    found, path = refused(hub, COUNTY, CERTIFY, given)
    assert (found, path[:2]) == (code, ["input", at])


def test_a_category_is_certified_for_whom_it_is_of(hub: Served, somebody: Somebody) -> None:
    office = f"civil_affairs@{office_code(hub, somebody)}"
    person, household = {"personId": somebody.person_id}, {"householdId": somebody.household_id}
    for given in (certification(person, "SUBSISTENCE_MARGIN"), certification(household, "EXTREME_HARDSHIP")):
        assert refused(hub, office, CERTIFY, given) == ("CERTIFICATION_SUBJECT_INVALID", ["input", "subject"])
    monitored = certification(household, "POVERTY_RELAPSE_MONITORED")
    assert refused(hub, "agriculture@410105", CERTIFY, monitored)[0] == "SUBTYPE_INVALID"


def office_code(served: Served, somebody: Somebody) -> str:
    """The code of the township where a person lives."""
    ((region,),) = served.rows("select region from household where code = %s", somebody.household_code)
    return str(region[:9])


def test_a_household_that_was_only_shown_is_certified_where_it_lives(
    writable_hub: Served, of_erqi: list[Somebody]
) -> None:
    given = certification({"householdId": of_erqi[0].household_id})
    assert refused(writable_hub, COUNTY, CERTIFY, given)[0] == "NOT_FOUND"
    show(writable_hub, of_erqi[0])
    assert refused(writable_hub, COUNTY, CERTIFY, given) == ("OUTSIDE_JURISDICTION", ["input", "subject"])


def show(served: Served, somebody: Somebody) -> None:
    """Civil affairs of the household's county pushes a need, which shows the household to the receiver (46-2.1)."""
    given = need({"personId": somebody.person_id}, COUNTY, "TEMPORARY")
    answered = served.ask("civil_affairs@410103", CREATE_REFERRAL, {"input": given})
    assert answered.data["createReferral"]["errors"] == []


def test_a_certification_that_stands_is_not_made_twice(
    writable_hub: Served, stands: tuple[Somebody, str]
) -> None:
    again = certification(
        {"householdId": stands[0].household_id}, externalId="CERT-2", validFrom="2026-09-01"
    )
    assert refused(writable_hub, COUNTY, CERTIFY, again) == ("ALREADY_CERTIFIED", ["input", "validFrom"])


@pytest.mark.parametrize(
    ("agency", "changes", "code", "at"),
    [
        (COUNTY, {"id": "nonsense"}, "INVALID_ID", "id"),
        (COUNTY, {"expectedVersion": 2}, "STALE_VERSION", "expectedVersion"),
        (COUNTY, {"endedOn": "2026-08-31"}, "INVALID_PERIOD", "endedOn"),
        (COUNTY, {"endedOn": tomorrow}, "DATE_IN_FUTURE", "endedOn"),
        (COUNTY, {"reason": " "}, "INVALID_INPUT", "reason"),
        (COUNTY, {"reason": "长" * 501}, "INVALID_INPUT", "reason"),
        (COUNTY, {"because": "RISK_GONE"}, "INVALID_INPUT", "because"),
        (COUNTY, {"because": "RECERTIFIED"}, "INVALID_INPUT", "because"),
        ("civil_affairs@4101", {}, "NOT_YOUR_CATEGORY", "id"),
        ("agriculture@410105", {}, "NOT_YOUR_CATEGORY", "id"),
        (COUNTY, {"because": "COVERED_BY_MEMBER"}, "INVALID_INPUT", "because"),
        ("civil_affairs@410104", {}, "NOT_FOUND", "id"),
    ],
)
def test_an_end_that_cannot_be_is_refused_with_its_place(
    writable_hub: Served,
    stands: tuple[Somebody, str],
    agency: str,
    changes: dict[str, Any],
    code: str,
    at: str,
) -> None:
    given = {"id": stands[1], "expectedVersion": 1, "because": "NO_LONGER_ELIGIBLE"} | dated(changes)
    assert refused(writable_hub, agency, TERMINATE, given) == (code, ["input", at])


def test_what_has_ended_stays_ended(writable_hub: Served, stands: tuple[Somebody, str]) -> None:
    given = {"id": stands[1], "expectedVersion": 1, "because": "NO_LONGER_ELIGIBLE", "endedOn": "2026-11-01"}
    writable_hub.ask(COUNTY, TERMINATE, {"input": given})
    other = given | {"expectedVersion": 2, "because": "FALSE_CLAIM"}
    assert refused(writable_hub, COUNTY, TERMINATE, other) == ("CERTIFICATION_ENDED", ["input", "id"])


def test_a_client_without_the_scope_cannot_even_call(hub: Served, somebody: Somebody) -> None:
    scopes = hub.grant(COUNTY).scopes - {Scope.CERTIFICATION_WRITE}
    given = certification({"householdId": somebody.household_id})
    reply = hub.ask(COUNTY, CERTIFY, {"input": given}, scopes=scopes)
    assert (reply.body["data"], reply.forbidden) == ({"certify": None}, {"Mutation.certify"})


def test_who_does_not_read_certifications_ends_none_and_who_reads_no_aid_is_told_of_none(
    writable_hub: Served, stands: tuple[Somebody, str]
) -> None:
    aid = grant_of_a_pupil({"personId": stands[0].person_id})
    recorded = writable_hub.ask("education@410105", RECORD_AID, {"input": aid}).data["recordAid"]
    assert recorded["errors"] == []
    given = {"id": stands[1], "expectedVersion": 1, "because": "NO_LONGER_ELIGIBLE", "endedOn": "2026-11-01"}
    writer = frozenset({Scope.CERTIFICATION_WRITE})
    blind = writable_hub.ask(COUNTY, TERMINATE, {"input": given}, scopes=writer)
    (error,) = blind.body["data"]["terminateCertification"]["errors"]
    assert (error["code"], error["path"]) == ("FORBIDDEN_WRITE", ["input"])
    reads = {Scope.CERTIFICATION_READ, Scope.HOUSEHOLD_READ}
    reply = writable_hub.ask(COUNTY, TERMINATE, {"input": given}, scopes=writer | reads)
    closed = reply.body["data"]["terminateCertification"]
    assert (closed["errors"], closed["warnings"]) == ([], [])
    again = writable_hub.ask(COUNTY, TERMINATE, {"input": given}).data["terminateCertification"]
    assert again["certification"]["endedBecause"] == "NO_LONGER_ELIGIBLE"
    assert [warning["code"] for warning in again["warnings"]] == ["RUNNING_AID"]
