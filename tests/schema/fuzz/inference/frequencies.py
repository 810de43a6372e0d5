"""A classifier in plain Python: which signs go with a fact in one half of the people, and how well they name it in the other."""

import math
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass

SEEN, TELLING, MARGIN, CHANCE, STRONGEST = 6, 3.0, 0.08, 3.0, 5
"""A sign counts from so many subjects on, where the fact is so many standard deviations from what is expected. In the other
half it may miss the expectation by the margin, and by chance: so many standard deviations."""
_PRIOR = 4
"""How many subjects a rougher group weighs beside a finer one."""


@dataclass(frozen=True)
class Prediction:
    """What signs of one half foretell in the other: of `subjects` that bear them the fact holds of `held`, where `expected`
    would be by what they are alike in. `by` are the strongest signs."""

    subjects: int
    held: int
    expected: float
    by: tuple[str, ...]

    @property
    def is_better_than_the_base_rate(self) -> bool:
        """Beyond the margin and chance."""
        deviation = math.sqrt(max(self.expected * (1 - self.expected / max(self.subjects, 1)), 0.25))
        return abs(self.held - self.expected) > MARGIN * self.subjects + CHANCE * deviation


def base_rates(
    subjects: Collection[str], holds: Collection[str], groups: Callable[[str], Sequence[Hashable]]
) -> Mapping[str, float]:
    """How likely the fact is of each subject, by those who are alike: `groups` are what it is in, the roughest first."""
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
    """What signs foretell: those that speak for the fact together and the strongest of them alone, and those against it."""
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
