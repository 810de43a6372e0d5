"""Warnings for members whose school or work does not fit their age. The row is saved and reported."""

from collections.abc import Iterable, Iterator

from hub.foundation.calendar import today
from hub.foundation.errors import HubError
from hub.households.checking import CheckedHousehold, CheckedMember
from hub.persons.ages import EMPLOYMENT_AGES, AgeUnlikely, StageUnlikely, stage_fits


def unlikely_rows(
    households: Iterable[CheckedHousehold], changed: set[int]
) -> Iterator[tuple[int, HubError]]:
    """The warnings of new and changed rows. The birth date comes from the row's own identity number."""
    for household in households:
        for member in household.members:
            if member.row in changed:
                yield from ((member.row, error) for error in _unlikely(member))


def _unlikely(member: CheckedMember) -> Iterator[HubError]:
    day, birth_date = today(), member.values["idNumber"].birth_date
    stage, employment = member.values.get("educationStage"), member.values.get("employment")
    work = EMPLOYMENT_AGES.get(employment) if employment is not None else None
    if stage is not None and not stage_fits(stage, birth_date, day, day):
        yield StageUnlikely()
    if work is not None and not work.contains(birth_date, day, day):
        yield AgeUnlikely()
