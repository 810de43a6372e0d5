"""Numbers whose last digits a spreadsheet lost: it stores 15 digits of a number, and writes zeros for the rest.

Some numbers really end in zeros: one of ten numbers with 16 digits, one of a thousand with 18. So all numbers of a file are
counted. Numbers have lost digits if they end in zeros more often than by chance, or if such a number has a wrong check digit.
A number with a space or an apostrophe is accepted as it is: a spreadsheet writes neither into a number.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from hub.imports.cells import Cell, UnreadableCell
from hub.imports.headers import Header
from hub.imports.refusals import DigitsLost
from hub.persons.identity_number import check_digit

EXACT = 15
"""The digits of a number that a spreadsheet stores."""
_IDENTITY_NUMBERS = ("idNumber", "headIdNumber", "formerNumber")
_OF_LONG_NUMBERS = frozenset(
    {*_IDENTITY_NUMBERS, "householdCode", "account", "phone", "region", "externalId", "conference", "offer"}
)
_LENGTH = 18
"""The length of an identity number. One of 1,100 ends in 000."""
_FEW = 0.2
"""If a file would have fewer numbers that end in zeros by chance, such a number has more likely lost its digits."""
_MOST_VALUES = 1_000


def cut_off(cell: Cell) -> bool:
    """Whether the digits after the fifteenth are zeros."""
    return type(cell) is str and len(cell) > EXACT and cell.isdigit() and not cell[EXACT:].strip("0")


@dataclass(slots=True)
class _Values:
    """The values of one length in a column: the number of all values, and those that end in zeros."""

    total: int = 0
    zeros: int = 0
    distinct: set[str] = field(default_factory=set)
    invalid: bool = False


class Digits:
    """Counts the long numbers in the columns of a file that may contain such numbers."""

    def __init__(self) -> None:
        self._values: dict[tuple[str, int], _Values] = {}

    def counter(self, header: Header) -> Callable[[Sequence[Cell]], None]:
        """A function that counts the numbers of a row, for a sheet with this header."""
        places = [(key, place) for key, place in header.places.items() if key in _OF_LONG_NUMBERS]

        def count(cells: Sequence[Cell]) -> None:
            last = len(cells)
            for key, place in places:
                if place < last and type(cell := cells[place]) is str and len(cell) > EXACT:
                    cell = cell.strip()
                    if cell.isdigit():
                        self._count(key, cell)

        return count

    def _count(self, key: str, number: str) -> None:
        at = key, len(number)
        values = self._values.get(at)
        if values is None:
            values = self._values[at] = _Values()
        values.total += 1
        if not number[EXACT:].strip("0"):
            values.zeros += 1
            if len(values.distinct) < _MOST_VALUES:
                values.distinct.add(number)
            if len(number) == _LENGTH and key in _IDENTITY_NUMBERS and check_digit(number[:-1]) != number[-1]:
                values.invalid = True

    def lost(self, header: Header) -> Mapping[int, frozenset[int]]:
        """The lengths of the numbers that lost digits, by the position of their column."""
        found: dict[int, set[int]] = {}
        for (key, length), values in self._values.items():
            if values.zeros and _is_lost(key, length, values):
                found.setdefault(header.places[key], set()).add(length)
        return {place: frozenset(lengths) for place, lengths in found.items()}


def _is_lost(key: str, length: int, values: _Values) -> bool:
    identity = key in _IDENTITY_NUMBERS and length == _LENGTH
    all_of_them = values.zeros == values.total
    match length - EXACT:
        case 1:
            return all_of_them and len(values.distinct) >= 4
        case 2:
            return all_of_them and len(values.distinct) >= 2
        case 3 if not identity:
            return values.zeros * 2 >= values.total
        case zeros:
            by_chance = values.total / 10**zeros
            return values.invalid or by_chance < _FEW or values.zeros > by_chance * 4 + 2


def without_lost(cells: Sequence[Cell], lost: Mapping[int, frozenset[int]]) -> Sequence[Cell]:
    """The row; numbers that lost their digits are replaced by unreadable cells."""
    for place, lengths in lost.items():
        if place < len(cells):
            cell = cells[place]
            if type(cell) is str and cut_off(plain := cell.strip()) and len(plain) in lengths:
                cells = [*cells[:place], UnreadableCell(plain, DigitsLost), *cells[place + 1 :]]
    return cells
