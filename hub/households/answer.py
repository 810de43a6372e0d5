"""The results of drafts of households, by the rows of their members."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from hub.foundation.errors import HubError
from hub.households.drafts import Fault


@dataclass(frozen=True, slots=True)
class Refused:
    """One reason why a row was refused: the name of the value, and the value itself if it may be shown."""

    row: int
    field: str
    error: HubError
    value: object = None


@dataclass
class HouseholdsAnswer:
    """The results so far. `changed`: rows that were new or different; `notices`: notices about saved rows;
    `residences_inferred`: the number of households without urban or rural; `incomplete`: the number of households that were
    written without some of their rows; `changes`: the fields of registered rows that differ, as (row, field, old value, new
    value), encrypted numbers masked."""

    refused: list[Refused] = field(default_factory=list)
    notices: list[tuple[int, HubError]] = field(default_factory=list)
    changed: set[int] = field(default_factory=set)
    residences_inferred: int = 0
    incomplete: int = 0
    changes: list[tuple[int, str, str | None, str | None]] = field(default_factory=list)

    def refuse(self, row: int, faults: Iterable[Fault]) -> None:
        """Refuse the member of a row."""
        self.refused += [Refused(row, name, error, value) for name, error, value in faults]
