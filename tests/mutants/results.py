"""The results of trials, stored in results.jsonl, and their table in README.md."""

import json
import tomllib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

from tests.mutants.operators import Mutant
from tests.mutants.parts import HERE
from tests.mutants.trial import Outcome

RESULTS = HERE / "results.jsonl"
_README = HERE / "README.md"
_MARK = "<!-- results -->\n"


@dataclass(frozen=True)
class Result:
    """The trial of one mutant. `found`: the test that failed; None if the mutant survived."""

    part: str
    id: str
    file: str
    line: int
    within: str
    operator: str
    was: str
    becomes: str
    found: str | None
    seconds: float

    @classmethod
    def of(cls, part: str, mutant: Mutant, outcome: Outcome) -> "Result":
        """The result of a trial."""
        return cls(
            part,
            mutant.id,
            mutant.file,
            mutant.line,
            mutant.within,
            mutant.operator,
            mutant.was,
            mutant.becomes,
            outcome.found,
            round(outcome.seconds, 1),
        )


def kept(file: Path = RESULTS) -> dict[str, Result]:
    """The last result of each mutant, by its id."""
    if not file.exists():
        return {}
    results = (Result(**json.loads(line)) for line in file.read_text().splitlines())
    return {result.id: result for result in results}


def keep(result: Result, file: Path = RESULTS) -> None:
    """Store a result at once, so that an interrupted run continues where it was."""
    with file.open("a") as kept_in:
        kept_in.write(json.dumps(asdict(result), ensure_ascii=False) + "\n")


def explained() -> dict[str, str]:
    """The reasons why surviving mutants change nothing visible, by id."""
    return _by_id("explained.toml")


def written() -> dict[str, str]:
    """The tests that were written for mutants that had survived, by the mutant's id."""
    return _by_id("written.toml")


def _by_id(file: str) -> dict[str, str]:
    return dict(tomllib.loads((HERE / file).read_text()))


def write_table(results: Iterable[Result]) -> str:
    """Rewrite README.md's table and results.jsonl, sorted, with each mutant once; returns the table."""
    rows = sorted(results, key=lambda result: (result.file, result.line, result.operator, result.id))
    RESULTS.write_text("".join(json.dumps(asdict(result), ensure_ascii=False) + "\n" for result in rows))
    table = _table(rows)
    _README.write_text(_README.read_text().partition(_MARK)[0] + _MARK + "\n" + table)
    return table


def _table(results: list[Result]) -> str:
    why = explained()
    lines = [
        "| part | tried | found | survived, the same to every caller | survived |",
        "| --- | --- | --- | --- | --- |",
    ]
    for part in [*dict.fromkeys(result.part for result in results), "all"]:
        own = [result for result in results if part in (result.part, "all")]
        found = sum(result.found is not None for result in own)
        same = sum(result.found is None and result.id in why for result in own)
        share = f" ({100 * (found + same) // len(own)} %)" if own else ""
        lines.append(
            f"| {part} | {len(own)} | {found}{share if part == 'all' else ''} | {same} | {len(own) - found - same} |"
        )
    survived = [result for result in results if result.found is None]
    if survived:
        lines += ["", "| survived | operator | was | becomes | why |", "| --- | --- | --- | --- | --- |"]
        lines += [
            f"| `{result.file}:{result.line}` {result.id} | {result.operator} | `{_cell(result.was)}` "
            f"| `{_cell(result.becomes)}` | {why.get(result.id, '')} |"
            for result in survived
        ]
    return "\n".join(lines) + "\n"


def _cell(code: str) -> str:
    short = " ".join(code.split()).replace("|", "\\|")
    return short if len(short) <= 120 else short[:119] + "…"
