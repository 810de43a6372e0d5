"""The facts that are looked up for a row, at their limits: a household's members, a person's certifications, the reports of
registries, a death; compared with a plain reading."""

from datetime import UTC, date, datetime, timedelta
from itertools import combinations_with_replacement, product
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from hub.model.certifications import Category
from hub.model.circumstances import CircumstanceKind
from hub.policy.facts import aid, alerts, certifications, circumstances, conditions, labour, referrals, shares
from hub.policy.facts.sight import everything
from tests.conftest import TestCluster
from tests.hub.policy.facts.evaluating import Fact, evaluated

DAY = date(2026, 11, 10)
BEFORE, AFTER = DAY - timedelta(days=1), DAY + timedelta(days=1)
HOME, ONE, OTHER = UUID(int=1), UUID(int=2), UUID(int=3)
PERSON = {"household_id": sa.Uuid, "id": sa.Uuid, "day": sa.Date}
REPORT = {
    "household_id": sa.Uuid,
    "person_id": sa.Uuid,
    "kind": sa.Text,
    "since": sa.Date,
    "until": sa.Date,
    "disability_grade": sa.Integer,
}


def households(*members: tuple[Any, ...]) -> tuple[list[tuple[UUID, date]], list[list[Any]]]:
    """A household for each choice of up to two of some members: the rows of the households, and the members of each."""
    chosen = [several for size in (0, 1, 2) for several in combinations_with_replacement(members, size)]
    return [(UUID(int=place + 1), DAY) for place in range(len(chosen))], [list(several) for several in chosen]


def test_nobody_works_where_somebody_could_and_nobody_can_work_where_all_are_known_to_be_weak(
    cluster: TestCluster,
) -> None:
    grown, child = date(1980, 1, 1), date(2020, 1, 1)
    rows, chosen = households(
        (grown, "EMPLOYED", "FULL", None),
        (grown, "UNEMPLOYED", "FULL", None),
        (grown, None, None, None),
        (grown, "NONE", "NONE", None),
        (grown, "FARMING", "WEAK", None),
        (grown, "EMPLOYED", "NONE", None),
        (grown, "STUDYING", "FULL", None),
        (grown, "RETIRED", "FULL", None),
        (child, None, "NONE", None),
        (grown, "EMPLOYED", "FULL", DAY),
        (grown, "EMPLOYED", "FULL", AFTER),
    )
    columns = {
        "household_id": sa.Uuid,
        "id": sa.Uuid,
        "birth_date": sa.Date,
        "employment": sa.Text,
        "labour": sa.Text,
        "left_on": sa.Date,
    }
    members = [
        (row[0], ONE, *member) for row, several in zip(rows, chosen, strict=True) for member in several
    ]
    beside = {
        "person": (columns, members),
        "circumstance": (REPORT, [(HOME, OTHER, "DEATH", BEFORE, None, None)]),
    }
    present = [[one for one in several if one[3] is None or one[3] > DAY] for several in chosen]
    could = [
        [
            one
            for one in several
            if one[0] == grown and one[2] != "NONE" and one[1] not in ("STUDYING", "RETIRED")
        ]
        for several in present
    ]
    types = {"id": sa.Uuid, "day": sa.Date}
    idle = [
        bool(able) and not any(one[1] in ("EMPLOYED", "FARMING") for one in several)
        for able, several in zip(could, present, strict=True)
    ]
    weak = [bool(several) and all(one[2] in ("WEAK", "NONE") for one in several) for several in present]
    cases: list[tuple[Fact, list[bool]]] = [
        (lambda home, day: labour.zero_employment(home, day, everything), idle),
        (lambda home, day: home.c.id.in_(labour.households_of_zero_employment(day, everything)), idle),
        (lambda home, day: labour.without_labour(home, day, everything), weak),
        (lambda home, day: home.c.id.in_(labour.households_without_labour(day, everything)), weak),
    ]
    for fact, told_plainly in cases:
        assert evaluated(cluster, fact, types, rows, beside) == told_plainly


def test_a_certification_is_a_persons_own_or_the_whole_households_and_one_of_anybody_is_the_households(
    cluster: TestCluster,
) -> None:
    columns = {
        "household_id": sa.Uuid,
        "person_id": sa.Uuid,
        "category": sa.Text,
        "valid_from": sa.Date,
        "valid_until": sa.Date,
        "ended_on": sa.Date,
        "ended_because": sa.Text,
    }
    cases = list(
        product(
            [None, ONE, OTHER],
            ["SUBSISTENCE_ALLOWANCE", "EXTREME_HARDSHIP"],
            [BEFORE, DAY, AFTER],
            [None, DAY, AFTER],
        )
    )
    for person, category, since, ended in cases:
        beside = {
            "certification": (columns, [(HOME, person, category, since, None, ended, ended and "DECEASED")])
        }
        in_force = since <= DAY and (ended is None or ended > DAY)
        supported = in_force and category == "SUBSISTENCE_ALLOWANCE"
        rows = [(HOME, ONE, DAY), (OTHER, ONE, DAY)]
        assert evaluated(
            cluster, lambda row, day: certifications.covers(row, day, everything), PERSON, rows, beside
        ) == [in_force and person in (None, ONE), False]
        assert evaluated(
            cluster,
            lambda row, day: certifications.certified(
                row.c.household_id, None, day, everything, Category.SUBSISTENCE_ALLOWANCE
            ),
            PERSON,
            rows,
            beside,
        ) == [supported, False]


def test_a_certification_began_before_a_day_or_on_it(cluster: TestCluster) -> None:
    rows = [(BEFORE, DAY), (DAY, DAY), (AFTER, DAY)]
    columns = {"valid_from": sa.Date, "day": sa.Date}
    assert evaluated(cluster, certifications.began_before, columns, rows) == [True, False, False]
    assert evaluated(cluster, certifications.began_by, columns, rows) == [True, True, False]


def test_somebody_is_dead_from_the_day_of_death_on_and_no_more_where_its_registry_took_it_back(
    cluster: TestCluster,
) -> None:
    cases = [
        *product(["DEATH", "CHRONIC_ILLNESS"], [BEFORE, DAY, AFTER], [None]),
        ("DEATH", BEFORE, BEFORE),
        ("DEATH", BEFORE, DAY),
        ("DEATH", DAY, DAY),
    ]
    for kind, since, until in cases:
        beside = {"circumstance": (REPORT, [(HOME, ONE, kind, since, until, None)])}
        rows = [(HOME, ONE, DAY), (HOME, OTHER, DAY), (OTHER, ONE, DAY)]
        values = evaluated(
            cluster, lambda row, day: circumstances.dead(row, day, everything), PERSON, rows, beside
        )
        dead = kind == "DEATH" and since <= DAY and (until is None or until >= DAY)
        assert values == [dead, False, False], (kind, since, until)


def test_a_registry_knows_somebody_in_a_circumstance_that_lasts_as_it_is_told(cluster: TestCluster) -> None:
    for grade, since, until in product([1, 2, 3], [DAY, AFTER], [None, DAY]):
        if until is not None and until < since:
            continue
        beside = {"circumstance": (REPORT, [(HOME, ONE, "DISABILITY", since, until, grade)])}
        rows = [(HOME, ONE, DAY), (HOME, OTHER, DAY)]
        values = evaluated(
            cluster,
            lambda row, day: circumstances.is_reported(
                row, day, everything, CircumstanceKind.DISABILITY, condition=conditions.severely_disabled
            ),
            PERSON,
            rows,
            beside,
        )
        assert values == [grade <= 2 and since <= DAY, False]


def test_aid_begins_after_a_death_from_the_day_after_it(cluster: TestCluster) -> None:
    rows = [(BEFORE, DAY, DAY), (DAY, DAY, DAY), (AFTER, DAY, DAY)]
    columns = {"period_from": sa.Date, "since": sa.Date, "day": sa.Date}
    values = evaluated(cluster, lambda row, _: aid.begins_after_death(row, row), columns, rows)
    assert values == [False, False, True]


def test_aid_meets_a_window_on_its_first_day_and_on_its_last(cluster: TestCluster) -> None:
    days = [BEFORE, DAY, AFTER]
    rows = [
        (begins, ends, first, last) for begins, ends, first, last in product(days, repeat=4) if begins <= ends
    ]
    columns = {"period_from": sa.Date, "period_until": sa.Date, "first": sa.Date, "day": sa.Date}
    values = evaluated(cluster, lambda row, day: aid.meets(row, row.c.first, day), columns, rows)
    assert values == [begins <= last and first <= ends for begins, ends, first, last in rows]


def test_a_month_is_due_from_its_11th_on(cluster: TestCluster) -> None:
    days = [date(2026, 1, 1) + timedelta(days=days) for days in range(800)]
    rows = [(day,) for day in days]
    first = evaluated(cluster, lambda _, day: aid.month_due(day)[0], {"day": sa.Date}, rows)
    last = evaluated(cluster, lambda _, day: aid.month_due(day)[1], {"day": sa.Date}, rows)
    before = [day.replace(day=1) - timedelta(days=1) for day in days]
    assert first == [
        day.replace(day=1) if day.day > 10 else end.replace(day=1)
        for day, end in zip(days, before, strict=True)
    ]
    assert last == [
        (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1) for day in first
    ]


def test_what_waits_is_overdue_from_the_instant_at_which_its_time_ends(cluster: TestCluster) -> None:
    due = datetime(2026, 11, 10, 16, tzinfo=UTC)
    around = [due - timedelta(seconds=1), due, due + timedelta(seconds=1)]
    columns = {"status": sa.Text, "due_at": sa.DateTime(timezone=True), "day": sa.DateTime(timezone=True)}
    rows = list(product(["SENT", "ACCEPTED", "RETURNED", "COMPLETED", "FORWARDED", "ENDED"], [due], around))
    values = evaluated(cluster, referrals.overdue, columns, rows)
    assert values == [status in ("SENT", "ACCEPTED") and at >= due for status, _, at in rows]
    rows = list(product(["OPEN", "VISITED", "DISPOSED", "CLOSED"], [due], around))
    assert evaluated(cluster, alerts.overdue, columns, rows) == [
        status in ("OPEN", "VISITED") and at >= due for status, _, at in rows
    ]


def test_a_list_is_late_after_its_last_day_whether_it_came_or_not(cluster: TestCluster) -> None:
    noon = datetime(DAY.year, DAY.month, DAY.day, 4, tzinfo=UTC)
    night = datetime(DAY.year, DAY.month, DAY.day, 16, tzinfo=UTC)  # the next day, in China
    columns = {
        "due_on": sa.Date,
        "shared_at": sa.DateTime(timezone=True),
        "first_shared_at": sa.DateTime(timezone=True),
        "day": sa.Date,
    }
    rows = [
        (due, came, came, day) for due in (None, DAY) for came in (None, noon, night) for day in (DAY, AFTER)
    ]
    assert evaluated(cluster, shares.late, columns, rows) == [
        due is not None and (came == night or (came is None and day > DAY)) for due, came, _, day in rows
    ]
    values = evaluated(cluster, shares.missing, columns, rows)
    assert [bool(one) for one in values] == [
        due is not None and came is None and day > DAY for due, came, _, day in rows
    ]
