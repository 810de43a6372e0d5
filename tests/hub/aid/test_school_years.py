"""46-3.2.2: a school year that lies more than a year away from the period of its aid, or more than a year ahead, is asked about.
The school year of a year runs from 1 September of it to 31 August of the next."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from hub.foundation.calendar import today
from hub.model.aid import AidKind, EducationForm
from hub.model.persons import EducationStage
from hub.persons.subjects import Subject
from tests.hub.money import HOME, Case, Desk, allowance, codes, grant_of, person_id


@pytest.mark.parametrize(
    ("school_year", "first", "last", "unlikely"),
    [
        # 366 days before 1 September, or after 31 August, and one more
        (2024, date(2023, 8, 1), date(2024, 9, 1) - timedelta(days=365), False),
        (2024, date(2023, 8, 1), date(2024, 9, 1) - timedelta(days=366), False),
        (2024, date(2023, 8, 1), date(2024, 9, 1) - timedelta(days=367), True),
        (2023, date(2025, 9, 1), date(2025, 9, 30), False),
        (2023, date(2025, 9, 2), date(2025, 9, 30), True),
        (2023, date(2024, 9, 1), date(2024, 9, 30), False),
        # within it
        (2024, date(2024, 9, 1), date(2025, 8, 31), False),
    ],
)
def test_46_3_2_2_a_school_year_is_at_most_a_year_away_from_its_aid(
    desk: Desk, school_year: int, first: date, last: date, unlikely: bool
) -> None:
    assert is_unlikely(desk, school_year, first, last) is unlikely


@pytest.mark.parametrize(("years", "unlikely"), [(1, False), (2, True)])
def test_46_3_2_2_a_school_year_is_at_most_a_year_ahead(desk: Desk, years: int, unlikely: bool) -> None:
    year = today().year + years
    assert is_unlikely(desk, year, date(year, 9, 1), date(year, 9, 30)) is unlikely


def is_unlikely(desk: Desk, school_year: int, first: date, last: date) -> bool:
    """Whether aid of a school year, for a student's period, is asked about."""
    draft = replace(
        allowance(),
        kind=AidKind.EDUCATION,
        program="助学金",
        subject=Subject(person=(HOME, person_id(0))),
        period_from=first,
        period_until=last,
        detail={
            "form": EducationForm.GRANT,
            "school_year": school_year,
            "stage": EducationStage.COLLEGE,
        },
    )

    async def steps(case: Case) -> list[str]:
        await case.home({"birth_date": date(2004, 5, 5)})
        return codes(await case.record(grant_of("education@410105"), draft))

    return "SCHOOL_YEAR_UNLIKELY" in desk.run(steps)
