"""Whom the writes of a request named: what its access record keeps of them, also where they were refused (46-4.3)."""

from dataclasses import dataclass, field
from uuid import UUID

MOST_NUMBERS = 1_000
"""A request that names more is seen by those that are kept; the record counts all that was refused."""


@dataclass(slots=True)
class NamedSubjects:
    """Households by id. Whoever was named by an identity number, and is a member of no household in sight, stands by the blind
    index of the number: the same number has the same index, and nobody reads the number from it."""

    households: set[UUID] = field(default_factory=set)
    _numbers: set[bytes] = field(default_factory=set)
    _in_sight: set[bytes] = field(default_factory=set)

    def number(self, index: bytes) -> None:
        """Somebody was named by a number."""
        self._numbers.add(index)

    def member(self, index: bytes | None, household_id: UUID, *, in_sight: bool) -> None:
        """Who was named is a member of a household."""
        self.households.add(household_id)
        if index is not None and in_sight:
            self._in_sight.add(index)

    @property
    def numbers(self) -> list[bytes]:
        """The blind indexes of those that were found in no household in sight, in order; `MOST_NUMBERS` at the most."""
        return sorted(self._numbers - self._in_sight)[:MOST_NUMBERS]
