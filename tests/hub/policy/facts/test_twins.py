"""Each fact with a version in SQL and a version in Python gives the same value in both, for random records and days."""

import ast
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any, cast

import pytest
import sqlalchemy as sa

from hub.model.aid import AidStatus
from hub.model.alerts import AlertStatus
from hub.model.certifications import EndReason
from hub.model.referrals import ReferralStatus
from hub.policy.facts import (
    ages,
    aid,
    alerts,
    certifications,
    circumstances,
    disclosures,
    near_relatives,
    offers,
    periods,
    persons,
    referrals,
    school_years,
    versions,
)
from tests.conftest import TestCluster
from tests.hub.policy.facts.evaluating import Fact, evaluated

FACTS = Path(__file__).parents[4] / "hub" / "policy" / "facts"
NOON = datetime(2026, 11, 10, 4, tzinfo=UTC)
Draw = Callable[[Random], Any]
"""Draws a random value."""


def days(rng: Random) -> date:
    """A day; half of the draws are close together, so that many are the same day or the next."""
    if rng.random() < 0.5:
        return date(2026, 11, 10) + timedelta(days=rng.randint(-2, 2))
    return date(2024, 1, 1) + timedelta(days=rng.randrange(1800))


def births(rng: Random) -> date:
    """The birth date of a person of about 18 or 20, often with a birthday near the day, or on 29 February."""
    near = date(rng.choice((2006, 2008)), 11, 10) + timedelta(days=rng.randint(-2, 2))
    return rng.choice((near, date(2008, 2, 29), date(2004, 1, 1) + timedelta(days=rng.randrange(2900))))


def instants(rng: Random) -> datetime:
    """An instant within some seconds of noon."""
    return NOON + timedelta(seconds=rng.randint(-2, 2))


def perhaps(draw: Draw) -> Draw:
    """A value or None."""
    return lambda rng: None if rng.random() < 0.3 else draw(rng)


INSTANT = sa.DateTime(timezone=True)


def words(enum: type[StrEnum]) -> Draw:
    """A word of an enum."""
    return lambda rng: rng.choice(list(enum)).value


@dataclass(frozen=True)
class Twins:
    """A fact in SQL, the same in Python, and the columns with their random values. `sensible`: whether a row can exist."""

    in_sql: Fact
    in_python: Callable[..., Any]
    columns: dict[str, tuple[Any, Draw]]
    sensible: Callable[..., bool] = lambda *_: True


CERTIFICATION = {
    "valid_from": (sa.Date, days),
    "valid_until": (sa.Date, perhaps(days)),
    "end": (sa.Date, perhaps(days)),
    "because": (sa.Text, words(EndReason)),
}
PERIOD = {"period_from": (sa.Date, days), "period_until": (sa.Date, days)}


def validity(began: date, until: date | None, end: date | None, because: str) -> certifications.Validity:
    """A certification; the reason applies only if there is an end."""
    return certifications.Validity(began, until, end, EndReason(because) if end else None)


def of_certification(fact: Fact) -> Fact:
    """A fact about rows of certifications in which the reason is drawn independently of the end."""

    def of_row(row: sa.FromClause, day: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
        columns = {name: row.c[name] for name in ("valid_from", "valid_until")} | {"ended_on": row.c.end}
        because = sa.case((row.c.end.is_not(None), row.c.because))
        return fact(with_columns(**columns, ended_because=because), day)

    return of_row


def other_period(row: sa.FromClause) -> sa.FromClause:
    """The second period of a row."""
    return with_columns(period_from=row.c.first, period_until=row.c.last)


def with_columns(**columns: sa.ColumnElement[Any]) -> sa.FromClause:
    """Some expressions as the columns of a table."""
    return cast(sa.FromClause, SimpleNamespace(c=SimpleNamespace(**columns)))


def in_order(began: date, until: date | None, end: date | None, *_: Any) -> bool:
    """Whether a certification ends after its beginning, as the table requires."""
    return (until is None or began <= until) and (end is None or began <= end)


TWINS: dict[str, Twins] = {
    "certifications.Validity.is_in_force": Twins(
        of_certification(certifications.in_force),
        lambda *row: validity(*row[:4]).is_in_force(row[4]),
        {**CERTIFICATION, "day": (sa.Date, days)},
        in_order,
    ),
    "certifications.Validity.is_in_force_between": Twins(
        of_certification(lambda row, day: certifications.in_force_between(row, day, day + 9)),
        lambda *row: validity(*row[:4]).is_in_force_between(row[4], row[4] + timedelta(days=10)),
        {**CERTIFICATION, "day": (sa.Date, days)},
        in_order,
    ),
    "persons.is_present": Twins(
        persons.present, persons.is_present, {"left_on": (sa.Date, perhaps(days)), "day": (sa.Date, days)}
    ),
    "circumstances.lasts": Twins(
        circumstances.lasting,
        circumstances.lasts,
        {"since": (sa.Date, days), "until": (sa.Date, perhaps(days)), "day": (sa.Date, days)},
    ),
    "versions.is_replaced": Twins(
        lambda row, _: sa.not_(versions.current(row)),
        lambda superseded_at, _: versions.is_replaced(superseded_at),
        {"superseded_at": (INSTANT, perhaps(instants)), "day": (sa.Date, days)},
    ),
    "aid.counts": Twins(
        lambda row, _: aid.counts(row),
        lambda superseded_at, status, _: superseded_at is None and status != "REVOKED",
        {
            "superseded_at": (INSTANT, perhaps(instants)),
            "status": (sa.Text, words(AidStatus)),
            "day": (sa.Date, days),
        },
    ),
    "aid.is_revoked": Twins(
        lambda row, _: aid.revoked(row),
        lambda status, _: aid.is_revoked(AidStatus(status)),
        {"status": (sa.Text, words(AidStatus)), "day": (sa.Date, days)},
    ),
    "aid.payment_due": Twins(
        lambda row, _: aid.payment_due_on(row),
        lambda period_from, decided_on, _: aid.payment_due(period_from, decided_on),
        {"period_from": (sa.Date, days), "decided_on": (sa.Date, days), "day": (sa.Date, days)},
    ),
    "aid.was_paid_late": Twins(
        lambda row, day: sa.not_(aid.paid_in_time(row, day)),
        lambda paid_on, period_from, decided_on, _: aid.was_paid_late(
            AidStatus.PAID, paid_on, period_from, decided_on
        ),
        {
            "paid_on": (sa.Date, days),
            "period_from": (sa.Date, days),
            "decided_on": (sa.Date, days),
            "day": (sa.Date, days),
        },
    ),
    "offers.is_available": Twins(
        offers.available,
        offers.is_available,
        {
            "remaining": (sa.Integer, lambda rng: rng.randint(0, 2)),
            "withdrawn_at": (INSTANT, perhaps(instants)),
            "until": (sa.Date, days),
            "day": (sa.Date, days),
        },
    ),
    "disclosures.is_withdrawn": Twins(
        lambda row, _: sa.not_(disclosures.public(row)),
        lambda withdrawn_at, _: disclosures.is_withdrawn(withdrawn_at),
        {"withdrawn_at": (INSTANT, perhaps(instants)), "day": (sa.Date, days)},
    ),
    "near_relatives.has_ended": Twins(
        lambda row, _: sa.not_(near_relatives.in_force(row)),
        lambda ended_on, _: near_relatives.has_ended(ended_on),
        {"ended_on": (sa.Date, perhaps(days)), "day": (sa.Date, days)},
    ),
    "alerts.is_waiting": Twins(
        lambda row, _: alerts.waits(row),
        lambda status, _: alerts.is_waiting(AlertStatus(status)),
        {"status": (sa.Text, words(AlertStatus)), "day": (sa.Date, days)},
    ),
    "referrals.deadline_passed": Twins(
        referrals.overdue,
        lambda status, due_at, at: status in ("SENT", "ACCEPTED") and referrals.deadline_passed(due_at, at),
        {
            "status": (sa.Text, words(ReferralStatus)),
            "due_at": (INSTANT, instants),
            "day": (INSTANT, instants),
        },
    ),
    "periods.overlapping": Twins(
        lambda row, _: periods.overlap(row, other_period(row)),
        lambda *row: periods.overlapping(*row[:4]),
        {**PERIOD, "first": (sa.Date, days), "last": (sa.Date, days), "day": (sa.Date, days)},
        lambda first, last, other_first, other_last, _: first <= last and other_first <= other_last,
    ),
    "periods.days_between": Twins(
        lambda row, day: periods.overlap(row, other_period(row), sa.literal_column("3", sa.Integer)),
        lambda *row: periods.days_between(*row[:4]) <= 3,
        {**PERIOD, "first": (sa.Date, days), "last": (sa.Date, days), "day": (sa.Date, days)},
        lambda first, last, other_first, other_last, _: first <= last and other_first <= other_last,
    ),
    "ages.is_minor": Twins(
        ages.minor,
        ages.is_minor,
        {"birth_date": (sa.Date, births), "day": (sa.Date, days)},
    ),
    "ages.full_years": Twins(
        lambda person, day: ages.of_years(person, 20, day),
        lambda birth_date, day: ages.full_years(birth_date, day) >= 20,
        {"birth_date": (sa.Date, births), "day": (sa.Date, days)},
    ),
    "school_years.days_of_school_year": Twins(
        lambda _, day: school_years.school_year(day)[1],
        lambda day: school_years.days_of_school_year(school_years.school_year_of(day))[1],
        {"day": (sa.Date, days)},
    ),
}
"""Each pair, by the name of its version in Python."""


@pytest.mark.parametrize("name", sorted(TWINS))
def test_a_fact_in_sql_and_its_twin_in_python_answer_the_same(cluster: TestCluster, name: str) -> None:
    twins, rng = TWINS[name], Random(name)
    types = {column: kind for column, (kind, _) in twins.columns.items()}
    drawn = [tuple(draw(rng) for _, draw in twins.columns.values()) for _ in range(1500)]
    rows = [row for row in drawn if twins.sensible(*row)][:400]
    expected = [twins.in_python(*row) for row in rows]
    answers = evaluated(cluster, twins.in_sql, types, rows)
    differ = [
        (*row, answer) for row, answer, other in zip(rows, answers, expected, strict=True) if answer != other
    ]
    assert (differ, len(set(expected)) > 1) == ([], True)


def twins_in_python() -> set[str]:
    """The functions of the facts whose docstring declares them as a fact's version in Python."""
    return {
        f"{path.stem}.{function.name}"
        for path in FACTS.glob("*.py")
        for function in ast.parse(path.read_text("utf-8")).body
        if isinstance(function, ast.FunctionDef)
        if "in Python" in (ast.get_docstring(function) or "")
        if not any(
            "FromClause" in ast.unparse(argument.annotation)
            for argument in function.args.args
            if argument.annotation
        )
    }


def test_no_twin_is_left_out() -> None:
    found = twins_in_python()
    assert len(found) > 5
    assert found - TWINS.keys() == {"periods.share_a_day"}, (
        "of days before an end: Validity.is_in_force_between"
    )
