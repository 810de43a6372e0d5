"""The ages that fit the values of a person."""

from collections import Counter
from datetime import date
from uuid import UUID

import pytest

from auth.departments import DEPARTMENTS
from auth.grant import Grant
from hub.aid import ages as of_aid
from hub.circumstances import ages as of_circumstances
from hub.circumstances.drafts import CircumstanceDraft
from hub.foundation.calendar import today
from hub.model.persons import EducationStage
from hub.persons.ages import STAGE_AGES, stage_fits
from hub.persons.subjects import Resolved, Subject
from hub.policy.facts.ages import full_years
from hub.policy.facts.school_years import school_year_of
from hub.sample.make import make_stories

NOBODY = UUID(int=0)


def test_every_stage_of_school_has_its_ages_with_a_source() -> None:
    assert set(STAGE_AGES) == set(EducationStage)
    assert all(age.source for age in STAGE_AGES.values())


@pytest.mark.parametrize(
    ("stage", "born", "fits"),
    [
        (EducationStage.PRIMARY, date(2021, 8, 31), True),  # six on the last day of the school year 2026
        (EducationStage.PRIMARY, date(2021, 9, 1), False),
        (EducationStage.PRIMARY, date(2007, 9, 2), True),  # eighteen on its first day
        (EducationStage.PRIMARY, date(2007, 9, 1), False),
        (EducationStage.KINDERGARTEN, date(2024, 8, 31), True),
        (EducationStage.KINDERGARTEN, date(2024, 9, 1), False),
        (EducationStage.VOCATIONAL, date(1950, 1, 1), True),
        (EducationStage.COLLEGE, date(1950, 1, 1), True),
        (EducationStage.COLLEGE, date(2013, 9, 1), False),
        (EducationStage.COLLEGE, date(2030, 1, 1), False),
    ],
)
def test_a_stage_fits_who_is_old_enough_by_the_end_of_the_school_year_and_young_enough_when_it_begins(
    stage: EducationStage, born: date, fits: bool
) -> None:
    begins = date(2026, 9, 1)
    assert stage_fits(stage, born, begins, begins) is fits


def test_a_school_year_begins_in_september_and_who_was_born_on_29_february_is_older_on_1_march() -> None:
    assert [school_year_of(date(2026, 8, 31)), school_year_of(date(2026, 9, 1))] == [2025, 2026]
    assert full_years(date(2008, 2, 29), date(2026, 2, 28)) == 17
    assert full_years(date(2008, 2, 29), date(2026, 3, 1)) == 18
    assert full_years(date(2026, 1, 2), date(2026, 1, 1)) == -1


def test_nothing_of_the_sample_is_unlikely() -> None:
    whole = DEPARTMENTS["civil_affairs"]
    grant = Grant(
        agency="civil_affairs@4101",
        client="test",
        scopes=whole.scopes,
        regions=("4101",),
        purpose=whole.purposes[0],
        purposes=whole.purposes,
    )
    warnings: Counter[str] = Counter()
    for story in make_stories(1000, 1, today()):
        for aid in story.aids:
            born = aid.member.birth_date if aid.member else None
            to = Resolved(NOBODY, NOBODY, True, birth_date=born)
            warnings.update(type(error).__name__ for error in of_aid.unlikely(grant, aid.draft, to))
        for circumstance in story.circumstances:
            if circumstance.member is not None:
                draft = CircumstanceDraft(
                    None, Subject(), circumstance.kind, circumstance.since, fields=circumstance.content
                )
                born = circumstance.member.birth_date
                warnings.update(
                    type(error).__name__ for error in of_circumstances.unlikely(grant, draft, born)
                )
    assert warnings == Counter()
