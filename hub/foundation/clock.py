"""The clock of the hub: the database's clock, which all its processes share.

A process reads it whenever it takes a connection that was not used just before. The error against the database's clock is at
most the time that this answer took, even if the machine's own clock is wrong. Without a database it is the machine's clock.
"""

from datetime import UTC, datetime, timedelta


class Clock:
    """The database's clock, as an offset from the machine's clock."""

    def __init__(self) -> None:
        self._behind = timedelta()

    def now(self) -> datetime:
        """The present instant in UTC."""
        return datetime.now(UTC) + self._behind

    def learn(self, before: datetime, instant: datetime, after: datetime) -> None:
        """Adjust to the database's `instant`, which was read between `before` and `after` by this clock. If it lies between
        them, both clocks agree within the error of the measurement, and nothing changes."""
        if instant < before:
            self._behind += instant - before
        elif instant > after:
            self._behind += instant - after


CLOCK = Clock()
"""The clock of this process."""
