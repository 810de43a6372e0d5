"""What came of drafts of households, by the rows of their members."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from hub.foundation.errors import HubError
from hub.households.drafts import Fault


@dataclass(frozen=True, slots=True)
class Refused:
    """One reason why the member of one row was refused: the name of the value it is about, and what stood there, where that
    is told."""

    row: int
    field: str
    error: HubError
    value: object = None


@dataclass
class Answer:
    """The answer while it grows. `changed`: the rows that were new or differed; `notices`: facts of rows that were kept;
    `residences_inferred`: how many households came without urban or rural."""

    refused: list[Refused] = field(default_factory=list)
    notices: list[tuple[int, HubError]] = field(default_factory=list)
    changed: set[int] = field(default_factory=set)
    residences_inferred: int = 0

    def refuse(self, row: int, faults: Iterable[Fault]) -> None:
        """Refuse the member of a row."""
        self.refused += [Refused(row, name, error, value) for name, error, value in faults]
