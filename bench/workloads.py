"""The workloads, in the order in which they run: the reads side by side on one database, the writes and the monitoring on
copies, then the import."""

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from bench import copying, drafts, first_time, imports, lists, monitoring
from bench.compare import ask, compare
from bench.database import BenchDatabase, report_progress
from bench.measure import Measured, Pace, Target, measure, ratios, soak, tokens_of
from bench.questions import Questions, Variables, questions
from bench.systems import Running, available, running

READS = ("W1", "W2", "W4", "W5")
LISTS = ("W8", "W9")
ALL = (*sorted((*READS, "W3")), "W6", "W7", *LISTS, "W10")
_READERS = ("hub", "reference", "strawberry", "postgraphile", "limit")
_WRITERS = ("hub", "reference", "strawberry")
_GUARDS = ("W1", "W2")
"""The workloads that the hub without guards runs too."""


@dataclass(frozen=True)
class Wanted:
    """The parts and the pace of a run."""

    workloads: Sequence[str]
    pace: Pace
    soak: int


def reads(on: BenchDatabase, wanted: Wanted) -> dict[str, Measured]:
    """W1, W2, W4 and W5, compared and then measured; the memory of each system, and the soak test."""
    chosen = [name for name in READS if name in wanted.workloads]
    names, missing = available(_READERS)
    if guarded := [name for name in chosen if name in _GUARDS]:
        names.insert(names.index("hub") + 1, "unguarded")  # adjacent in every round
    token = tokens_of("civil_affairs@4101", on)
    with ExitStack() as stack:
        systems = [stack.enter_context(running(name, on)) for name in names]
        questions = {system: _questions(system, token(), on) for system in systems}
        parts = [part for name in chosen for part in ((name, f"{name}_first") if name == "W4" else (name,))]
        values = {part: compare(_taking_part(questions, part), part, token()) for part in parts}
        before = {system.name: system.rss_mb for system in systems}
        measured: dict[str, Measured] = {}
        for part in parts:
            targets = [
                Target(system, of[part].path, of[part].bodies)
                for system, of in _taking_part(questions, part).items()
            ]
            measured[part] = {
                "values": values[part],
                **measure(part, targets, token, wanted.pace),
                **_skipped(missing),
            }
            if part in guarded:
                measured[part]["guards"] = _guards(measured[part])
        measured["memory_mb"] = {
            system.name: {"before": before[system.name], "after": system.rss_mb} for system in systems
        }
        if wanted.soak:
            hub = next(system for system in systems if system.name == "hub")
            part = parts[0]
            target = Target(hub, questions[hub][part].path, questions[hub][part].bodies)
            measured["soak"] = {
                "workload": part,
                "hub": soak(target, token, wanted.soak, wanted.pace.seconds),
            }
    return measured


def _questions(system: Running, token: str, on: BenchDatabase) -> dict[str, Questions]:
    def put(document: str, variables: Variables) -> Any:
        return ask(system, "/graphql", token, Questions("/graphql", document, []).body(variables))

    return questions(system.name, put, on)


def _taking_part(
    questions: Mapping[Running, dict[str, Questions]], part: str
) -> dict[Running, dict[str, Questions]]:
    return {system: of for system, of in questions.items() if system.name != "unguarded" or part in _GUARDS}


def _skipped(missing: Mapping[str, str]) -> Measured:
    """The entries of systems that could not run: null, with the reason."""
    return {**dict.fromkeys(missing), "skipped": dict(missing)} if missing else {}


def _guards(measured: Measured) -> Measured:
    """The factor by which the guards slow a workload down: the median over the rounds, in each of which both ran."""
    on, off = measured["hub"], measured["unguarded"]
    slower = [
        without / with_guards - 1 for with_guards, without in zip(on["rounds"], off["rounds"], strict=True)
    ]
    return {"on": on["median"], "off": off["median"], "slower_by": round(median(slower), 4)}


def writes(on: BenchDatabase, wanted: Wanted) -> dict[str, Measured]:
    """W3 on a copy of the database: 500 outcomes in a mutation, one in a mutation, and the same rows by COPY."""
    token = tokens_of("education@4101", on)
    measured: dict[str, Measured] = {}
    with on.copied() as copy, ExitStack() as stack:
        systems = [stack.enter_context(running(name, copy)) for name in _WRITERS]
        for part, bodies in (("W3", drafts.batches), ("W3_single", drafts.single)):
            held = _records(copy)
            targets = [
                Target(system, "/graphql", bodies(system.name, copy), unique=True) for system in systems
            ]
            measured[part] = measure(part, targets, token, wanted.pace)
            report_progress(f"{part}: {_records(copy) - held:,} aid records were written")
        measured["W3"]["limit"] = limit = copying.measure(copy)
    for name in _WRITERS:
        measured["W3"][name]["outcomes_a_second"] = round(measured["W3"][name]["median"] * drafts.BATCH)
    limit["median"] = round(limit["outcomes_a_second"] / drafts.BATCH, 2)
    measured["W3"]["ratios"] = ratios(measured["W3"])
    return measured


def _records(on: BenchDatabase) -> int:
    count: int = on.rows("select count(*) from aid_record")[0][0]
    return count


def first_times(on: BenchDatabase, wanted: Wanted) -> dict[str, Measured]:
    """W10, for the hub only."""
    with running("hub", on) as system:
        return {"W10": {"hub": first_time.measure(system, on, wanted.pace.seconds)}}


def monitored(on: BenchDatabase) -> dict[str, Measured]:
    """W7 on a copy of the database."""
    return {"W7": {"hub": monitoring.measure(on)}}


def listed(on: BenchDatabase) -> dict[str, Measured]:
    """W8 and W9, which the peers cannot answer."""
    return lists.measure(on)


def imported(rows: int) -> dict[str, Measured]:
    """W6, in a hub of its own."""
    report_progress(f"W6 import of {rows:,} rows …")
    with tempfile.TemporaryDirectory(prefix="hub-bench-") as name:
        Path(name).chmod(0o711)  # PostgreSQL's user must have access
        seconds = imports.measure(Path(name), rows)
    figures = {
        "rows": rows,
        "first_seconds": seconds["first"],
        "again_seconds": seconds["again"],
        "rows_a_second": round(rows / seconds["first"]),
        "list_rows": len(range(0, rows, 2)),
        "list_first_seconds": seconds["list_first"],
        "list_again_seconds": seconds["list_again"],
    }
    return {"W6": {"hub": figures}}
