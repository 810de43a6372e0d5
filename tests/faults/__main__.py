"""`make faults`: every fault in turn, each under load; then 50 random ones in a row; prints a table of what clients saw.
`python -m tests.faults overload` measures overload.

`python -m tests.faults [--only TEXT] [--drawn 50] [--seed 17] [--write]`; `--write` puts the table into docs/operations.md.
Exits with 1 if a write was lost, if clients got an unexpected answer, or if a process did not recover by itself.
"""

import argparse
import os
import random
import sys
import time
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from tests.faults import overload
from tests.faults.faults import FAULTS, Fault
from tests.faults.installation import Installation, installation
from tests.faults.load import LONGEST_ANSWER, Load, Seen

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
BEGIN, END = "<!-- faults: made by `make faults` -->", "<!-- faults: end -->"
TO_RECOVER = 60.0
"""Seconds within which both processes must answer again."""
HEAD = """| fault | what clients saw | longest answer | `/readyz` | answered again after | lost |
| --- | --- | --- | --- | --- | --- |"""


@dataclass(frozen=True)
class Outcome:
    """The outcome of a fault."""

    fault: Fault
    words: Counter[str]
    longest: float
    ready: frozenset[str]
    recovered: float | None
    lost: int
    wrong: tuple[str, ...]

    @property
    def row(self) -> str:
        """Its line in the table."""
        words = ", ".join(f"`{word}` {times}" for word, times in self.words.most_common())
        ready = ", ".join(f"`{word}`" for word in sorted(self.ready)) or "200"
        recovered = "not" if self.recovered is None else f"{self.recovered:.1f} s"
        return f"| {self.fault.name} | {words or 'nothing'} | {self.longest:.1f} s | {ready} | {recovered} | {self.lost} |"


def run(world: Installation, load: Load, fault: Fault, seconds: float) -> Outcome:
    """Inject a fault for some seconds, remove it, and wait until all kinds of requests are answered again."""
    injected = time.monotonic()
    fault.inject(world)
    time.sleep(seconds)
    fault.heal(world)
    healed = time.monotonic()
    while (recovered := load.recovered(healed)) is None and time.monotonic() - healed < TO_RECOVER:
        time.sleep(0.2)
    seen = load.since(injected)
    faults = load.faults_of_writes()
    words = Counter(one.word for one in seen if one.word != "ok" and one.kind != "ready")
    return Outcome(
        fault,
        words,
        max((one.seconds for one in seen), default=0.0),
        frozenset(one.word for one in seen if one.kind == "ready" and one.word != "ok"),
        recovered,
        len(faults),
        tuple(faults[:5]) + tuple(_strange(fault, seen)),
    )


def _strange(fault: Fault, seen: list[Seen]) -> list[str]:
    """Answers that no client should get."""
    may = fault.words | {"ok"} | ({"no connection"} if fault.gone else set())
    found = sorted({f"{one.kind} met {one.word}" for one in seen if one.word not in may})
    return found + [f"an answer took {one.seconds:.0f} s" for one in seen if one.seconds >= LONGEST_ANSWER]


def _drawn(world: Installation, load: Load, number: int, seed: int) -> list[Outcome]:
    """Random faults in a row, each short."""
    draw = random.Random(seed)
    outcomes = []
    for place in range(number):
        fault = draw.choice([one for one in FAULTS if one.possible(world)])
        outcome = run(world, load, fault, draw.uniform(0.5, 3) if fault.seconds else 0)
        outcomes.append(outcome)
        again = "never" if outcome.recovered is None else f"{outcome.recovered:.1f} s"
        print(
            f"{place + 1:3} {fault.name:58} again {again:>7} lost {outcome.lost} {list(outcome.wrong)}",
            flush=True,
        )
    return outcomes


def _written(table: str) -> None:
    text = PAGE.read_text("utf-8")
    before, _, rest = text.partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{table}\n{END}{rest.partition(END)[2]}", "utf-8")


def main() -> int:
    """Inject faults; returns the exit code."""
    if sys.argv[1:] == ["overload"]:
        return overload.main()
    parser = argparse.ArgumentParser(prog="python -m tests.faults")
    parser.add_argument("--only", default="", help="faults whose names hold this")
    parser.add_argument("--drawn", type=int, default=50)
    parser.add_argument("--seed", type=int, default=17)
    parser.add_argument("--write", action="store_true", help="put the table into docs/operations.md")
    arguments = parser.parse_args()
    lines, ill = [HEAD], []
    with installation() as world:
        load = Load(world)
        load.start()
        time.sleep(3)
        for fault in FAULTS:
            if arguments.only in fault.name:
                if not fault.possible(world):
                    print(f"| {fault.name} | not possible on this machine | | | | |", flush=True)
                    continue
                outcome = run(world, load, fault, fault.seconds)
                lines.append(outcome.row)
                print(outcome.row, *outcome.wrong, sep="\n    ", flush=True)
                ill += [outcome] if outcome.wrong or outcome.lost or outcome.recovered is None else []
        if arguments.write:
            _written("\n".join(lines))
        drawn = _drawn(world, load, arguments.drawn, arguments.seed)
        ill += [one for one in drawn if one.wrong or one.lost or one.recovered is None]
        load.end()
        missing, faults = load.without_record(), load.faults_of_writes()
        last = (
            f"{len(load.acknowledged)} writes were acknowledged, of which {len(faults)} are lost or doubled; "
            f"{sum(load.answered.values())} requests were answered, of which {missing} have no access record. "
            f"{len(drawn)} faults came in a row, drawn with seed {arguments.seed}. "
            f"The machine has {os.cpu_count()} cores; its load at the end was {os.getloadavg()[0]:.0f}."
        )
    print(last)
    if arguments.write:
        _written("\n".join([*lines, "", last]))
    return 1 if ill or missing or faults else 0


if __name__ == "__main__":
    sys.exit(main())
