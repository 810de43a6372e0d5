"""A cache of the most recently used values, with limits."""

from collections import OrderedDict
from collections.abc import Hashable
from threading import Lock
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class WeightedLru(Generic[K, V]):
    """Values by key, at most `most` of them with a weight of at most `heaviest` together; the least recently used are dropped
    first. Thread-safe."""

    def __init__(self, most: int, heaviest: int) -> None:
        self._most = most
        self._heaviest = heaviest
        self._kept: OrderedDict[K, tuple[V, int]] = OrderedDict()
        self._weight = 0
        self._lock = Lock()

    def find(self, key: K) -> V | None:
        """The value of a key, which becomes the most recently used; None if it is not there."""
        with self._lock:
            if (found := self._kept.get(key)) is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def store(self, key: K, value: V, weight: int = 1) -> V:
        """Store a value as the most recently used and return it. A value that is too heavy alone is not stored."""
        with self._lock:
            self._forget(key)
            if weight <= self._heaviest:
                self._kept[key] = value, weight
                self._weight += weight
            while len(self._kept) > self._most or self._weight > self._heaviest:
                self._forget(next(iter(self._kept)))
            return value

    def forget(self, key: K) -> None:
        """Drop a value."""
        with self._lock:
            self._forget(key)

    def _forget(self, key: K) -> None:
        if found := self._kept.pop(key, None):
            self._weight -= found[1]
