"""The clock of the hub: the database's, which all its processes share.

A process learns it whenever it takes a connection that was not used just now. What it shows
differs from the database's clock by no more than such an answer was on its way, however far the machine's own clock is off.
Without a database it is the machine's.
"""

from datetime import UTC, datetime, timedelta


class Clock:
    """How far the machine's clock is behind the database's."""

    def __init__(self) -> None:
        self._behind = timedelta()

    def now(self) -> datetime:
        """The present instant in UTC."""
        return datetime.now(UTC) + self._behind

    def learn(self, before: datetime, instant: datetime, after: datetime) -> None:
        """Take over the database's `instant`, which was read between `before` and `after` by this clock. Where it lies between
        them, both clocks agree as far as anyone can tell, and nothing changes."""
        if instant < before:
            self._behind += instant - before
        elif instant > after:
            self._behind += instant - after


CLOCK = Clock()
"""The clock of this process."""
