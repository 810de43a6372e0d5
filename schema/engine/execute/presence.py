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
        self._answering: asyncio.Task[object] | None = None
        self._finishing = False

    def begin(self) -> None:
        """The client waits for what the current task does, until `end`: it is cancelled when the client goes."""
        self._answering = asyncio.current_task()

    def end(self) -> None:
        """What is done from here on is done to its end."""
        self._answering = None

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
        if self._answering is not None:
            self._answering.cancel()
