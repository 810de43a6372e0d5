"""Restarts the hub's own PostgreSQL if it dies while the hub serves."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from hub.foundation.embedded import EmbeddedPostgres
from hub.foundation.operating import OperatorError
from hub.foundation.settings import Settings

EVERY = 1.0
"""Seconds between two checks."""
LONGEST_PAUSE = 30.0
"""The longest pause between two attempts, in seconds; each failure doubles the pause."""
_HEALTHY = 60.0
"""Seconds after which a restarted server counts as healthy."""

_log = logging.getLogger(__name__)


@contextmanager
def supervised(settings: Settings) -> Iterator[None]:
    """Watches the embedded server until the block ends; a database of the operator's own is not watched."""
    if settings.database_url is not None:
        yield
        return
    server, ended = EmbeddedPostgres(settings.data_dir), threading.Event()
    watching = threading.Thread(target=_watch, args=(server, ended), name="embedded server", daemon=True)
    watching.start()
    try:
        yield
    finally:
        ended.set()


def _watch(server: EmbeddedPostgres, ended: threading.Event) -> None:
    pause, since = EVERY, time.monotonic()
    while not ended.wait(pause):
        if server.runs():
            if time.monotonic() - since > _HEALTHY:
                pause = EVERY
            continue
        try:
            if server.restart(ended.is_set):
                _log.error("the embedded PostgreSQL had died and was started again")
                since = time.monotonic()
        except (OperatorError, OSError) as failure:
            _log.error("the embedded PostgreSQL had died and does not start: %s", type(failure).__name__)
        pause = min(2 * pause, LONGEST_PAUSE)
