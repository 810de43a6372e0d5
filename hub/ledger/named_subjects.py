"""The subjects that the writes of a request named, for its access record; refused writes count too (46-4.3)."""

from dataclasses import dataclass, field
from uuid import UUID

MOST_NUMBERS = 1_000
"""The most blind indexes in an access record. A request that names more people records only these; an import writes further
records."""


@dataclass(slots=True)
class NamedSubjects:
    """Households and persons by id. A person named by identity number without a visible household is recorded by the blind
    index of the number: the same number has the same index, and the index does not reveal the number."""

    households: set[UUID] = field(default_factory=set)
    persons: set[UUID] = field(default_factory=set)
    _numbers: set[bytes] = field(default_factory=set)
    _in_sight: set[bytes] = field(default_factory=set)

    def number(self, index: bytes) -> None:
        """Note a person named by number."""
        self._numbers.add(index)

    def person(self, household_id: UUID, person_id: UUID) -> None:
        """Note a person named by id."""
        self.households.add(household_id)
        self.persons.add(person_id)

    def member(
        self, index: bytes | None, household_id: UUID, person_id: UUID | None = None, *, in_sight: bool
    ) -> None:
        """Note a named household, or the person of an id in it."""
        self.households.add(household_id)
        if person_id is not None:
            self.persons.add(person_id)
        if index is not None and in_sight:
            self._in_sight.add(index)

    def take_over(self, others: "NamedSubjects") -> None:
        """Take over the subjects of `others`, which is then empty."""
        self.households |= others.households
        self.persons |= others.persons
        self._numbers |= others._numbers
        self._in_sight |= others._in_sight
        for noted in (others.households, others.persons, others._numbers, others._in_sight):
            noted.clear()

    @property
    def numbers(self) -> list[bytes]:
        """The blind indexes of persons without a visible household, sorted; at most `MOST_NUMBERS`."""
        return self.groups()[0] if self._numbers else []

    def groups(self) -> list[list[bytes]]:
        """All of these, in groups of as many as a record holds; one empty group if there are none."""
        found = sorted(self._numbers - self._in_sight)
        return [found[start : start + MOST_NUMBERS] for start in range(0, len(found) or 1, MOST_NUMBERS)]
