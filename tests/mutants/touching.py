"""The tests that execute a line, as coverage.py measured once (`--measure`)."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path

from coverage import CoverageData

from tests.mutants.operators import Mutant
from tests.mutants.parts import ROOT, Part

MEASURED = ROOT / ".mutants" / "coverage"
_MOST = 150
"""The most tests of one mutant, so that each takes a minute or two: most of the suite executes some lines. A surviving mutant
may still be found by another test, so the real share of found mutants is never less than the table says."""


@dataclass
class Touching:
    """The tests by line, read from the measured data; without data, the tests of the part are used."""

    data: CoverageData | None
    breadth: Counter[str] = field(default_factory=Counter)

    @classmethod
    def read(cls, file: Path = MEASURED) -> "Touching":
        """The measured data; empty if there is none."""
        if not file.exists():
            return cls(None)
        data = CoverageData(str(file))
        data.read()
        touching = cls(data)
        for measured in data.measured_files():
            touching.breadth.update(_tests(data, measured, None))
        return touching

    def tests_of(self, mutant: Mutant, part: Part) -> list[str]:
        """The tests that may find a mutant, in the order of their trial: those that execute its lines, then those of its
        file, one test of each file in turn, most specific first. A line that runs at import belongs to no test, so the part's
        tests are tried then too."""
        if self.data is None or (measured := self._measured(mutant.file)) is None:
            return [*part.tests]
        lines = set(range(mutant.line, mutant.last_line + 1))
        own = self._in_turn(_tests(self.data, measured, lines), part)
        others = self._in_turn(_tests(self.data, measured, None) - set(own), part)
        unmeasured = [test for test in part.tests if not any(one.startswith(test) for one in self.breadth)]
        return [*own, *others][:_MOST] + (unmeasured if own else [*part.tests])

    def _measured(self, file: str) -> str | None:
        assert self.data is not None
        return next((one for one in self.data.measured_files() if one.endswith("/" + file)), None)

    def _in_turn(self, tests: set[str], part: Part) -> list[str]:
        by_file: dict[str, list[str]] = defaultdict(list)
        for test in sorted(tests, key=lambda test: (self.breadth[test], test)):
            by_file[test.partition("::")[0]].append(test)

        def rank(file: str) -> tuple[int, int]:
            places = [place for place, mirror in enumerate(part.tests) if file.startswith(mirror)]
            return (min(places, default=len(part.tests)), self.breadth[by_file[file][0]])

        rounds = zip_longest(*(by_file[file] for file in sorted(by_file, key=rank)))
        return [test for round in rounds for test in round if test is not None]


def _tests(data: CoverageData, file: str, lines: set[int] | None) -> set[str]:
    found = {
        context.rpartition("|")[0]
        for line, contexts in data.contexts_by_lineno(file).items()
        if lines is None or line in lines
        for context in contexts
    }
    return {test for test in found if test}
