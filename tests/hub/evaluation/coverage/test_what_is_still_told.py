"""No more is withheld than necessary: numbers of five or more are published, and every withheld region follows from the rule."""

import pytest

from hub.evaluation.coverage.withholding import RegionTree, parts_of, published_of_kind, published_regions

CITY: dict[str, str | None] = {"41": None, "4101": "41", "4102": "41", "4103": "41"}


def told(*numbers: int, withheld: frozenset[str] = frozenset()) -> set[str]:
    """The published ones of some siblings with these numbers."""
    by_region = {"41": [sum(numbers)]} | {f"410{place}": [number] for place, number in enumerate(numbers, 1)}
    return published_regions(RegionTree.of(CITY), by_region, withheld) - {"41"}


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ((5, 5, 5), {"4101", "4102", "4103"}),  # five is published
        ((1, 4, 5), {"4103"}),  # two that add up to five hide each other
        ((1, 3, 5), set()),  # two that add up to four do not
        ((4, 4, 5), set()),  # a sum of eight would reveal that each of two is four
        ((3, 5, 9), set()),  # likewise any two that add up to eight
        ((3, 6, 9), {"4103"}),
        ((4, 9, 9), set()),  # equal numbers are withheld together
        ((0, 0, 9), set()),  # a sum of zero reveals both zeros
        ((0, 5, 9), {"4103"}),
        ((4, 4, 4), set()),  # no other sibling is left to be withheld with them
    ],
)
def test_of_three_regions_those_are_told_that_give_nobody_away(
    numbers: tuple[int, ...], expected: set[str]
) -> None:
    assert told(*numbers) == expected


def test_a_region_withheld_for_its_households_is_not_the_only_one_withheld() -> None:
    assert told(7, 8, 9, withheld=frozenset({"4101"})) == {"4103"}
    assert told(7, 8, 9, withheld=frozenset({"4101", "4103"})) == {"4102"}


@pytest.mark.parametrize(
    ("number", "withheld", "expected"), [(5, False, True), (4, False, False), (50, True, False)]
)
def test_a_root_is_told_from_five_on_unless_it_is_withheld(
    number: int, withheld: bool, expected: bool
) -> None:
    regions = RegionTree.of({"41": None, "42": None, "4101": "41"})
    hidden = frozenset({"41"}) if withheld else frozenset()
    answered = published_regions(regions, {"41": [number], "4101": [number], "42": [90]}, hidden)
    assert answered == {"42", *(("41", "4101") if expected else ())}


def test_every_one_of_a_region_s_numbers_must_be_told_or_none_is() -> None:
    numbers = {"41": [60, 60], "4101": [20, 4], "4102": [20, 26], "4103": [20, 30]}
    assert published_regions(RegionTree.of(CITY), numbers) == {"41", "4103"}


def test_a_region_whose_parent_is_not_among_them_is_a_root() -> None:
    tree = RegionTree.of({"4101": "41", "410102": "4101", "410101": "4101", "4102": "41"})
    assert (tree.roots, tree.children) == (["4101", "4102"], {"4101": ["410101", "410102"]})


def test_a_status_of_five_is_a_part_of_its_own() -> None:
    alone = [("received",), ("referred",), ("missing",), ("duplicated",)]
    assert parts_of(dict.fromkeys(("received", "referred", "missing", "duplicated"), 5)) == alone
    assert parts_of({"received": 9, "referred": 5, "missing": 2, "duplicated": 3}) == [
        ("received",),
        ("referred",),
        ("duplicated", "missing"),
    ]


def test_of_a_kind_the_whole_is_told_where_its_parts_are_not() -> None:
    def counts(received: int, missing: int) -> dict[str, int]:
        return {"received": received, "referred": 0, "missing": missing, "duplicated": 0}

    kind = {"41": counts(60, 30), "4101": counts(20, 2), "4102": counts(20, 10), "4103": counts(20, 18)}
    # at the top `referred` and `duplicated` are 0: they form one group with `missing`, so only `received` is published
    assert published_of_kind(RegionTree.of(CITY), kind, frozenset()) == {
        "41": ["entitled", "received"],
        "4101": ["entitled"],
        "4102": ["entitled"],
        "4103": ["entitled", "received"],
    }
    nothing = {region: counts(0, 0) for region in kind}
    assert published_of_kind(RegionTree.of(CITY), nothing, frozenset()) == {region: [] for region in kind}
