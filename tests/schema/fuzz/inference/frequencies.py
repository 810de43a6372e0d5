"""A classifier in plain Python. It learns in one half of the people which signs go with a fact, and measures in the other
half how well they predict it."""

import math
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass

SEEN, TELLING, MARGIN, CHANCE, STRONGEST = 6, 3.0, 0.08, 3.0, 5
"""`SEEN`: the number of subjects from which a sign counts. `TELLING`: the standard deviations by which the fact must differ
from the expectation. In the other half a prediction may miss the expectation by `MARGIN`, and by `CHANCE` standard
deviations."""
_PRIOR = 4
"""The weight of a coarser group beside a finer one, in subjects."""


@dataclass(frozen=True)
class Prediction:
    """What signs of one half predict in the other half. `subjects` have the signs; for `held` of them the fact is true;
    `expected` is the number by their base rates. `by`: the strongest signs."""

    subjects: int
    held: int
    expected: float
    by: tuple[str, ...]

    @property
    def is_better_than_the_base_rate(self) -> bool:
        """Whether it differs by more than the margin and chance."""
        deviation = math.sqrt(max(self.expected * (1 - self.expected / max(self.subjects, 1)), 0.25))
        return abs(self.held - self.expected) > MARGIN * self.subjects + CHANCE * deviation


def base_rates(
    subjects: Collection[str], holds: Collection[str], groups: Callable[[str], Sequence[Hashable]]
) -> Mapping[str, float]:
    """The probability of the fact for each subject, from similar subjects. `groups`: the groups of a subject, the coarsest
    first."""
    of_group: Counter[tuple[Hashable, ...]] = Counter()
    held: Counter[tuple[Hashable, ...]] = Counter()
    paths = {one: [tuple(groups(one)[:end]) for end in range(len(groups(one)) + 1)] for one in subjects}
    for one, path in paths.items():
        of_group.update(path)
        if one in holds:
            held.update(path)
    rates = {}
    for one, path in paths.items():
        rate = 0.0
        for place, group in enumerate(path):
            prior = _PRIOR if place else 0
            rate = (held[group] + prior * rate) / (of_group[group] + prior)
        rates[one] = rate
    return rates


def predictions(
    signs: Mapping[str, frozenset[str]], holds: Collection[str], rates: Mapping[str, float]
) -> list[Prediction]:
    """The predictions of signs: those in favour of the fact together, the strongest of them alone, and those against it."""
    halves: tuple[list[str], list[str]] = ([], [])
    for one in sorted(rates):
        halves[zlib.crc32(one.encode()) % 2].append(one)
    first, second = halves
    seen: Counter[str] = Counter()
    more: defaultdict[str, float] = defaultdict(float)
    spread: defaultdict[str, float] = defaultdict(float)
    for one in first:
        for sign in signs.get(one, ()):
            seen[sign] += 1
            more[sign] += (one in holds) - rates[one]
            spread[sign] += rates[one] * (1 - rates[one])
    found = []
    for direction in (1, -1):
        strength = {
            sign: direction * more[sign] / math.sqrt(max(spread[sign], 0.25))
            for sign, times in seen.items()
            if times >= SEEN
        }
        telling = sorted(
            (one for one, by in strength.items() if by > TELLING), key=lambda one: -strength[one]
        )
        for some in (telling, *([one] for one in telling[:STRONGEST])):
            bearing = [one for one in second if not signs.get(one, frozenset()).isdisjoint(some)]
            expected = sum(rates[one] for one in bearing)
            held = len([one for one in bearing if one in holds])
            found.append(Prediction(len(bearing), held, expected, tuple(some[:STRONGEST])))
    return found
