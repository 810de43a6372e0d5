"""Whether somebody still waits for an answer.

A client that closed its connection reads no answer, so what is done for it is cancelled: a read is ended, a write is rolled back.
What is being committed is committed, since nobody can take that back.
"""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


class Presence:
    """Of the client at one connection, of whose requests one is answered at a time."""

    def __init__(self) -> None:
        self.gone = False
        self.answering: asyncio.Task[object] | None = None
        """The task that the client waits for, cancelled when it goes; None where what is done is done to its end."""
        self._finishing = False

    @contextmanager
    def finishing(self) -> Iterator[None]:
        """What is done meanwhile is done to its end; what comes after it is cancelled where the client went."""
        self._finishing = True
        try:
            yield
        finally:
            self._finishing = False
            if self.gone:
                self._cancel()

    def leave(self) -> None:
        """The client has gone."""
        self.gone = True
        if not self._finishing:
            self._cancel()

    def _cancel(self) -> None:
        if self.answering is not None:
            self.answering.cancel()
