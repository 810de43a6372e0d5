"""Load by `wrk`: 16 connections that send the next request after each answer; every answer is checked."""

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.systems import CannotMeasure

CONNECTIONS = 16
_SCRIPT = Path(__file__).with_name("load.lua")


@dataclass(frozen=True)
class Load:
    """The result of some seconds of load; times in milliseconds."""

    requests: int
    a_second: float
    p50: float
    p99: float


def percentile(values: Sequence[float], part: int) -> float:
    """The value below which `part` percent of the values lie."""
    return sorted(values)[min(len(values) - 1, len(values) * part // 100)]


def need_wrk() -> None:
    """Raises CannotMeasure if `wrk` is missing."""
    if shutil.which("wrk") is None:
        raise CannotMeasure(
            "wrk is not on PATH, and W1 to W5 are measured with it. Install it (Debian, Ubuntu: `apt-get install wrk`; "
            "macOS: `brew install wrk`), or measure the import alone: `python -m bench W6`."
        )


def alone(url: str, token: str, body: str) -> float:
    """The seconds of a single request, when it is sent for the second time."""
    headers = {
        "Authorization": f"Bearer {token}",
        "Content-Type": "application/json",
        "Accept": "application/json",
    }
    with httpx.Client(headers=headers, timeout=120) as http:
        for _ in range(2):
            started = time.perf_counter()
            http.post(url, content=body.replace("@@", f"{time.time_ns():x}-"))
    return time.perf_counter() - started


def press(url: str, token: str, bodies: Sequence[str], seconds: int, *, unique: bool = False) -> Load:
    """Send the bodies in turn for some seconds; with `unique`, `@@` in them is a different text in every request.

    Raises CannotMeasure if an answer was lost, was not 200, or had an error.
    """
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".jsonl") as file:
        file.write("\n".join(bodies) + "\n")
        file.flush()
        arguments = [file.name, f"{time.time_ns():x}-"] if unique else [file.name]
        command = [
            "wrk",
            "-t1",
            f"-c{CONNECTIONS}",
            f"-d{seconds}s",
            "--timeout",
            "60s",
            "-s",
            str(_SCRIPT),
            "-H",
            f"Authorization: Bearer {token}",
            url,
            "--",
            *arguments,
        ]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise CannotMeasure(f"wrk failed at {url}: {done.stderr.strip() or done.stdout.strip()}")
    report = json.loads(done.stdout.strip().splitlines()[-1])
    if report["failed"] or report["lost"] or not report["requests"]:
        raise CannotMeasure(
            f"{url}: of {report['requests']} answers {report['failed']} were wrong and {report['lost']} lost. "
            f"The first wrong one: {report['first']}"
        )
    a_second = report["requests"] / (report["microseconds"] / 1e6)
    return Load(report["requests"], a_second, report["p50"] / 1000, report["p99"] / 1000)
