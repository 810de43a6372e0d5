"""Whether a client still waits for its answer.

A client that closed its connection reads no answer, so its work is cancelled: a read is ended, a write is rolled back. A
commit under way is finished, since it cannot be undone.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Presence:
    """The presence of the client at one connection, which has one request answered at a time."""

    def __init__(self) -> None:
        self.gone = False
        self.answering: asyncio.Task[object] | None = None
        """The task that the client waits for, cancelled when the client leaves; None while work must be finished."""
        self._finishing = False

    @contextmanager
    def finishing(self) -> Iterator[None]:
        """Work in this block is finished even if the client leaves; what follows is then cancelled."""
        self._finishing = True
        try:
            yield
        finally:
            self._finishing = False
            if self.gone:
                self._cancel()

    def leave(self) -> None:
        """The client has left."""
        self.gone = True
        if not self._finishing:
            self._cancel()

    def _cancel(self) -> None:
        if self.answering is not None:
            self.answering.cancel()
