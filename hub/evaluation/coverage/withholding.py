"""Which numbers are withheld, so that no number under five is published or can be computed from published ones (46-4.2).

The number of a region is the sum of its parts, so a single withheld part could be computed from the rest. The rules:

1. Of sibling regions those with a number under five are withheld, and with them the next smallest ones, until at least two
are withheld and each of their numbers adds up to five or more, and not to four for each region (four for each would reveal
that all are four). Equal regions are withheld together, so their order reveals nothing. Regions inside a withheld region are
withheld too. So regions form groups of five or more, and published numbers never split a group. 2. A region that is withheld
for its households is withheld for all numbers of the category: an aid kind that everybody is entitled to would reveal the
number of households. 3. The statuses of a category and kind are grouped into parts, the same for every region: at the top the
smallest are combined until each part has five or more. Only a status that alone forms a part is published. The parts of a
region are published by rule 1, with each part as one of its numbers.

Every published number is then a sum over cells (group of regions x part) of a table. If a cell is not published, only its
margins are; with margins of five or more, the cell can have several values. No published number adds several categories or
kinds. `tests/hub/evaluation/coverage` tries to compute withheld numbers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

FEW = 5
"""Smaller numbers are withheld."""
STATUSES = ("received", "referred", "missing", "duplicated")

Numbers = Sequence[int]


@dataclass(frozen=True)
class RegionTree:
    """The tree of regions: the parent and the ordered children of each. Roots have no parent in the tree."""

    children: Mapping[str, Sequence[str]]
    roots: Sequence[str]

    @classmethod
    def of(cls, parents: Mapping[str, str | None]) -> "RegionTree":
        """The tree from the parent of each region; a parent outside the regions counts as none."""
        children: dict[str, list[str]] = {}
        for region, parent in sorted(parents.items()):
            if parent in parents:
                assert parent is not None
                children.setdefault(parent, []).append(region)
        return cls(children, sorted(region for region, parent in parents.items() if parent not in parents))


def published_regions(
    tree: RegionTree, numbers: Mapping[str, Numbers], withheld: frozenset[str] = frozenset()
) -> set[str]:
    """The regions whose numbers are published by rule 1; those in `withheld` never are."""
    published: set[str] = set()
    waiting = [root for root in tree.roots if min(numbers[root]) >= FEW and root not in withheld]
    while waiting:
        region = waiting.pop()
        published.add(region)
        siblings = tree.children.get(region, ())
        hidden = _withheld_of(siblings, numbers, withheld)
        waiting += [sibling for sibling in siblings if sibling not in hidden]
    return published


def _withheld_of(
    siblings: Sequence[str], numbers: Mapping[str, Numbers], withheld: frozenset[str]
) -> set[str]:
    """The siblings that are withheld together."""
    hidden = {region for region in siblings if region in withheld or min(numbers[region]) < FEW}
    while hidden and len(hidden) < len(siblings) and not _hides(hidden, numbers):
        rest = [region for region in siblings if region not in hidden]
        least = min(sum(numbers[region]) for region in rest)
        hidden |= {region for region in rest if sum(numbers[region]) == least}
    return hidden


def _hides(hidden: set[str], numbers: Mapping[str, Numbers]) -> bool:
    """Whether the numbers of regions cannot be computed from their sum."""
    sums = [sum(column) for column in zip(*(numbers[region] for region in hidden), strict=True)]
    return len(hidden) > 1 and all(region >= FEW and region != (FEW - 1) * len(hidden) for region in sums)


def parts_of(totals: Mapping[str, int]) -> list[tuple[str, ...]]:
    """The parts of the statuses by rule 3, from their numbers at the top."""
    parts: list[tuple[str, ...]] = [(status,) for status in STATUSES]

    def size(part: tuple[str, ...]) -> tuple[int, tuple[str, ...]]:
        return sum(totals[status] for status in part), part

    while len(parts) > 1 and size(least := min(parts, key=size))[0] < FEW:
        parts.remove(least)
        next_least = min(parts, key=size)
        parts.remove(next_least)
        parts.append(tuple(sorted((*least, *next_least))))
    return parts


def published_of_kind(
    tree: RegionTree, counts: Mapping[str, Mapping[str, int]], withheld: frozenset[str]
) -> dict[str, list[str]]:
    """The published numbers of a category and kind for each region. `counts` are the numbers of each status by region;
    `withheld` are the regions that are withheld for their households (rule 2)."""
    entitled = {region: [sum(by_status.values())] for region, by_status in counts.items()}
    published = published_regions(tree, entitled, withheld)
    totals = {status: sum(counts[root][status] for root in tree.roots) for status in STATUSES}
    parts = parts_of(totals)
    by_part = {
        region: [sum(by_status[status] for status in part) for part in parts]
        for region, by_status in counts.items()
    }
    detailed = (
        published_regions(tree, by_part, frozenset(set(counts) - published)) if len(parts) > 1 else set()
    )
    single = [part[0] for part in parts if len(part) == 1]
    return {
        region: [*(["entitled"] if region in published else []), *(single if region in detailed else [])]
        for region in counts
    }
