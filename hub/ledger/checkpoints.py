"""Checkpoints of the log: its size and root as a signed note (C2SP signed-note and tlog-checkpoint, Ed25519).

The signing key is derived from the keys file: HMAC-SHA-256 under the key of the blind index, which never changes. With the
keys file one can sign; with the database alone one cannot.
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
    """The key of a log; `origin` is the log's name, a host and a path without a scheme."""

    origin: str
    seed: bytes

    @classmethod
    def of(cls, keys: Keys, issuer: str) -> "LogKey":
        """The key of a hub's log; the log's name is the hub's public address."""
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
        """The verifier key in the form of signed notes: `origin+id+key`. It is public."""
        return f"{self.origin}+{self._id.hex()}+{base64.b64encode(_ED25519 + self._public).decode()}"

    def sign(self, size: int, root: bytes) -> str:
        """The signed note of a checkpoint."""
        text = f"{self.origin}\n{size}\n{base64.b64encode(root).decode()}\n"
        signature = base64.b64encode(self._id + self._key.sign(text.encode())).decode()
        return f"{text}\n\u2014 {self.origin} {signature}\n"

    def open(self, note: str) -> Checkpoint:
        """The checkpoint of a note; raises NotProven if this key did not sign it."""
        return opened(note, self.verifier)
