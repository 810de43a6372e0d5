"""The door: how many requests a process lets in at all. Whoever comes beyond is refused at once, before the request is taken
apart, so that refusing costs little and what was let in is answered soon.

A process lets in as many as it answers in `AHEAD` seconds, and `LEAST` in any case. Where it is full, who has fewer inside than
a fair share comes in all the same: a client that sends everything keeps nobody else out. Clients are told apart by their tokens,
which are not looked at here: one with many tokens has many shares, and everybody else at least one place.
"""

from collections import Counter
from collections.abc import Callable
from ipaddress import IPv6Address
from time import monotonic

AHEAD = 0.5
"""Seconds of work that may be inside."""
LEAST = 100
MOST = 2_000
_LOOK = 0.25
"""Seconds over which answers are counted."""
_WEIGHT = 0.5
"""Of the last count, beside what was counted before."""


class Door:
    """The door of one process."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._inside: Counter[bytes] = Counter()
        self._all = 0
        self._answered = 0
        self._since = clock()
        self._rate = 0.0  # answers in a second
        self._room = LEAST

    def enter(self, client: bytes, *, always: bool = False) -> bool:
        """Let a request of a client in, which `leave` ends; answers whether there was room for it. `always`: it cannot be
        refused here."""
        if self._all >= self._room and not always and not self._may_all_the_same(client):
            return False
        self._all += 1
        self._inside[client] += 1
        return True

    def leave(self, client: bytes) -> None:
        """A request was answered."""
        self._all -= 1
        self._inside[client] -= 1
        if not self._inside[client]:
            del self._inside[client]
        self._answered += 1
        if 2 * self._all >= LEAST and (passed := self._clock() - self._since) >= _LOOK:
            self._count(passed)

    def _may_all_the_same(self, client: bytes) -> bool:
        share = self._room / (len(self._inside) + (client not in self._inside))
        return self._inside.get(client, 0) < share and self._all < MOST

    def _count(self, passed: float) -> None:
        rate = self._answered / passed
        # After a quiet time the count is of many seconds, in which there was less to answer than could have been.
        self._rate = (
            max(rate, self._rate) if passed > 2 * _LOOK else self._rate + _WEIGHT * (rate - self._rate)
        )
        self._room = min(MOST, max(LEAST, round(self._rate * AHEAD)))
        self._answered, self._since = 0, self._clock()


def address_of(client: tuple[str, int] | None) -> str:
    """What a client's connections are counted by."""
    host = client[0] if client else ""
    return IPv6Address(host.partition("%")[0]).packed[:8].hex() if ":" in host else host
