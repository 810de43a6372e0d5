"""46-3.1: "继续执行对低保对象中的重度残疾人、重病患者以及70周岁以上老年人、在校大学生、未成年人等困难群体,每人每月增发100元
低保金的救助政策".
"""

from datetime import date
from typing import Any
from uuid import uuid4

import pytest

from hub.aid.supplements import supplements_due
from tests.hub.money import HOME, OFFICE, Case, Desk, allowance, codes, grant_of, person_id, yuan

MARCH = date(2026, 3, 1)
SEVERE = {"disability_grade": 1, "disability_type": "PHYSICAL"}
NONE, ONE = "0.00", "100.00"


def due(
    desk: Desk, *members: dict[str, Any], month: date = MARCH, person: int | None = None, **certified: Any
) -> Any:
    """The monthly supplement in yuan of a household or of one member; `certified` changes its certification."""
    category = certified.pop("category", "SUBSISTENCE_ALLOWANCE")
    covered = certified.pop("covered", None)

    async def steps(case: Case) -> Any:
        await case.home(*members)
        await case.certify(category, covered, **certified)
        key, of = uuid4(), None if person is None else person_id(person)
        return (await supplements_due(case.session, grant_of(), {key: (HOME, of, month)}))[key]

    return desk.run(steps)


@pytest.mark.parametrize(
    ("said", "more"),
    [
        ({}, NONE),
        # 重度残疾人: grades 1 and 2 of GB/T 26341
        ({"disability_grade": 1}, ONE), ({"disability_grade": 2}, ONE), ({"disability_grade": 3}, NONE),
        ({"disability_grade": 4}, NONE),
        # 重病患者
        ({"health": "SERIOUS"}, ONE), ({"health": "CHRONIC"}, NONE), ({"health": "HEALTHY"}, NONE),
        # 70周岁以上老年人: 70 or older at the beginning of the month
        ({"birth_date": date(1956, 2, 28)}, ONE), ({"birth_date": date(1956, 3, 1)}, ONE),
        ({"birth_date": date(1956, 3, 2)}, NONE), ({"birth_date": date(1956, 2, 29)}, ONE),
        # 在校大学生
        ({"education_stage": "COLLEGE"}, ONE), ({"education_stage": "VOCATIONAL"}, NONE),
        ({"education_stage": "SENIOR_HIGH"}, NONE),
        # 未成年人: not yet 18 at the beginning of the month (民法典第十七条)
        ({"birth_date": date(2008, 3, 2)}, ONE), ({"birth_date": date(2008, 3, 1)}, NONE),
        ({"birth_date": date(2008, 2, 29)}, NONE), ({"birth_date": date(2026, 2, 28)}, ONE),
        # 每人: paid once, however many of the classes apply
        ({"health": "SERIOUS", "disability_grade": 1, "birth_date": date(1950, 1, 1)}, ONE),
        # a former member does not count
        ({"health": "SERIOUS", "left_on": date(2026, 1, 1)}, NONE),
    ],
)  # fmt: skip
def test_a_covered_member_of_a_class_has_a_hundred_yuan_a_month_more(
    desk: Desk, said: Any, more: str
) -> None:
    assert due(desk, said) == yuan(more)


@pytest.mark.parametrize(
    ("born", "month", "more"),
    [
        (date(1956, 2, 29), date(2026, 2, 1), NONE),
        (date(1956, 2, 29), date(2026, 3, 1), ONE),
        (date(2008, 2, 29), date(2026, 2, 1), ONE),
        (date(2008, 2, 29), date(2026, 3, 1), NONE),
        (date(1956, 12, 31), date(2026, 12, 1), NONE),
        (date(1956, 12, 31), date(2027, 1, 1), ONE),
    ],
)
def test_who_was_born_on_a_leap_day_or_a_years_last_day_is_of_age_in_the_month_after(
    desk: Desk, born: date, month: date, more: str
) -> None:
    assert due(desk, {"birth_date": born}, month=month) == yuan(more)


def test_the_sum_of_a_household_is_a_hundred_yuan_for_each_covered_member_of_a_class(desk: Desk) -> None:
    family: list[dict[str, Any]] = [
        {},
        {"health": "SERIOUS"},
        {"birth_date": date(2015, 1, 1)},
        {"birth_date": date(1940, 1, 1)},
    ]
    assert due(desk, *family) == yuan("300.00")
    assert due(desk, *family, person=1) == yuan(ONE)
    assert due(desk, *family, person=0) == yuan(NONE)
    assert due(desk, *family, covered=2) == yuan(ONE), (
        "of a partly covered household (非整户保) the covered one alone"
    )
    assert due(desk, *family, covered=0) == yuan(NONE)


@pytest.mark.parametrize(
    ("certified", "more"),
    [
        # 对低保对象中的…: only in this category
        ({"category": "SUBSISTENCE_MARGIN"}, NONE),
        ({"category": "RIGID_EXPENDITURE"}, NONE),
        ({"category": "EXTREME_HARDSHIP", "covered": 0}, NONE),
        ({"category": "SUBSISTENCE_ALLOWANCE", "covered": 0}, ONE),
        # covered on at least one day of the month
        ({"valid_from": date(2026, 3, 31)}, ONE),
        ({"valid_from": date(2026, 4, 1)}, NONE),
        ({"valid_until": date(2026, 2, 28)}, NONE),
        ({"valid_until": date(2026, 3, 1)}, ONE),
        ({"ended_on": date(2026, 3, 1), "ended_because": "NO_LONGER_ELIGIBLE"}, NONE),
        ({"ended_on": date(2026, 3, 2), "ended_because": "NO_LONGER_ELIGIBLE"}, ONE),
    ],
)
def test_it_is_given_to_whom_the_allowance_covers_in_the_month(desk: Desk, certified: Any, more: str) -> None:
    assert due(desk, {"health": "SERIOUS"}, **certified) == yuan(more)


DIED = (
    "insert into circumstance (household_id, id, person_id, kind, source_registry, since, until, agency_id, external_id,"
    " recorded_at, version) values (:home, :person, :person, 'DEATH', 'civil_affairs', :since, :until, 'civil_affairs@410105',"
    " 'D-1', now(), 1)"
)


@pytest.mark.parametrize(
    ("since", "until", "more"),
    [
        (date(2026, 2, 28), None, NONE),
        (date(2026, 3, 31), None, NONE),
        (date(2026, 4, 1), None, ONE),
        # a death report that its registry ended was withdrawn
        (date(2026, 2, 28), date(2026, 3, 30), ONE),
        (date(2026, 2, 28), date(2026, 3, 31), NONE),
    ],
)
def test_who_died_before_the_months_end_has_it_no_more(
    desk: Desk, since: date, until: date | None, more: str
) -> None:
    async def steps(case: Case) -> Any:
        await case.home({"health": "SERIOUS"})
        await case.certify("SUBSISTENCE_ALLOWANCE")
        await case.put(DIED, since=since, until=until)
        key = uuid4()
        return (await supplements_due(case.session, grant_of(), {key: (HOME, None, MARCH)}))[key]

    assert desk.run(steps) == yuan(more)


REPORTED = (
    "insert into circumstance (household_id, id, person_id, kind, source_registry, since, disability_grade, disability_type,"
    " education_stage, agency_id, external_id, recorded_at, version) values (:home, :person, :person, :kind, :registry,"
    " '2026-03-01', :grade, :type, :stage, :agency, 'R-1', now(), 1)"
)


@pytest.mark.parametrize(
    ("kind", "registry", "grade", "stage", "more"),
    [
        ("DISABILITY", "disabled_federation", 1, None, ONE),
        ("DISABILITY", "disabled_federation", 3, None, NONE),
        ("SERIOUS_ILLNESS", "health", None, None, ONE),
        ("SERIOUS_ILLNESS", "medical_insurance", None, None, ONE),
        ("CHRONIC_ILLNESS", "health", None, None, NONE),
        ("HARDSHIP_STUDENT", "education", None, "COLLEGE", ONE),
        ("HARDSHIP_STUDENT", "education", None, "PRIMARY", NONE),
    ],
)
def test_46_2_3_who_is_of_a_class_by_a_registrys_report_alone_has_it_too(
    desk: Desk, kind: str, registry: str, grade: int | None, stage: str | None, more: str
) -> None:
    async def steps(case: Case) -> Any:
        await case.home({})
        await case.certify("SUBSISTENCE_ALLOWANCE")
        await case.put(
            REPORTED,
            kind=kind,
            registry=registry,
            grade=grade,
            type=None if grade is None else "PHYSICAL",
            stage=stage,
            agency=f"{registry}@410105",
        )
        key = uuid4()
        return (await supplements_due(case.session, grant_of(), {key: (HOME, None, MARCH)}))[key]

    assert desk.run(steps) == yuan(more)


RESTS_ON = (
    "circumstance.disabled_federation:read", "circumstance.health:read", "circumstance.medical_insurance:read",
    "circumstance.education:read", "person.disability:read", "person.health:read", "person:read", "person.education:read",
    "certification:read", "circumstance.civil_affairs:read",
)  # fmt: skip


@pytest.mark.parametrize("missing", RESTS_ON)
def test_nobody_is_told_the_sum_who_may_not_read_a_fact_that_it_rests_on(desk: Desk, missing: str) -> None:
    grant = grant_of()

    async def steps(case: Case) -> Any:
        await case.home({"health": "SERIOUS"})
        await case.certify("SUBSISTENCE_ALLOWANCE")
        questions = {uuid4(): (HOME, None, MARCH)}
        fewer = frozenset(scope for scope in grant.scopes if scope != missing)
        return await supplements_due(case.session, grant_of(scopes=fewer), questions)

    assert desk.run(steps) == {}


@pytest.mark.parametrize(
    ("given", "warned"), [("99.99", True), ("100.00", False), ("100.01", True), ("0.00", True), (None, True)]
)
def test_an_allowance_with_another_supplement_than_the_rule_gives_is_warned_of(
    desk: Desk, given: str | None, warned: bool
) -> None:
    async def steps(case: Case) -> Any:
        await case.home({"health": "SERIOUS"})
        await case.certify("SUBSISTENCE_ALLOWANCE")
        plain = allowance()
        supplement = None if given is None else yuan(given)
        draft = allowance(detail={**plain.detail, "month_supplement": supplement})
        return codes(await case.record(grant_of(OFFICE), draft))

    assert desk.run(steps) == (["SUPPLEMENT_DIFFERS"] if warned else [])
