"""The parts of the hub that get faults, and the sample of mutants for each."""

import hashlib
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.operators import Mutant, mutants_of

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
_NO_LOGIC = ("refusals.py", "__init__.py")


@dataclass(frozen=True)
class Part:
    """A part of the code, and the tests that mirror it, most specific first."""

    name: str
    code: tuple[str, ...]
    tests: tuple[str, ...]

    @property
    def files(self) -> list[str]:
        """The files that contain logic."""
        found = {path for pattern in self.code for path in ROOT.glob(pattern) if path.name not in _NO_LOGIC}
        return sorted(str(path.relative_to(ROOT)) for path in found)

    def mutants(self) -> Iterator[Mutant]:
        """Every mutant of the part."""
        for file in self.files:
            yield from mutants_of(ROOT, file)

    def sample(self, many: int, seed: int) -> list[Mutant]:
        """A random sample of the mutants. A seed selects the same ones while their code reads the same."""

        def drawn(mutant: Mutant) -> str:
            return hashlib.sha256(f"{seed} {mutant.id}".encode()).hexdigest()

        return sorted(self.mutants(), key=drawn)[:many]


def parts() -> list[Part]:
    """The parts, as parts.toml names them."""
    table = tomllib.loads((HERE / "parts.toml").read_text())
    return [
        Part(name, tuple(one["code"]), tuple(test for test in one["tests"] if (ROOT / test).exists()))
        for name, one in table.items()
    ]
