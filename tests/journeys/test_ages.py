"""A birth date that hardly fits the reported data: the record is saved, and the caller is warned if it may read the birth
date."""

from collections.abc import Mapping
from datetime import date
from typing import Any

import pytest

from auth.scopes import Scope
from hub.foundation.calendar import today
from tests.fixtures.served import Served
from tests.journeys.outcomes import RECORD_AID, RECORD_AIDS, grant_of_a_pupil
from tests.journeys.overlaps import AMEND
from tests.policy import school_year as school_year_of

OFFICE = "education@410105"
OF_AGES = {"STAGE_UNLIKELY", "AGE_UNLIKELY", "SCHOOL_YEAR_UNLIKELY"}
REPORT = """
mutation ($input: ReportCircumstancesInput!) {
  reportCircumstances(input: $input) { reports { created errors { code } warnings { code message messageZh path } } }
}
"""
UPSERT = """
mutation ($input: UpsertHouseholdsInput!) {
  upsertHouseholds(input: $input) { outcomes { changed errors { code } warnings { code } } }
}
"""


@pytest.fixture
def people(writable_hub: Served) -> dict[str, str]:
    """Persons of 金水区: a pupil of a primary school, an adult of working age, and a very old person."""
    query = "{ households(first: 200) { nodes { members { id birthDate educationStage } } } }"
    found: dict[str, str] = {}
    for household in writable_hub.ask("civil_affairs@410105", query).data["households"]["nodes"]:
        for member in household["members"]:
            years = today().year - date.fromisoformat(member["birthDate"]).year
            who = (
                "pupil"
                if member["educationStage"] == "PRIMARY" and years < 12
                else "grown-up"
                if 35 <= years <= 55
                else "old"
                if years > 70
                else None
            )
            if who is not None:
                found.setdefault(who, member["id"])
    assert found.keys() == {"pupil", "grown-up", "old"}
    return found


def school_year() -> int:
    """The year in which the current school year began."""
    return school_year_of(today())


def period() -> dict[str, str]:
    """The current school year, decided on its first day."""
    year = school_year()
    return {"periodFrom": f"{year}-09-01", "periodUntil": f"{year + 1}-07-15", "decidedOn": f"{year}-09-01"}


def education(form: str, stage: str, year: int | None = None) -> dict[str, Any]:
    """The detail of education aid; the school year is the current one by default."""
    return {
        "education": {"form": form, "stage": stage, "schoolYear": school_year() if year is None else year}
    }


def codes(warnings: list[dict[str, Any]]) -> list[str]:
    """The codes of warnings about ages; other warnings belong to other tests."""
    return [warning["code"] for warning in warnings if warning["code"] in OF_AGES]


def recorded(
    hub: Served,
    agency: str,
    person: str,
    number: str,
    detail: dict[str, Any],
    without: frozenset[Scope] = frozenset(),
    changes: Mapping[str, str] | None = None,
) -> Any:
    given = grant_of_a_pupil({"personId": person}, externalId=number, program=f"项目{number}", detail=detail)
    scopes = hub.grant(agency).scopes - without
    answer = hub.ask(agency, RECORD_AID, {"input": {**given, **(changes or period())}}, scopes=scopes).data
    assert answer["recordAid"]["errors"] == []
    return answer["recordAid"]


def educations() -> list[tuple[str, dict[str, Any], list[str]]]:
    """Person, detail of education aid, and the expected warnings."""
    year = school_year()
    return [
        ("pupil", education("GRANT", "PRIMARY"), []),
        ("pupil", education("GRANT", "PRIMARY", year - 1), []),
        ("pupil", education("GRANT", "COLLEGE"), ["STAGE_UNLIKELY"]),
        ("pupil", education("GRANT", "SENIOR_HIGH"), ["STAGE_UNLIKELY"]),
        ("pupil", education("GRANT", "PRIMARY", year - 20), ["SCHOOL_YEAR_UNLIKELY", "STAGE_UNLIKELY"]),
        ("pupil", education("LOAN", "PRIMARY"), ["AGE_UNLIKELY"]),
        ("grown-up", education("GRANT", "PRIMARY"), ["STAGE_UNLIKELY"]),
        ("grown-up", education("GRANT", "KINDERGARTEN"), ["STAGE_UNLIKELY"]),
        ("grown-up", education("FEE_WAIVER", "VOCATIONAL"), []),
        ("grown-up", education("LOAN", "COLLEGE"), []),
        ("grown-up", education("LOAN", "COLLEGE", year + 40), ["SCHOOL_YEAR_UNLIKELY"]),
        ("grown-up", education("LOAN", "COLLEGE", 9999), ["SCHOOL_YEAR_UNLIKELY"]),
        ("grown-up", education("LOAN", "COLLEGE", 1), ["SCHOOL_YEAR_UNLIKELY", "STAGE_UNLIKELY"]),
    ]


def test_a_stage_or_a_school_year_that_the_birth_date_cannot_fit_is_kept_and_warned_of(
    writable_hub: Served, people: dict[str, str]
) -> None:
    for place, (who, detail, expected) in enumerate(educations()):
        answer = recorded(writable_hub, OFFICE, people[who], f"AGE-{place}", detail)
        assert codes(answer["warnings"]) == expected, (who, detail)
    inputs = [
        grant_of_a_pupil(
            {"personId": people[who]}, externalId=f"BATCH-{place}", program=f"批量{place}", detail=detail
        )
        | period()
        for place, (who, detail, _) in enumerate(educations())
    ]
    outcomes = writable_hub.ask(OFFICE, RECORD_AIDS, {"input": {"outcomes": inputs}}).data["recordAids"]
    assert [codes(outcome["warnings"]) for outcome in outcomes["outcomes"]] == [
        told for _, _, told in educations()
    ]


def test_an_amendment_that_makes_the_stage_unlikely_is_warned_of(
    writable_hub: Served, people: dict[str, str]
) -> None:
    right = recorded(writable_hub, OFFICE, people["pupil"], "A-1", education("GRANT", "PRIMARY"))
    change = {
        "id": right["aidRecord"]["id"],
        "expectedVersion": 1,
        "reason": "学段有误",
        "detail": education("GRANT", "COLLEGE"),
    }
    amended = writable_hub.ask(OFFICE, AMEND, {"input": change}).data["amendAid"]
    assert (amended["errors"], codes(amended["warnings"])) == ([], ["STAGE_UNLIKELY"])


def test_who_may_not_read_birth_dates_is_told_only_of_what_they_wrote_themselves(
    writable_hub: Served, people: dict[str, str]
) -> None:
    without = frozenset({Scope.PERSON_READ})
    for place, (who, detail, expected) in enumerate(educations()):
        answer = recorded(writable_hub, OFFICE, people[who], f"BLIND-{place}", detail, without)
        assert codes(answer["warnings"]) == [one for one in expected if one == "SCHOOL_YEAR_UNLIKELY"]


def test_work_of_a_child_or_of_the_very_old_and_aid_before_birth_are_warned_of(
    writable_hub: Served, people: dict[str, str]
) -> None:
    post = {"employment": {"form": "PUBLIC_WELFARE_POST", "post": "保洁"}}
    therapy = {"other": {"form": "CHILD_REHABILITATION"}}
    long_ago = {"periodFrom": "1990-01-01", "periodUntil": "1990-12-31", "decidedOn": "1990-01-01"}
    heating = {"other": {"form": "HEATING"}}
    for place, (agency, who, detail, changes, expected) in enumerate(
        [
            ("human_resources@410105", "pupil", post, None, ["AGE_UNLIKELY"]),
            ("human_resources@410105", "old", post, None, ["AGE_UNLIKELY"]),
            ("human_resources@410105", "grown-up", post, None, []),
            ("disabled_federation@410105", "grown-up", therapy, None, ["AGE_UNLIKELY"]),
            ("disabled_federation@410105", "pupil", therapy, None, []),
            ("civil_affairs@410105", "pupil", heating, long_ago, ["AGE_UNLIKELY"]),
            ("civil_affairs@410105", "old", heating, long_ago, []),
        ]
    ):
        answer = recorded(writable_hub, agency, people[who], f"WORK-{place}", detail, changes=changes)
        assert codes(answer["warnings"]) == expected, (who, detail)


def reported(hub: Served, agency: str, without: frozenset[Scope] = frozenset(), **fact: Any) -> list[str]:
    scopes = hub.grant(agency).scopes - without
    answer = hub.ask(agency, REPORT, {"input": {"reports": [fact]}}, scopes=scopes).data[
        "reportCircumstances"
    ]
    (report,) = answer["reports"]
    assert (report["created"], report["errors"]) == (True, [])
    assert all(warning["path"] == ["input", "reports", "0"] for warning in report["warnings"])
    return codes(report["warnings"])


def test_a_registry_that_reports_what_an_age_can_hardly_fit_is_warned(
    writable_hub: Served, people: dict[str, str]
) -> None:
    student = {
        "kind": "HARDSHIP_STUDENT",
        "school": "文化路小学",
        "educationStage": "PRIMARY",
        "since": f"{school_year()}-09-01",
    }
    out_of_work = {"kind": "REGISTERED_UNEMPLOYED", "since": f"{school_year()}-10-01"}
    ill = {"kind": "SERIOUS_ILLNESS", "since": "1985-03-01"}
    hidden = frozenset({Scope.PERSON_READ})
    for place, (agency, who, fact, without, expected) in enumerate(
        [
            (OFFICE, "pupil", student, frozenset(), []),
            (OFFICE, "grown-up", student, frozenset(), ["STAGE_UNLIKELY"]),
            (OFFICE, "grown-up", student, hidden, []),
            (OFFICE, "pupil", student | {"educationStage": "COLLEGE"}, frozenset(), ["STAGE_UNLIKELY"]),
            ("human_resources@410105", "pupil", out_of_work, frozenset(), ["AGE_UNLIKELY"]),
            ("human_resources@410105", "old", out_of_work, frozenset(), ["AGE_UNLIKELY"]),
            ("human_resources@410105", "grown-up", out_of_work, frozenset(), []),
            ("health@410105", "pupil", ill, frozenset(), ["AGE_UNLIKELY"]),
            ("health@410105", "old", ill, frozenset(), []),
        ]
    ):
        subject = {"personId": people[who]}
        told = reported(writable_hub, agency, without, externalId=f"F-{place}", subject=subject, **fact)
        assert told == expected, (who, fact)


def test_members_whose_school_or_work_can_hardly_be_that_of_their_age_are_registered_and_warned_of(
    writable_hub: Served,
) -> None:
    query = "{ households(first: 50) { nodes { code members { idNumber name relation birthDate } } } }"
    nodes = writable_hub.ask("civil_affairs@410105", query).data["households"]["nodes"]
    code, head = next(
        (node["code"], member)
        for node in nodes
        for member in node["members"]
        if member["relation"] == "HEAD" and 1955 < int(member["birthDate"][:4]) < 1990
    )

    def upserted(**values: str) -> list[str]:
        member = {"name": head["name"], "idNumber": head["idNumber"], "relation": "HEAD", **values}
        given = {"input": {"households": [{"code": code, "members": [member]}]}}
        (outcome,) = writable_hub.ask("civil_affairs@410105", UPSERT, given).data["upsertHouseholds"][
            "outcomes"
        ]
        assert (outcome["changed"], outcome["errors"]) == (True, [])
        return codes(outcome["warnings"])

    assert upserted(educationStage="PRIMARY") == ["STAGE_UNLIKELY"]
    assert upserted(educationStage="COLLEGE") == []
