"""The trial of one mutant: the fault is put into a copy of the tree, and the tests run there until one fails."""

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar

from tests.mutants.operators import Mutant
from tests.mutants.parts import ROOT

_FAILED = re.compile(r"^(?:FAILED|ERROR) (.+?)(?: - .*)?$", re.MULTILINE)
_LATER = 1_000_000_000
"""The modification time, in seconds since 1970, of the first mutated file. Each next one is a second later, so that Python
never uses one mutant's compiled file for another."""


class StaleMeasure(Exception):
    """A test that was measured is no longer there: measure again (`--measure`).
    测量过的测试已不存在,请用 --measure 重新测量。
    """


@dataclass(frozen=True)
class Outcome:
    """`found`: the test that found the fault, or a word if no test could start; None: every test passed."""

    found: str | None
    seconds: float


class Copy:
    """A copy of the tree, which holds one mutant at a time."""

    sound: ClassVar[set[str]] = set()
    """The tests that pass on the unchanged code."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.stamp = _LATER
        self.running: subprocess.Popen[str] | None = None
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        )
        for name in filter(None, listed.stdout.split("\0")):
            if (ROOT / name).is_file():
                (folder / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(ROOT / name, folder / name)

    def try_out(self, mutant: Mutant, tests: Sequence[str], limit: float) -> Outcome | None:
        """Run the tests on a mutant. Returns None if the trial decides nothing: the tests did not finish within `limit`
        seconds (a hanging test fails by its own limit), or the failing test fails on the unchanged code too."""
        before = (ROOT / mutant.file).read_bytes()
        self._write(mutant.file, mutant.put_into(before))
        began = time.monotonic()
        try:
            found = self._found_by(tests, limit)
        except subprocess.TimeoutExpired:
            return None
        finally:
            self._write(mutant.file, before)
        seconds = time.monotonic() - began
        return Outcome(found, seconds) if found is None or self._passes(found, limit) else None

    def stop(self) -> None:
        """Stop the tests that run in this copy, if any."""
        if self.running is not None:
            _stop(self.running)

    def _passes(self, test: str, limit: float) -> bool:
        if "::" not in test or test in self.sound:
            return True
        try:
            passes = self._found_by([test], limit) is None
        except subprocess.TimeoutExpired:
            return False
        if passes:
            self.sound.add(test)
        return passes

    def _write(self, file: str, content: bytes) -> None:
        (self.folder / file).write_bytes(content)
        self.stamp += 1
        os.utime(self.folder / file, (self.stamp, self.stamp))

    def _found_by(self, tests: Sequence[str], limit: float) -> str | None:
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-x",
            "-q",
            "-n",
            "0",
            "-p",
            "no:cacheprovider",
            "--no-header",
            "--tb=no",
            "--",
            *tests,
        ]
        self.running = running = subprocess.Popen(
            command,
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": str(self.folder)},
        )
        try:
            output, _ = running.communicate(timeout=limit)
        finally:
            _stop(running)
        if running.returncode == 0:
            return None
        if "ERROR: not found: " in output:
            raise StaleMeasure
        failed = _FAILED.search(output)
        return failed[1] if failed else "the tests do not start"


def _stop(running: "subprocess.Popen[str]") -> None:
    """Interrupt pytest if it still runs, so that it stops its database; kill it if it does not react."""
    if running.poll() is not None:
        return
    os.killpg(running.pid, signal.SIGINT)
    try:
        running.wait(timeout=30)
    except subprocess.TimeoutExpired:
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
