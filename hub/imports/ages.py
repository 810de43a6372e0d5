"""Members whose school or work can hardly be that of their age: registered, and told in the report."""

from collections.abc import Iterable, Iterator

from hub.foundation.calendar import today
from hub.foundation.errors import HubError
from hub.imports.households import Household
from hub.imports.records import Record
from hub.persons.ages import EMPLOYMENT_AGES, AgeUnlikely, StageUnlikely, stage_fits


def unlikely_rows(households: Iterable[Household], changed: set[int]) -> Iterator[tuple[int, HubError]]:
    """What can hardly be true of the rows that were new or differed. The birth date is that of the row's own number."""
    for household in households:
        for record in household.members:
            if record.row in changed:
                yield from ((record.row, error) for error in _unlikely(record))


def _unlikely(record: Record) -> Iterator[HubError]:
    day, birth_date = today(), record.values["idNumber"].birth_date
    stage, employment = record.values.get("educationStage"), record.values.get("employment")
    work = EMPLOYMENT_AGES.get(employment) if employment is not None else None
    if stage is not None and not stage_fits(stage, birth_date, day, day):
        yield StageUnlikely()
    if work is not None and not work.fit(birth_date, day, day):
        yield AgeUnlikely()
