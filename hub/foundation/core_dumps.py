"""No image of a process is left on a disk: its memory holds the keys, and values of persons."""

import ctypes
import resource
import sys

_PR_SET_DUMPABLE = 4
"""prctl(2)."""


def refuse_core_dumps() -> None:
    """Have this process, and those it starts, leave no core dump.

    The limit holds for files. Where the kernel hands dumps to a program (`kernel.core_pattern` begins with `|`) it is the
    flag that holds, which also keeps other processes of the same user from reading this one's memory; a program that is
    started has the flag anew.
    """
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
