"""Checkpoints of the log: its size and root as a signed note (C2SP signed-note and tlog-checkpoint, Ed25519).

The key follows from the keys file: it is HMAC-SHA-256 under the key of the blind index, which is never changed. Who has the
keys file has the log's key; who has the database alone cannot sign.
"""

import base64
import hashlib
import hmac
from dataclasses import dataclass
from functools import cached_property

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from hub.foundation.encryption import Keys
from hub.ledger.proof_verifier import Checkpoint, opened

_PURPOSE = b"hub transparency log 1"
_ED25519 = b"\x01"


@dataclass(frozen=True)
class LogKey:
    """The key of a log, by the log's name (`origin`, a host and a path without a scheme)."""

    origin: str
    seed: bytes

    @classmethod
    def of(cls, keys: Keys, issuer: str) -> "LogKey":
        """The key of a hub's log; the log is named after the hub's public address."""
        origin = f"{issuer.partition('://')[2].rstrip('/')}/log"
        return cls(origin, hmac.digest(keys.index, _PURPOSE, "sha256"))

    @cached_property
    def _key(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)

    @cached_property
    def _id(self) -> bytes:
        named = self.origin.encode() + b"\n" + _ED25519 + self._public
        return hashlib.sha256(named).digest()[:4]

    @property
    def _public(self) -> bytes:
        return self._key.public_key().public_bytes_raw()

    @property
    def verifier(self) -> str:
        """The verifier key as signed notes write it: `origin+id+key`. It is public."""
        return f"{self.origin}+{self._id.hex()}+{base64.b64encode(_ED25519 + self._public).decode()}"

    def sign(self, size: int, root: bytes) -> str:
        """The note of a checkpoint."""
        text = f"{self.origin}\n{size}\n{base64.b64encode(root).decode()}\n"
        signature = base64.b64encode(self._id + self._key.sign(text.encode())).decode()
        return f"{text}\n\u2014 {self.origin} {signature}\n"

    def open(self, note: str) -> Checkpoint:
        """What a note says; raises NotProven where it is not this key's."""
        return opened(note, self.verifier)
