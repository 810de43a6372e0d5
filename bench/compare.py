"""Checks before the measurements that all systems give the same answers.

Answers are normalised (a list under `nodes` is the list, an instant is an instant) and compared value by value with the
hub's. A difference stops the run.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

import httpx

from bench.database import report_progress
from bench.questions import Questions
from bench.systems import CannotMeasure, Running

_MOST = 20
"""Questions compared for each workload."""


def ask(system: Running, path: str, token: str, body: str) -> Any:
    """The data of one answer; raises CannotMeasure if it has no data or has errors."""
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Accept": "application/json",
    }
    answer = httpx.post(f"http://127.0.0.1:{system.port}{path}", content=body, headers=headers, timeout=120)
    reply = answer.json() if answer.status_code == 200 else {}
    if answer.status_code != 200 or "errors" in reply or not reply.get("data"):
        raise CannotMeasure(
            f"{system.name} answered {answer.status_code} to {body[:600]}\n{answer.text[:1000]}"
        )
    return reply["data"]


def compare(of_systems: Mapping[Running, Mapping[str, Questions]], workload: str, token: str) -> int:
    """Ask every system the same questions; returns the number of equal values, raises CannotMeasure."""
    values = 0
    least = min(len(of[workload].variables) for of in of_systems.values())
    if least != max(len(of[workload].variables) for of in of_systems.values()):
        raise CannotMeasure(f"{workload}: the systems do not count the same rows.")
    for place in range(min(least, _MOST)):
        answers = {
            system.name: plain(ask(system, of[workload].path, token, of[workload].bodies[place]))
            for system, of in of_systems.items()
        }
        for (ours, mine), (other, theirs) in pairwise(answers.items()):
            if different := next(_differences(mine, theirs, "data"), None):
                raise CannotMeasure(
                    f"{workload}, question {place}: {ours} and {other} differ at {different}. Nothing was timed."
                )
        values += _count(next(iter(answers.values())))
    questions = min(least, _MOST)
    report_progress(
        f"{workload}: {len(of_systems)} systems agree on {values:,} values of {questions} questions"
    )
    return round(values / questions)


def plain(value: Any, key: str = "") -> Any:
    """A normalised answer."""
    match value:
        case {"nodes": list() as nodes, **rest} if not rest:
            return plain(nodes)
        case dict():
            return {name: plain(field, name) for name, field in value.items()}
        case list():
            return [plain(item) for item in value]
        case str() if key.endswith("At"):
            return datetime.fromisoformat(value).astimezone(UTC)
        case _:
            return value


def _differences(mine: Any, theirs: Any, at: str) -> Iterator[str]:
    if isinstance(mine, dict) and isinstance(theirs, dict):
        for key in mine.keys() | theirs.keys():
            yield from _differences(mine.get(key, "(absent)"), theirs.get(key, "(absent)"), f"{at}.{key}")
    elif isinstance(mine, list) and isinstance(theirs, list) and len(mine) == len(theirs):
        for place, (item, other) in enumerate(zip(mine, theirs, strict=True)):
            yield from _differences(item, other, f"{at}[{place}]")
    elif mine != theirs:
        yield f"{at}: {str(mine)[:200]!r} and {str(theirs)[:200]!r}"


def _count(value: Any) -> int:
    match value:
        case dict():
            return sum(map(_count, value.values()))
        case list():
            return sum(map(_count, value))
        case _:
            return 1
