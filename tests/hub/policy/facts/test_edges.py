"""Each fact at its limits: the day itself, the day before, the day after, and no day; compared with a plain reading."""

from datetime import date, timedelta
from itertools import product
from uuid import UUID

import sqlalchemy as sa

from hub.model.certifications import EndReason
from hub.policy.facts import aid, certifications, circumstances, persons
from tests.conftest import TestCluster
from tests.hub.policy.facts.evaluating import evaluated

DAY = date(2026, 11, 10)
AROUND = [DAY + timedelta(days=days) for days in (-31, -1, 0, 1, 31)]
OR_NONE = [None, *AROUND]
OF_CERTIFICATION = {
    "valid_from": sa.Date,
    "valid_until": sa.Date,
    "ended_on": sa.Date,
    "ended_because": sa.Text,
    "day": sa.Date,
}


def in_force(day: date, began: date, until: date | None, ended: date | None, because: str | None) -> bool:
    """A plain reading of 46-1.2: `until` is the last day, `ended` the first day after the end. 46-4.3: a certification by
    mistake counts as if it had never been made."""
    return (
        because != "MISTAKE"
        and began <= day
        and (until is None or day <= until)
        and (ended is None or day < ended)
    )


def validity(
    began: date, until: date | None, ended: date | None, because: str | None
) -> certifications.Validity:
    """The same certification as a record in Python."""
    return certifications.Validity(began, until, ended, EndReason(because) if because else None)


def certification_rows(day: date) -> list[tuple[date, date | None, date | None, str | None, date]]:
    """Every certification with days near a day, with each relevant reason of its end."""
    ended = [(None, None), *product(AROUND, ["DECEASED", "FALSE_CLAIM", "MISTAKE"])]
    return [
        (began, until, *end, day)
        for began, until, end in product(AROUND, OR_NONE, ended)
        if (until is None or began <= until) and (end[0] is None or began <= end[0])
    ]


def test_a_certification_is_in_force_from_its_first_day_to_its_last_and_not_on_the_day_it_ended(
    cluster: TestCluster,
) -> None:
    rows = certification_rows(DAY)
    expected = [in_force(row[4], *row[:4]) for row in rows]
    assert evaluated(cluster, certifications.in_force, OF_CERTIFICATION, rows) == expected
    assert [validity(*row[:4]).is_in_force(row[4]) for row in rows] == expected


def test_a_certification_is_in_force_in_a_month_on_any_of_whose_days_it_is(cluster: TestCluster) -> None:
    first = date(2026, 11, 1)
    month = [first + timedelta(days=days) for days in range(30)]
    rows = certification_rows(first)
    expected = [any(in_force(day, *row[:4]) for day in month) for row in rows]
    assert evaluated(cluster, certifications.in_force_in_month, OF_CERTIFICATION, rows) == expected
    after = date(2026, 12, 1)
    assert [validity(*row[:4]).is_in_force_between(first, after) for row in rows] == expected
    within = evaluated(
        cluster,
        lambda row, day: certifications.in_force_between(row, day, day + 29),
        OF_CERTIFICATION,
        rows,
    )
    assert within == expected


def test_a_certification_held_when_something_happened_where_it_ended_on_that_day(
    cluster: TestCluster,
) -> None:
    rows = certification_rows(DAY)
    expected = [in_force(row[4], *row[:4]) or in_force(row[4] - timedelta(days=1), *row[:4]) for row in rows]
    assert evaluated(cluster, certifications.in_force_at, OF_CERTIFICATION, rows) == expected


def test_a_certification_at_hand_begins_before_a_day_or_by_it_and_ends_on_its_first_day_at_the_earliest() -> (
    None
):
    one = certifications.Validity(DAY, None, DAY, EndReason.RECERTIFIED)
    around = [DAY - timedelta(days=1), DAY, DAY + timedelta(days=1)]
    assert [one.began_before(day) for day in around] == [False, False, True]
    assert [one.had_begun_by(day) for day in around] == [False, True, True]
    assert [one.ending_on(day) for day in around] == [DAY, DAY, around[2]]
    assert [one.has_ended_by(day) for day in around] == [False, True, True]
    assert not certifications.Validity(DAY).has_ended_by(date.max)
    assert [one.has_ended, certifications.Validity(DAY, DAY).has_ended] == [True, False]
    assert certifications.Validity(DAY, date.max).is_in_force(DAY)
    assert certifications.Validity(DAY).end == date.max


def test_a_member_is_present_until_the_day_before_the_one_on_which_it_left(cluster: TestCluster) -> None:
    rows = list(product(OR_NONE, [DAY]))
    columns = {"left_on": sa.Date, "day": sa.Date}
    assert evaluated(cluster, persons.present, columns, rows) == [
        left is None or left > DAY for left, _ in rows
    ]
    now = evaluated(cluster, lambda person, _day: persons.present(person), columns, rows)
    assert now == [left is None for left, _ in rows]


def test_a_circumstance_lasts_from_its_first_day_to_its_last(cluster: TestCluster) -> None:
    rows = list(product(AROUND, OR_NONE, [DAY]))
    columns = {"since": sa.Date, "until": sa.Date, "day": sa.Date}
    expected = [since <= DAY and (until is None or until >= DAY) for since, until, _ in rows]
    assert evaluated(cluster, circumstances.lasting, columns, rows) == expected


def test_a_record_counts_while_its_version_stands_and_it_was_not_taken_back(cluster: TestCluster) -> None:
    rows = list(product([None, DAY], ["APPROVED", "PAID", "REVOKED"], [DAY]))
    columns = {"superseded_at": sa.Date, "status": sa.Text, "day": sa.Date}
    counted = evaluated(cluster, lambda record, _day: aid.counts(record), columns, rows)
    assert counted == [gone is None and status != "REVOKED" for gone, status, _ in rows]


def test_the_day_of_a_payment_is_the_same_in_a_statement_and_for_a_record_at_hand(
    cluster: TestCluster,
) -> None:
    days = [date(2026, 1, 1) + timedelta(days=days) for days in range(0, 800, 3)]
    rows = [
        (begins, begins + timedelta(days=later), begins) for begins in days for later in (-40, -9, 0, 9, 20)
    ]
    columns = {"period_from": sa.Date, "decided_on": sa.Date, "day": sa.Date}
    due = evaluated(cluster, lambda record, _day: aid.payment_due_on(record), columns, rows)
    assert due == [aid.payment_due(begins, decided) for begins, decided, _ in rows]


def test_a_payment_is_in_time_on_its_day_and_late_after_it_paid_or_not(cluster: TestCluster) -> None:
    # due on 10 November: nothing is paid before the decision
    begins, decided = date(2026, 10, 1), date(2026, 10, 20)
    rows = [(begins, decided, paid, day) for paid in OR_NONE for day in AROUND]
    columns = {"period_from": sa.Date, "decided_on": sa.Date, "paid_on": sa.Date, "day": sa.Date}
    expected = [paid <= DAY if paid else (False if day > DAY else None) for _, _, paid, day in rows]
    assert evaluated(cluster, aid.paid_in_time, columns, rows) == expected


def test_46_2_4_aid_runs_on_after_an_end_if_it_is_for_the_first_day_without_the_certification(
    cluster: TestCluster,
) -> None:
    """That day is the day on which the certification ended, as in `in_force` above."""
    rows = [(until, DAY, status, DAY) for status in ("PAID", "ENDED") for until in AROUND]
    columns = {"period_until": sa.Date, "ended_on": sa.Date, "status": sa.Text, "day": sa.Date}
    runs_on = evaluated(cluster, lambda row, _day: aid.outlasts(row, row), columns, rows)
    assert runs_on == [False, False, True, True, True] + 5 * [False]


def test_what_ended_was_provided_only_if_it_was_paid_or_delivered_or_was_never_said_to_be_on_its_way(
    cluster: TestCluster,
) -> None:
    lives: list[tuple[list[str], date | None, bool]] = [
        (["APPROVED", "ENDED"], None, False),
        (["APPROVED", "ENDED"], DAY, True),
        (["APPROVED", "DELIVERED", "ENDED"], None, True),
        (["APPROVED", "PAID", "ENDED"], DAY, True),
        (["PAID", "ENDED"], None, False),  # the payment was removed again: nothing was paid
        (["DELIVERED", "ENDED"], None, True),
        (["ENDED"], None, True),
        (["APPROVED"], None, False),
        (["PAID"], DAY, True),
        (["DELIVERED"], None, True),
    ]
    columns = {"household_id": sa.Uuid, "id": sa.Uuid, "version": sa.Integer, "status": sa.Text}
    keys = [(UUID(int=9), UUID(int=place)) for place in range(len(lives))]
    versions = [
        (*key, number, status)
        for key, (life, _, _) in zip(keys, lives, strict=True)
        for number, status in enumerate(life, 1)
    ]
    rows = [
        (*key, len(life), life[-1], paid_on, DAY) for key, (life, paid_on, _) in zip(keys, lives, strict=True)
    ]
    provided = evaluated(
        cluster,
        lambda record, _day: aid.provided(record),
        {**columns, "paid_on": sa.Date, "day": sa.Date},
        rows,
        {"aid_record": (columns, versions)},
    )
    assert provided == [was for _, _, was in lives]
