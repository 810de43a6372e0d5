"""Texts of documents by their digest, separately for each client and up to a limit; the least recently used are dropped
first.

A client finds only its own texts and displaces only its own. Clients are registered by hand, so nobody can make many of them
to displace others' texts; the most recently active clients are kept.
"""

from dataclasses import dataclass

from hub.foundation.weighted_lru import WeightedLru

MOST_TEXTS = 200
MOST_BYTES = 262_144
"""The limit of one client, in UTF-8. With `MOST_CLIENTS` it limits the memory of all: 128 MiB."""
MOST_CLIENTS = 500


@dataclass(frozen=True, slots=True)
class StoredText:
    """A text, and the time when it was stored, by its user's clock."""

    text: str
    since: float


class Texts:
    """The texts of every client."""

    def __init__(self) -> None:
        self._clients: WeightedLru[str, WeightedLru[bytes, StoredText]] = WeightedLru(
            MOST_CLIENTS, MOST_CLIENTS
        )

    def find(self, client: str, digest: bytes) -> StoredText | None:
        """A client's text by its digest; None if it is not there."""
        own = self._clients.find(client)
        return None if own is None else own.find(digest)

    def store(self, client: str, digest: bytes, text: str, since: float = 0) -> None:
        """Store a text for a client. A text that is too large alone is not stored."""
        own = self._clients.find(client) or self._clients.store(client, WeightedLru(MOST_TEXTS, MOST_BYTES))
        own.store(digest, StoredText(text, since), len(text.encode(errors="surrogatepass")))

    def forget(self, client: str, digest: bytes) -> None:
        """Drop a text."""
        if own := self._clients.find(client):
            own.forget(digest)
