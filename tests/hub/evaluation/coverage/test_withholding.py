"""Nobody can compute a number under five from the published numbers: every published number is an equation, and no withheld
number follows from all of them together."""

from collections.abc import Mapping
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st

from hub.evaluation.coverage.withholding import RegionTree, parts_of, published_of_kind, published_regions
from tests.policy import FEW

Vector = list[Fraction]
STATUSES = ("received", "referred", "missing", "duplicated")
"""The words of the contract for the status of an entitlement (46-2.1)."""


def _less(row: Vector, factor: Fraction, other: Vector) -> Vector:
    """row - factor × other; most numbers of a row are 0."""
    return [mine - factor * theirs if theirs else mine for mine, theirs in zip(row, other, strict=True)]


class Equations:
    """The published numbers as rows of a linear system over the cells."""

    def __init__(self) -> None:
        self._rows: dict[int, Vector] = {}

    def _left_over(self, row: Vector) -> Vector:
        row = list(row)
        for pivot, known in self._rows.items():
            if factor := row[pivot]:
                row = _less(row, factor, known)
        return row

    def add(self, row: Vector) -> None:
        row = self._left_over(row)
        pivot = next((place for place, fraction in enumerate(row) if fraction), None)
        if pivot is None:
            return
        row = [fraction / row[pivot] for fraction in row]
        for other, known in self._rows.items():
            if factor := known[pivot]:
                self._rows[other] = _less(known, factor, row)
        self._rows[pivot] = row

    def tell(self, row: Vector) -> bool:
        """Whether a number follows from the rows."""
        return not any(self._left_over(row))


@st.composite
def cities(draw: st.DrawFn) -> tuple[dict[str, str | None], dict[str, dict[str, int]]]:
    """A city of a few counties with a few townships each, and the statuses of the townships; small numbers are frequent."""
    parents: dict[str, str | None] = {"4101": None}
    counts: dict[str, dict[str, int]] = {}
    number = st.one_of(st.integers(0, 6), st.integers(0, 6), st.just(0), st.just(4), st.integers(0, 60))
    for county in range(draw(st.integers(1, 4))):
        code = f"4101{county:02}"
        parents[code] = "4101"
        for township in range(draw(st.integers(1, 4))):
            parents[f"{code}{township:03}"] = code
            counts[f"{code}{township:03}"] = {status: draw(number) for status in STATUSES}
    for region in sorted(parents, key=len, reverse=True)[len(counts) :]:
        below = [one for one, parent in parents.items() if parent == region]
        counts[region] = {status: sum(counts[one][status] for one in below) for status in STATUSES}
    return parents, counts


def row_of(region: str, statuses: tuple[str, ...], cells: list[tuple[str, str]]) -> Vector:
    """A number, as the sum of cells (township, status)."""
    return [Fraction(township.startswith(region) and status in statuses) for township, status in cells]


def numbers_of(counts: Mapping[str, Mapping[str, int]]) -> dict[tuple[str, tuple[str, ...]], int]:
    """Every number: for each region, each single status and the sum of all."""
    return {
        (region, statuses): sum(one[status] for status in statuses)
        for region, one in counts.items()
        for statuses in (*((status,) for status in STATUSES), STATUSES)
    }


@settings(max_examples=300, deadline=None)
@given(city=cities())
def test_no_number_under_five_follows_from_those_that_are_told(
    city: tuple[dict[str, str | None], dict[str, dict[str, int]]],
) -> None:
    parents, counts = city
    shown = published_of_kind(RegionTree.of(parents), counts, frozenset())
    cells = [(township, status) for township in counts if len(township) == 9 for status in STATUSES]
    equations = Equations()
    for region, names in shown.items():
        for name in names:
            equations.add(row_of(region, STATUSES if name == "entitled" else (name,), cells))
    for (region, statuses), number in numbers_of(counts).items():
        if number < FEW:
            assert "entitled" not in shown[region] or statuses != STATUSES
            assert statuses[0] not in shown[region] or statuses == STATUSES
            assert not equations.tell(row_of(region, statuses, cells)), (region, statuses, number, shown)


@settings(max_examples=300, deadline=None)
@given(city=cities())
def test_no_number_of_households_or_persons_under_five_follows(
    city: tuple[dict[str, str | None], dict[str, dict[str, int]]],
) -> None:
    parents, counts = city
    numbers = {region: (one["received"], one["missing"]) for region, one in counts.items()}
    shown = published_regions(RegionTree.of(parents), numbers)
    cells = [(township, "received") for township in counts if len(township) == 9]
    equations = Equations()
    for region in shown:
        equations.add(row_of(region, ("received",), cells))
    for region, pair in numbers.items():
        if min(pair) < FEW:
            assert not equations.tell(row_of(region, ("received",), cells))


def test_what_lies_inside_a_withheld_region_is_withheld_and_a_lone_one_takes_the_next_smallest_with_it() -> (
    None
):
    parents: dict[str, str | None] = {"41": None, "4101": "41", "4102": "41", "4103": "41", "410201": "4102"}
    numbers = {"41": [70], "4101": [3], "4102": [7], "4103": [60], "410201": [7]}
    assert published_regions(RegionTree.of(parents), numbers) == {"41", "4103"}


def test_equals_are_withheld_together_so_that_their_order_tells_nothing() -> None:
    parents: dict[str, str | None] = {"41": None, "4101": "41", "4102": "41", "4103": "41", "4104": "41"}
    numbers = {"41": [44], "4101": [4], "4102": [10], "4103": [10], "4104": [20]}
    assert published_regions(RegionTree.of(parents), numbers) == {"41", "4104"}


def test_four_and_four_are_not_told_by_their_sum_of_eight() -> None:
    parents: dict[str, str | None] = {"41": None, "4101": "41", "4102": "41", "4103": "41", "4104": "41"}
    numbers = {"41": [38], "4101": [4], "4102": [4], "4103": [10], "4104": [20]}
    assert published_regions(RegionTree.of(parents), numbers) == {"41", "4104"}


def test_the_smallest_statuses_stand_together_until_they_are_five() -> None:
    assert parts_of({"received": 90, "referred": 3, "missing": 40, "duplicated": 1}) == [
        ("received",),
        ("duplicated", "missing", "referred"),
    ]
    assert parts_of({"received": 90, "referred": 4, "missing": 40, "duplicated": 1}) == [
        ("received",),
        ("missing",),
        ("duplicated", "referred"),
    ]
    assert parts_of({"received": 90, "referred": 0, "missing": 1, "duplicated": 0}) == [
        ("duplicated", "missing", "received", "referred")
    ]


def test_what_is_withheld_for_its_households_is_withheld_for_every_kind() -> None:
    parents: dict[str, str | None] = {"41": None, "4101": "41", "4102": "41", "4103": "41"}
    one = {"received": 30, "referred": 10, "missing": 10, "duplicated": 10}
    counts = {
        "4101": one,
        "4102": one,
        "4103": one,
        "41": {status: 3 * number for status, number in one.items()},
    }
    whole = published_of_kind(RegionTree.of(parents), counts, frozenset())
    assert all(len(names) == 5 for names in whole.values())
    shown = published_of_kind(RegionTree.of(parents), counts, frozenset({"4101", "4102"}))
    assert shown["4101"] == shown["4102"] == []
    assert len(shown["4103"]) == 5
