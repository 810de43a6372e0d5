"""Deadlines are counted in working days, with the holidays and the working weekends of the State Council's arrangement."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hub.foundation.calendar import CHINA, after_workdays, arranged_years, is_workday


def china(year: int, month: int, day: int, hour: int = 0) -> datetime:
    """An instant by the clock in China."""
    return datetime(year, month, day, hour, tzinfo=CHINA)


def test_national_day_is_free_and_the_weekends_made_up_for_it_are_not() -> None:
    assert not any(is_workday(date(2026, 10, day)) for day in range(1, 8))
    assert is_workday(date(2026, 9, 20))
    assert is_workday(date(2026, 10, 10))
    assert is_workday(date(2026, 10, 8))
    assert not is_workday(date(2026, 10, 11))


@pytest.mark.parametrize(
    ("year", "days"), [(2025, 248), (2026, 248)], ids=["国办发明电〔2024〕12号", "国办发明电〔2025〕7号"]
)
def test_an_arranged_year_has_the_working_days_that_were_announced(year: int, days: int) -> None:
    every = (date(year, 1, 1) + timedelta(days=place) for place in range(365))
    assert sum(map(is_workday, every)) == days


def test_a_deadline_over_national_day_ends_with_the_fifth_working_day() -> None:
    # 30 September 2026 is a Wednesday; the next working days are 8, 9, 10 (instead of a holiday), 12 and 13 October.
    assert after_workdays(china(2026, 9, 30, 10), 5) == china(2026, 10, 14)


def test_the_day_it_starts_on_is_not_counted_by_the_clock_in_china() -> None:
    late = datetime(2026, 11, 23, 17, tzinfo=UTC)  # Tuesday the 24th, 01:00 in China
    assert after_workdays(late, 1) == china(2026, 11, 26)


def test_a_year_that_is_not_arranged_yet_keeps_its_weekends_and_fixed_holidays() -> None:
    later = max(arranged_years()) + 1
    assert not is_workday(date(later, 1, 1))
    assert not is_workday(date(later, 10, 3))
    assert all(
        day.weekday() < 5 for day in (date(later, 3, 1) + timedelta(n) for n in range(31)) if is_workday(day)
    )


def test_a_deadline_of_no_days_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one working day"):
        after_workdays(china(2026, 11, 24), 0)


@given(st.integers(0, 660 * 24), st.integers(1, 30))
def test_between_start_and_deadline_lie_exactly_the_days_it_gives(hours: int, days: int) -> None:
    start = china(2025, 1, 1) + timedelta(hours=hours)
    first = start.astimezone(CHINA).date()
    last = after_workdays(start, days).astimezone(CHINA).date() - timedelta(days=1)
    between = (first + timedelta(days=place) for place in range(1, (last - first).days + 1))
    assert is_workday(last)
    assert sum(map(is_workday, between)) == days
