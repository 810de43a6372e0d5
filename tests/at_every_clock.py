"""`make test-clock`: runs the suite at each clock of `EDGES`, one after another, and reports those at which it failed.

python -m tests.at_every_clock [ARGUMENTS OF PYTEST]        CLOCKS="night leap-day" for some of them
"""

import os
import subprocess
import sys

from tests.fixtures.clock import EDGES, VARIABLE


def passes(clock: str, arguments: list[str]) -> bool:
    """Whether the tests pass at a clock; pytest prints the failures on the terminal."""
    print(f"\n== {VARIABLE}={clock}", flush=True)
    environment = {**os.environ, VARIABLE: clock}
    return (
        subprocess.run([sys.executable, "-m", "pytest", *arguments], env=environment, check=False).returncode
        == 0
    )


def main() -> int:
    """Run the suite at every clock; returns 1 if it failed at one of them."""
    clocks = os.environ.get("CLOCKS", "").split() or EDGES
    failed = [
        clock
        for clock in clocks
        if not passes(clock, sys.argv[1:] or ["-n", "auto", "--dist", "worksteal", "-q"])
    ]
    print(f"\nclocks: {len(clocks) - len(failed)} passed, {len(failed)} failed", *failed)
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
