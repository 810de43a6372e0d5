"""Prevents core dumps: the memory of a process holds the keys, and values of persons."""

import ctypes
import resource
import sys

_PR_SET_DUMPABLE = 4
"""prctl(2)."""


def refuse_core_dumps() -> None:
    """Have this process, and those it starts, write no core dump.

    The limit is for files. If the kernel hands dumps to a program (`kernel.core_pattern` begins with `|`), only the flag
    prevents them. The flag also keeps other processes of the same user from reading this one's memory. A program that is
    started afterwards has the flag reset.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
