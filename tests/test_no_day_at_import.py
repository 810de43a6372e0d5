"""No module reads the clock while it is imported: in a process that runs past midnight, the value would be yesterday's."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDERS = ("auth", "bench", "hub", "migrations/versions", "schema", "tests")
PROGRAMS = "tests/clients/"
"""Scripts that start their work at once, from the values in their environment."""


def read_at_import(root: Path, files: list[str]) -> list[str]:
    """Where modules read the clock while they are imported, with the calls that lead there."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.fixtures.clock_reads", str(root), *files],
        cwd=root,
        env={"PYTHONPATH": f"{root}:{ROOT}"},
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_no_module_reads_the_clock_while_it_is_imported() -> None:
    found = (str(file.relative_to(ROOT)) for folder in FOLDERS for file in (ROOT / folder).rglob("*.py"))
    assert read_at_import(ROOT, sorted(file for file in found if not file.startswith(PROGRAMS))) == []


def test_every_way_to_read_it_is_seen(tmp_path: Path) -> None:
    (tmp_path / "late.py").write_text(
        "import time\nfrom datetime import UTC, date, datetime\nfrom hub.foundation.calendar import today\n"
        "def tables():\n    return {'day': today()}\n"
        "A = date.today()\nB = datetime.now(UTC)\nC = time.time()\nD = tables()\n"
        "def later(of=datetime.today()):\n    return today()\n"
    )
    read = [line.split()[-1] for line in read_at_import(tmp_path, ["late.py"])]
    assert read == ["late.py:6", "late.py:7", "late.py:8", "late.py:9", "late.py:10"]
