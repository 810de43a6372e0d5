"""Admission control: limits the requests inside a process. Excess requests are refused at once, before they are parsed, so
that a refusal is cheap and admitted requests are answered soon.

A process admits as many as it answers in `AHEAD` seconds, and at least `LEAST`. When it is full, a client with fewer requests
inside than its fair share is still admitted: a client that sends very many does not shut others out. Clients are
distinguished by their tokens, unverified: a client with many tokens has many shares, but every other client still has at
least one place.
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
"""Seconds over which responses are counted."""
_WEIGHT = 0.5
"""The weight of the last count against the earlier ones."""


class AdmissionControl:
    """The admission control of one process."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._inside: Counter[bytes] = Counter()
        self._all = 0
        self._answered = 0
        self._since = clock()
        self._rate = 0.0  # responses per second
        self._room = LEAST

    def enter(self, client: bytes, *, always: bool = False) -> bool:
        """Admit a request of a client, until `leave`; returns whether there was room. `always`: it cannot be refused here."""
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
        # After a quiet period the count covers many seconds with less work than the process could have done.
        self._rate = (
            max(rate, self._rate) if passed > 2 * _LOOK else self._rate + _WEIGHT * (rate - self._rate)
        )
        self._room = min(MOST, max(LEAST, round(self._rate * AHEAD)))
        self._answered, self._since = 0, self._clock()


def address_of(client: tuple[str, int] | None) -> str:
    """The key by which a client's connections are counted: the IPv4 address, or the first 64 bits of an IPv6 address."""
    host = client[0] if client else ""
    return IPv6Address(host.partition("%")[0]).packed[:8].hex() if ":" in host else host
