"""Ends a service even if something hangs: a process that was asked to end is gone within `LONGEST_END` seconds."""

import logging
import os
import threading
from collections.abc import Callable

LONGEST_END = 24.0
"""Seconds. Orchestrators mostly kill after 30."""
TO_FINISH = 12
"""Seconds of these for unfinished responses; the rest is for access records, for jobs, and for a database of the hub's own."""

_log = logging.getLogger(__name__)


class LastResort:
    """Ends the process if it has not ended by itself. `under_way` describes the unfinished work that is then cut off."""

    def __init__(self, under_way: Callable[[], str], seconds: float = LONGEST_END) -> None:
        self._under_way, self._seconds = under_way, seconds
        self._timer: threading.Timer | None = None

    def start(self) -> None:
        """Start the time limit; another call does not extend it."""
        if self._timer is None:
            self._timer = threading.Timer(self._seconds, self._end)
            self._timer.daemon = True
            self._timer.start()

    def _end(self) -> None:
        _log.error("the service did not end in %d s; cut off: %s", self._seconds, self._under_way())
        logging.shutdown()
        os._exit(1)
