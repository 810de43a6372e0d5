"""The figures: saved in a JSON file and printed as tables, which bench/README.md contains between two markers."""

import json
import os
import platform
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

FIGURES = Path(__file__).with_name("results.json")
_README = Path(__file__).with_name("README.md")
_BEGIN, _END = "<!-- figures -->", "<!-- end of figures -->"
_USUAL = 100_000
"""The number of households of the published figures; other sizes have their own key, as in `W1@1000000`."""

_SYSTEMS = ("hub", "reference", "strawberry", "postgraphile", "limit")
_TITLES = {
    "W1": "one household, about {values:,} values",
    "W2": "100 households, about {values:,} values",
    "W3": "500 outcomes in a mutation",
    "W3_single": "one outcome in a mutation",
    "W4": "the page at the 50,000th row (the middle, where there are fewer)",
    "W4_first": "the first page",
    "W5": "50 households of a circumstance, and the count of all",
}


def save(measured: Mapping[str, Any], run: Mapping[str, Any], file: Path) -> None:
    """Merge figures into the file; those of other workloads and sizes stay. The README is updated from the published file."""
    figures = json.loads(file.read_text()) if file.exists() else {}
    at = f"{datetime.now(UTC):%Y-%m-%d}"
    machine = {
        "cores": os.cpu_count(),
        "processor": _processor(),
        "system": platform.system(),
        "python": platform.python_version(),
    }
    size = run.get("households", _USUAL)
    for name, figure in measured.items():
        figures[name if size == _USUAL else f"{name}@{size}"] = {
            **figure,
            "run": {"at": at, **run, **machine},
        }
    file.write_text(json.dumps(dict(sorted(figures.items())), indent=1) + "\n")
    if file == FIGURES:
        text = _README.read_text()
        before, _, rest = text.partition(_BEGIN)
        _README.write_text(f"{before}{_BEGIN}\n{show(file)}\n{_END}{rest.partition(_END)[2]}")


def _processor() -> str:
    """The name of the machine's processor, if Linux knows it."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())


def show(file: Path) -> str:
    """The tables of a file of figures, in Markdown."""
    figures = json.loads(file.read_text())
    parts = (_operations, _reached, _first_times, _monitoring, _others)
    lines = [line for part in parts for line in (*part(figures), "")]
    return "\n".join(lines).strip()


def _title(key: str, figure: Mapping[str, Any]) -> str:
    name, _, size = key.partition("@")
    title = f"{name.replace('_first', '').replace('_single', '')} {_TITLES[name].format(values=figure.get('values', 0))}"
    return f"{title}, at {int(size):,} households" if size else title


def _operations(figures: Mapping[str, Any]) -> Iterator[str]:
    yield f"| operations a second | {' | '.join(_SYSTEMS)} | hub p50, p99 | its spread | load of the machine |"
    yield f"| --- |{' ---: |' * len(_SYSTEMS)} ---: | ---: | ---: |"
    for key, figure in figures.items():
        if key.partition("@")[0] in _TITLES:
            medians = [f"{figure[name]['median']:,.1f}" if figure.get(name) else "–" for name in _SYSTEMS]
            hub = figure["hub"]
            spread = (max(hub["rounds"]) - min(hub["rounds"])) / hub["median"]
            load = figure.get("load_average", {}).get("median", "–")
            yield (
                f"| {_title(key, figure)} | {' | '.join(medians)} | {hub['p50_ms']} ms, {hub['p99_ms']} ms "
                f"| {spread:.0%} | {load} |"
            )


def _reached(figures: Mapping[str, Any]) -> Iterator[str]:
    yield "| wanted | got | |"
    yield "| --- | --- | --- |"
    for target, got, reached in _targets(figures):
        yield f"| {target} | {got} | {'reached' if reached else '**not reached**'} |"


def _targets_of_writes(at: str, figure: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    outcomes = figure["hub"]["outcomes_a_second"]
    yield f"{at}: at least 5,000 outcomes a second", f"{outcomes:,}", outcomes >= 5000
    if limit := figure.get("limit"):
        copied = limit["outcomes_a_second"]
        yield f"{at}: of the same rows by COPY, {copied:,} a second", f"{outcomes / copied:.2f}", True


def _targets(figures: Mapping[str, Any]) -> Iterator[tuple[str, str, bool]]:
    """The targets of the hub that were measured: (target, result, whether reached)."""
    for key, figure in figures.items():
        name = key.partition("@")[0]
        at = key.replace("@", " at ")
        for other, least in {
            "W1": {"limit": 0.75, "postgraphile": 2.5},
            "W2": {"limit": 0.9, "postgraphile": 4.5},
            "W4": {"postgraphile": 1.5},
            "W4_first": {"limit": 0.85, "postgraphile": 1.3},
            "W5": {"limit": 0.85, "postgraphile": 1.3},
        }.get(name, {}).items():
            if (got := figure["ratios"].get(f"hub/{other}")) is not None:
                yield f"{at}: at least {least} of {other}", f"{got:.2f}", got >= least
        if name == "W3":
            yield from _targets_of_writes(at, figure)
        if name == "W4" and (first := figures.get(key.replace("W4", "W4_first"))):
            times = first["hub"]["median"] / figure["hub"]["median"]
            yield f"{at}: at most 1.2 times the time of the first page", f"{times:.2f}", times <= 1.2
        if name in _TITLES and not name.startswith("W3"):
            times = figure["hub"]["p99_ms"] / figure["hub"]["p50_ms"]
            yield f"{at}: p99 at most 4 times p50", f"{times:.1f}", times <= 4
        if guards := figure.get("guards"):
            slower = guards["slower_by"]
            yield f"guards of {at}: at most 3% slower", f"{slower:.1%}", slower <= 0.03
        if name in ("W8", "W9"):
            for part, ms in figure["hub"].items():
                words = part.removesuffix("_ms").replace("_", " ")
                yield f"{at}, {words}: at most 50 ms for 100,000 households", f"{ms} ms", ms <= 50
        if name == "W7":
            most = 60 * figure["hub"]["persons"] / 1_000_000
            for run in ("first", "again", "changed"):
                seconds = figure["hub"][run]["seconds"]
                wanted = (
                    f"{at}, {run}: 60 s for 1,000,000 persons, {most:.0f} s for {figure['hub']['persons']:,}"
                )
                yield wanted, f"{seconds} s", seconds <= most
        if key == "W1@1000000" and "W1" in figures:
            times = figures["W1"]["hub"]["median"] / figure["hub"]["median"]
            yield (
                "W1 at 1,000,000 households: at most 1.3 times the time at 100,000",
                f"{times:.2f}",
                times <= 1.3,
            )


def _first_times(figures: Mapping[str, Any]) -> Iterator[str]:
    rows = [(key, figure["hub"]) for key, figure in figures.items() if key.partition("@")[0] == "W10"]
    if rows:
        yield "| W10 a document and scopes never seen | CPU, ms | p50, p99 | W1 of another client beside 16 such, p50, p99 |"
        yield "| --- | ---: | ---: | ---: |"
    for key, hub in rows:
        beside = hub["beside"]
        yield (
            f"| {key} | {hub['cpu_ms']} | {hub['p50_ms']} ms, {hub['p99_ms']} ms "
            f"| {beside['p50_ms']} ms, {beside['p99_ms']} ms |"
        )


def _monitoring(figures: Mapping[str, Any]) -> Iterator[str]:
    rows = [(key, figure["hub"]) for key, figure in figures.items() if key.partition("@")[0] == "W7"]
    if rows:
        yield "| W7 monitoring | first run, seconds | again, nothing to do | after many facts changed | the most memory, MB |"
        yield "| --- | ---: | ---: | ---: | ---: |"
    for _, hub in rows:
        runs = [hub[name] for name in ("first", "again", "changed")]
        timings = " | ".join(f"{run['seconds']} ({run['raised'] + run['closed']:,} alerts)" for run in runs)
        yield f"| {hub['persons']:,} persons | {timings} | {', '.join(str(run['peak_rss_mb']) for run in runs)} |"


def _others(figures: Mapping[str, Any]) -> Iterator[str]:
    if rows := figures.get("W6", {}).get("hub"):
        yield (
            f"W6, with the start of the command and of the database: the import of {rows['rows']:,} rows takes "
            f"{rows['first_seconds']} s, the same file again {rows['again_seconds']} s."
        )
    if listed := rows and rows.get("list_rows"):
        yield (
            f"A monthly list of {listed:,} of its persons takes {rows['list_first_seconds']} s, again "
            f"{rows['list_again_seconds']} s."
        )
    for key, figure in figures.items():
        name = key.partition("@")[0]
        if name == "memory_mb":
            series = (
                f"{system} {of['before']:.0f} → {of['after']:.0f}"
                for system, of in figure.items()
                if system != "run"
            )
            yield f"\nResident memory of the processes before and after the load ({key}), MB: {', '.join(series)}."
        if name == "soak":
            first, last = figure["hub"][1], figure["hub"][-1]
            yield (
                f"\nMemory of the hub over {last['requests']:,} requests ({figure['workload']}): {first['rss_mb']} MB after "
                f"{first['requests']:,}, {last['rss_mb']} MB at the end."
            )
        for system, reason in figure.get("skipped", {}).items():
            yield f"\n{key}: {system} was not measured: {reason}."
