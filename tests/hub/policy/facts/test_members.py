"""The facts about a member at their limits: age, disability, illness, school, work and the supplement; compared with a plain
reading."""

from datetime import date, timedelta
from itertools import product
from typing import Any
from uuid import UUID

import pytest
import sqlalchemy as sa

from hub.policy.facts import ages, conditions, labour, persons, school_years, supplements
from tests.conftest import TestCluster
from tests.hub.evaluation.entitlements.days import age
from tests.hub.policy.facts.evaluating import evaluated
from tests.policy import school_year

DAYS = [date(2026, 11, 10), date(2028, 2, 29), date(2027, 2, 28), date(2027, 3, 1)]
"""A common day, a leap day, and the days around the birthday of a person born on a leap day."""
BORN = {"birth_date": sa.Date, "day": sa.Date}
NOTHING: list[Any] = [None]
HEALTH = ["HEALTHY", "CHRONIC", "SERIOUS"]
STAGES = ["KINDERGARTEN", "SENIOR_HIGH", "VOCATIONAL", "COLLEGE"]
EMPLOYMENT = ["EMPLOYED", "FLEXIBLE", "FARMING", "UNEMPLOYED", "STUDYING", "RETIRED", "NONE"]
LABOUR = ["FULL", "WEAK", "NONE"]


def born_around(*years: int) -> list[tuple[date, date]]:
    """For each day: dates of birth with a birthday on it, on the day before and on the day after, and on 29 February."""
    found = []
    for day, back in product(DAYS, years):
        birthday = date(day.year - back, day.month, min(day.day, 28))
        leap = date((day.year - back) // 4 * 4, 2, 29)
        found += [(one, day) for one in (*(birthday + timedelta(days=d) for d in (-1, 0, 1, 2)), leap)]
    return found


def test_an_age_is_reached_on_the_birthday_and_in_march_by_who_was_born_on_a_leap_day(
    cluster: TestCluster,
) -> None:
    rows = born_around(16, 18, 60, 63, 70)
    years = [age(born, day) for born, day in rows]
    assert [ages.full_years(*row) for row in rows] == years
    assert evaluated(cluster, ages.aged, BORN, rows) == [year >= 70 for year in years]
    assert evaluated(cluster, ages.elderly, BORN, rows) == [year >= 60 for year in years]
    assert evaluated(cluster, ages.minor, BORN, rows) == [year < 18 for year in years]
    assert [ages.is_minor(*row) for row in rows] == [year < 18 for year in years]
    assert evaluated(cluster, ages.of_working_age, BORN, rows) == [16 <= year < 63 for year in years]


def test_a_school_year_is_the_same_in_a_statement_and_for_a_day_at_hand(cluster: TestCluster) -> None:
    days = [
        date(year, *day)
        for year in (2026, 2027, 2028)
        for day in ((8, 31), (9, 1), (1, 1), (12, 31), (2, 28))
    ]
    begins = evaluated(
        cluster, lambda _, day: school_years.school_year(day)[0], {"day": sa.Date}, [(day,) for day in days]
    )
    ends = evaluated(
        cluster, lambda _, day: school_years.school_year(day)[1], {"day": sa.Date}, [(day,) for day in days]
    )
    spans = [(date(school_year(day), 9, 1), date(school_year(day) + 1, 8, 31)) for day in days]
    assert list(zip(begins, ends, strict=True)) == spans
    assert [school_years.days_of_school_year(school_years.school_year_of(day)) for day in days] == spans


def test_a_disability_is_severe_up_to_grade_2_and_unknown_without_a_grade(cluster: TestCluster) -> None:
    rows = [(grade, DAYS[0]) for grade in (None, 1, 2, 3, 4)]
    columns = {"disability_grade": sa.Integer, "day": sa.Date}
    values = evaluated(cluster, lambda row, _: conditions.severely_disabled(row), columns, rows)
    assert values == [None, True, True, False, False]
    assert evaluated(cluster, lambda row, _: conditions.disabled(row), columns, rows) == [
        False,
        True,
        True,
        True,
        True,
    ]


def test_illness_is_serious_or_chronic_and_school_any_stage(cluster: TestCluster) -> None:
    ill = [(word, DAYS[0]) for word in (*NOTHING, *HEALTH)]
    columns = {"health": sa.Text, "day": sa.Date}
    values = evaluated(cluster, lambda row, _: conditions.seriously_ill(row), columns, ill)
    assert values == [word and word == "SERIOUS" for word, _ in ill]
    values = evaluated(cluster, lambda row, _: conditions.ill(row), columns, ill)
    assert values == [word and word in ("SERIOUS", "CHRONIC") for word, _ in ill]
    pupils = [(word, DAYS[0]) for word in (*NOTHING, *STAGES)]
    columns = {"education_stage": sa.Text, "day": sa.Date}
    values = evaluated(cluster, lambda row, _: conditions.in_college(row), columns, pupils)
    assert values == [word and word == "COLLEGE" for word, _ in pupils]
    values = evaluated(cluster, lambda row, _: conditions.at_school(row), columns, pupils)
    assert values == [word is not None for word, _ in pupils]


WORK = {"employment": sa.Text, "labour": sa.Text, "birth_date": sa.Date, "day": sa.Date}


def test_work_and_ability_are_read_as_the_words_say_and_nothing_known_is_no_work_and_no_lack_of_ability(
    cluster: TestCluster,
) -> None:
    rows = [
        (work, ability, born, DAYS[0])
        for work, ability in product([*NOTHING, *EMPLOYMENT], [*NOTHING, *LABOUR])
        for born in (date(1963, 11, 10), date(1963, 11, 11), date(2010, 11, 10), date(2010, 11, 11))
    ]

    def said(fact: Any) -> list[Any]:
        return [bool(one) for one in evaluated(cluster, fact, WORK, rows)]

    assert said(labour.could_work) == [
        16 <= age(born, day) < 63 and ability != "NONE" and work not in ("STUDYING", "RETIRED")
        for work, ability, born, day in rows
    ]
    assert said(lambda one, _: labour.works(one)) == [
        work in ("EMPLOYED", "FLEXIBLE", "FARMING") for work, *_ in rows
    ]
    assert said(lambda one, _: labour.unemployed(one)) == [
        work == "UNEMPLOYED" and ability != "NONE" for work, ability, *_ in rows
    ]
    assert said(lambda one, _: labour.little_labour(one)) == [
        ability in ("WEAK", "NONE") for _, ability, *_ in rows
    ]


def test_a_head_is_a_head_until_the_day_before_the_one_on_which_it_left(cluster: TestCluster) -> None:
    day = DAYS[0]
    around = [None, day - timedelta(days=1), day, day + timedelta(days=1)]
    rows = list(product(["HEAD", "SPOUSE"], around, [day]))
    columns = {"relation": sa.Text, "left_on": sa.Date, "day": sa.Date}
    assert evaluated(cluster, persons.heads, columns, rows) == [
        relation == "HEAD" and (left is None or left > day) for relation, left, _ in rows
    ]
    now = evaluated(cluster, lambda row, _: persons.heads(row), columns, rows)
    assert now == [relation == "HEAD" and left is None for relation, left, _ in rows]


MEMBER = {
    "birth_date": sa.Date,
    "disability_grade": sa.Integer,
    "health": sa.Text,
    "education_stage": sa.Text,
    "day": sa.Date,
}
MONTH = date(2026, 11, 1)


@pytest.mark.parametrize(
    ("name", "holds"),
    [
        ("severely_disabled", lambda born, grade, health, stage: grade in (1, 2)),
        ("seriously_ill", lambda born, grade, health, stage: health == "SERIOUS"),
        ("aged", lambda born, grade, health, stage: age(born, MONTH) >= 70),
        ("in_college", lambda born, grade, health, stage: stage == "COLLEGE"),
        ("minor", lambda born, grade, health, stage: age(born, MONTH) < 18),
    ],
)
def test_a_class_of_46_3_1_is_one_of_the_months_first_day_and_false_where_nothing_is_known(
    cluster: TestCluster, name: str, holds: Any
) -> None:
    born = [date(1956, 11, 1), date(1956, 11, 2), date(2008, 11, 1), date(2008, 11, 2), date(1980, 1, 1)]
    members = list(
        product(born, [None, 2, 3], [None, "SERIOUS", "CHRONIC"], [None, "COLLEGE", "VOCATIONAL"], [MONTH])
    )
    values = evaluated(
        cluster, lambda row, day: supplements.registered_in_class(name, row, day), MEMBER, members
    )
    assert values == [holds(*member[:-1]) for member in members]


REPORT = {
    "household_id": sa.Uuid,
    "person_id": sa.Uuid,
    "kind": sa.Text,
    "since": sa.Date,
    "until": sa.Date,
    "disability_grade": sa.Integer,
    "education_stage": sa.Text,
}
HOME, SOMEBODY = UUID(int=1), UUID(int=2)
GROWN = date(1980, 1, 1)


def of_a_class(cluster: TestCluster, member: tuple[Any, ...], report: tuple[Any, ...]) -> bool:
    """Whether a member (grade, health, stage) is in any of the classes, together with one report (kind, since, until, grade,
    stage)."""
    columns = {"household_id": sa.Uuid, "id": sa.Uuid, **MEMBER}
    beside = {"circumstance": (REPORT, [(HOME, SOMEBODY, *report)])}
    rows = [(HOME, SOMEBODY, GROWN, *member, MONTH)]
    (answer,) = evaluated(cluster, supplements.of_any_class, columns, rows, beside)
    return bool(answer)


@pytest.mark.parametrize(
    ("member", "holds"),
    [((None, None, None), False), ((2, "SERIOUS", None), True), ((3, None, "COLLEGE"), True)],
)
def test_who_is_of_several_classes_is_of_one_and_who_is_of_none_is_of_none(
    cluster: TestCluster, member: tuple[Any, ...], holds: bool
) -> None:
    nothing = ("MONITORED", date(2026, 1, 1), None, None, None)
    assert of_a_class(cluster, member, nothing) is holds


@pytest.mark.parametrize(
    ("report", "holds"),
    [
        (("DISABILITY", date(2026, 1, 1), None, 2, None), True),
        (("DISABILITY", date(2026, 1, 1), None, 3, None), False),
        (("SERIOUS_ILLNESS", date(2026, 1, 1), None, None, None), True),
        (("CHRONIC_ILLNESS", date(2026, 1, 1), None, None, None), False),
        (("HARDSHIP_STUDENT", date(2026, 1, 1), None, None, "COLLEGE"), True),
        (("HARDSHIP_STUDENT", date(2026, 1, 1), None, None, "SENIOR_HIGH"), False),
        (("SERIOUS_ILLNESS", date(2026, 11, 1), None, None, None), True),
        (("SERIOUS_ILLNESS", date(2026, 11, 2), None, None, None), False),
        (("SERIOUS_ILLNESS", date(2026, 1, 1), date(2026, 11, 1), None, None), True),
        (("SERIOUS_ILLNESS", date(2026, 1, 1), date(2026, 10, 31), None, None), False),
    ],
)
def test_46_2_3_what_a_registry_reports_on_the_months_first_day_counts_as_what_the_township_registered(
    cluster: TestCluster, report: tuple[Any, ...], holds: bool
) -> None:
    assert of_a_class(cluster, (None, None, None), report) is holds
