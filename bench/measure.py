"""Interleaved rounds: every system is under load for some seconds, in turn, several times; medians and ratios."""

import math
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from auth.departments import DEPARTMENTS
from auth.grant import Grant
from auth.tokens import Tokens
from bench.database import BenchDatabase, report_progress
from bench.load import CONNECTIONS, Load, alone, press
from bench.systems import Running
from hub.foundation.settings import Settings

Measured = dict[str, Any]
_TURNS_OF_EACH = 4
"""The least number of answers for each of wrk's connections in a turn: a slow system gets longer turns."""

RATIOS = (
    ("hub", "limit"),
    ("hub", "postgraphile"),
    ("hub", "strawberry"),
    ("hub", "reference"),
    ("hub", "unguarded"),
)


@dataclass(frozen=True)
class Pace:
    """The number of rounds, and the seconds of a turn."""

    rounds: int
    seconds: int


@dataclass(frozen=True, eq=False)
class Target:
    """The address of a system for a workload, and its requests."""

    system: Running
    path: str
    bodies: Sequence[str]
    unique: bool = False
    results: list[Load] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The address of its requests."""
        return f"http://127.0.0.1:{self.system.port}{self.path}"

    def press(self, token: str, seconds: int) -> Load:
        """Put it under load for some seconds; raises CannotMeasure."""
        return press(self.url, token, self.bodies, seconds, unique=self.unique)


def tokens_of(agency: str, on: BenchDatabase) -> Callable[[], str]:
    """Issues tokens of an agency with all scopes of its department, as /oauth/token does: a new one for every round, so that
    none expires during a round."""
    department, _, region = agency.partition("@")
    permissions = DEPARTMENTS[department]
    grant = Grant(
        agency, "bench", permissions.scopes, (region,), permissions.purposes[0], permissions.purposes
    )
    issuer = Tokens(on.keys, Settings(token_seconds=3600))
    return lambda: issuer.issue(grant)


def measure(workload: str, targets: Sequence[Target], token: Callable[[], str], pace: Pace) -> Measured:
    """Measure every target in turn; each round begins with a different one. Raises CannotMeasure for a wrong answer."""
    seconds = {target: _turn(target, token(), pace) for target in targets}
    for target in targets:
        target.press(token(), math.ceil(seconds[target] / 2))
    machine: list[float] = []
    for place in range(pace.rounds):
        turn = place % len(targets)
        for target in [*targets[turn:], *targets[:turn]]:
            machine.append(os.getloadavg()[0])
            load = target.press(token(), seconds[target])
            target.results.append(load)
            report_progress(
                f"{workload} round {place + 1} of {pace.rounds}: {target.system.name:13}{load.a_second:10,.1f} a second, "
                f"p50 {load.p50:.1f} ms, p99 {load.p99:.1f} ms"
            )
    measured: Measured = {target.system.name: _summary(target.results) for target in targets}
    measured["ratios"] = ratios(measured)
    measured["load_average"] = {"median": round(median(machine), 1), "most": round(max(machine), 1)}
    return measured


def ratios(measured: Mapping[str, Any]) -> dict[str, float]:
    """The hub's medians divided by those of the others."""
    return {
        f"{system}/{other}": round(measured[system]["median"] / measured[other]["median"], 3)
        for system, other in RATIOS
        if measured.get(system) and measured.get(other)
    }


def _turn(target: Target, token: str, pace: Pace) -> int:
    """The seconds of a turn: as requested, or longer, so that every connection gets several answers."""
    lone = alone(target.url, token, target.bodies[0])
    return max(pace.seconds, math.ceil(_TURNS_OF_EACH * CONNECTIONS * lone))


def _summary(results: Sequence[Load]) -> dict[str, Any]:
    return {
        "median": round(median(result.a_second for result in results), 2),
        "rounds": [round(result.a_second, 2) for result in results],
        "p50_ms": round(median(result.p50 for result in results), 2),
        "p99_ms": round(median(result.p99 for result in results), 2),
    }


def soak(target: Target, token: Callable[[], str], requests: int, seconds: int) -> list[dict[str, float]]:
    """Load until a number of requests is answered; returns the memory of the process before, and after each stretch."""
    done, samples = 0, [{"requests": 0, "rss_mb": target.system.rss_mb}]
    while done < requests:
        done += target.press(token(), seconds).requests
        samples.append({"requests": done, "rss_mb": target.system.rss_mb})
        report_progress(f"soak: {done:,} of {requests:,} requests, {samples[-1]['rss_mb']} MB")
    return samples
