"""The memory of processes with their descendants; shared memory is counted once (PSS, proc(5))."""

import os
from pathlib import Path

_PROC = Path("/proc")


def _parents() -> dict[int, int]:
    """The parent of every process."""
    found = {}
    for one in _PROC.iterdir():
        if one.name.isdigit():
            try:
                found[int(one.name)] = int((one / "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue  # it ended meanwhile
    return found


def family(pid: int) -> set[int]:
    """A process and its descendants."""
    parents, found = _parents(), {pid}
    while more := {one for one, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def server_of(folder: Path) -> int:
    """The pid of the PostgreSQL whose data lie under a folder."""
    (file,) = folder.rglob("postmaster.pid")
    return int(file.read_text().splitlines()[0])


def mebibytes(pids: set[int]) -> float:
    """The memory that processes use, in MiB."""
    total = 0
    for pid in pids - {os.getpid()}:
        try:
            rollup = (_PROC / str(pid) / "smaps_rollup").read_text()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in rollup.splitlines() if line.startswith("Pss:"))
    return total / 1024
