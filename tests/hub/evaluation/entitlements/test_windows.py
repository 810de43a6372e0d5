"""The first and last day of each window, by hand, on the days on which the window changes."""

from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa

from hub.evaluation.entitlements import windows
from hub.policy.facts.aid import month_due
from hub.policy.facts.school_years import school_year
from tests.conftest import TestCluster

MONTH = month_due
YEAR = school_year
SEASON = windows.heating_season

CASES: list[tuple[Callable[[Any], Any], str, str, str]] = [
    # 46-3.1: 每月10日前发放到位. The 10th is in time, so a month is due from the 11th on.
    (MONTH, "2026-11-10", "2026-10-01", "2026-10-31"),
    (MONTH, "2026-11-11", "2026-11-01", "2026-11-30"),
    (MONTH, "2026-11-30", "2026-11-01", "2026-11-30"),
    (MONTH, "2026-12-01", "2026-11-01", "2026-11-30"),
    (MONTH, "2027-01-01", "2026-12-01", "2026-12-31"),
    (MONTH, "2027-01-10", "2026-12-01", "2026-12-31"),
    (MONTH, "2027-01-11", "2027-01-01", "2027-01-31"),
    (MONTH, "2028-03-10", "2028-02-01", "2028-02-29"),
    (MONTH, "2026-03-10", "2026-02-01", "2026-02-28"),
    # A school year begins on 1 September and ends on 31 August.
    (YEAR, "2026-08-31", "2025-09-01", "2026-08-31"),
    (YEAR, "2026-09-01", "2026-09-01", "2027-08-31"),
    (YEAR, "2026-12-31", "2026-09-01", "2027-08-31"),
    (YEAR, "2027-01-01", "2026-09-01", "2027-08-31"),
    (YEAR, "2028-02-29", "2027-09-01", "2028-08-31"),
    # The residents' medical insurance is paid for a calendar year.
    (windows.calendar_year, "2026-01-01", "2026-01-01", "2026-12-31"),
    (windows.calendar_year, "2026-12-31", "2026-01-01", "2026-12-31"),
    (windows.calendar_year, "2027-01-01", "2027-01-01", "2027-12-31"),
    # Heating runs from 15 November to 15 March, and its subsidy is due from 20 December on.
    (SEASON, "2026-11-14", "2025-11-15", "2026-03-15"),
    (SEASON, "2026-11-15", "2025-11-15", "2026-03-15"),
    (SEASON, "2026-12-19", "2025-11-15", "2026-03-15"),
    (SEASON, "2026-12-20", "2026-11-15", "2027-03-15"),
    (SEASON, "2026-12-31", "2026-11-15", "2027-03-15"),
    (SEASON, "2027-01-01", "2026-11-15", "2027-03-15"),
    (SEASON, "2027-03-16", "2026-11-15", "2027-03-15"),
    (windows.this_day, "2028-02-29", "2028-02-29", "2028-02-29"),
    # Twelve or six months up to the day: the same day of the month counts, or the last day of a shorter month.
    (windows.twelve_months, "2026-11-24", "2025-11-24", "2026-11-24"),
    (windows.twelve_months, "2027-01-01", "2026-01-01", "2027-01-01"),
    (windows.twelve_months, "2028-02-29", "2027-02-28", "2028-02-29"),
    (windows.twelve_months, "2029-02-28", "2028-02-28", "2029-02-28"),
    (windows.six_months, "2026-11-24", "2026-05-24", "2026-11-24"),
    (windows.six_months, "2026-08-31", "2026-02-28", "2026-08-31"),
    (windows.six_months, "2028-08-31", "2028-02-29", "2028-08-31"),
    (windows.six_months, "2027-01-01", "2026-07-01", "2027-01-01"),
]


@pytest.fixture(scope="module")
def connection(cluster: TestCluster) -> Iterator[sa.Connection]:
    """A connection to the server of this run; no table is read."""
    engine = sa.create_engine(sa.make_url(cluster.administration).set(drivername="postgresql+psycopg"))
    with engine.connect() as opened:
        yield opened
    engine.dispose()


@pytest.mark.parametrize(
    ("window", "day", "first", "last"), CASES, ids=[f"{case[0].__name__} {case[1]}" for case in CASES]
)
def test_a_window_has_these_first_and_last_days(
    connection: sa.Connection, window: Callable[[Any], Any], day: str, first: str, last: str
) -> None:
    span = window(sa.cast(sa.literal(day), sa.Date))
    ((begins, ends),) = connection.execute(sa.select(*span))
    assert (begins, ends) == (date.fromisoformat(first), date.fromisoformat(last))
