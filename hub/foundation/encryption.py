"""Keys and encryption: only this module holds keys, and encrypts (seals) and decrypts (opens) values.

The keys file is JSON, made by `hub keys create` (mode 0600):

    {"data": {"1": "<base64, 32 bytes>"}, "sealing": 1, "index": "<32 bytes>", "cursor": "<64 bytes>",
     "signing": [{"kty": "OKP", "crv": "Ed25519", "kid": …, "d": …, "x": …}]}

`data` holds every key that ever sealed a value, by number; `sealing` names the one that seals (absent: the highest). The
first key in `signing` signs tokens; the others verify. Rotation takes two steps, so that every process has the key of each
value and token that it reads. First `hub keys add` adds keys that only open and verify, and the operator copies the file to
every process. Then `hub keys use` makes the newest keys seal and sign.
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, AESSIV
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from hub.foundation.operating import OperatorError
from hub.foundation.private_files import read_private

_NONCE = 12
_TAG = 16
_SCHEMES = {"AES-256-GCM": 1, "SM4-GCM": 2}


class KeysMissing(OperatorError):
    """The keys file {file} does not exist; make one with `hub keys create`, or set HUB_KEYS_FILE to yours.
    密钥文件 {file} 不存在,请以 `hub keys create` 生成,或以 HUB_KEYS_FILE 指明已有的密钥文件。
    """


class KeysDamaged(OperatorError):
    """{file} is not a keys file that `hub keys create` made, or is damaged; put your copy of it back, or set HUB_KEYS_FILE.
    {file} 不是 `hub keys create` 生成的密钥文件或已损坏,请恢复备份,或以 HUB_KEYS_FILE 指明正确的文件。
    """


class KeysExist(OperatorError):
    """{file} exists; keys are never replaced, since sealed values need them.
    {file} 已存在;已加密的数据离不开原密钥,故不予替换。
    """


class Unreadable(Exception):
    """A sealed value was altered, moved to another row, or sealed with a key that is not in the keys file."""


@dataclass(frozen=True)
class Keys:
    """Every secret of the hub."""

    data: Mapping[int, bytes]
    index: bytes
    cursor: bytes
    signing: tuple[dict[str, Any], ...]
    sealing: int

    @classmethod
    def create(cls) -> "Keys":
        """Fresh random keys."""
        return cls({1: os.urandom(32)}, os.urandom(32), os.urandom(64), (_signing_key(),), 1)

    def with_new(self) -> "Keys":
        """These keys, with a new one each for sealing and signing, not yet in use."""
        number = max(self.data) + 1
        return replace(
            self, data={**self.data, number: os.urandom(32)}, signing=(*self.signing, _signing_key())
        )

    def with_newest_in_use(self) -> "Keys":
        """These keys, with the newest ones sealing and signing."""
        *older, newest = self.signing
        return replace(self, sealing=max(self.data), signing=(newest, *older))

    def checks(self) -> dict[str, bytes]:
        """A check value for every key, by its name (`data.1`, `index`, `cursor`, `signing.<kid>`): HMAC-SHA-256 of the name
        under the key, 32 bytes. It does not reveal the key."""
        by_name = {f"data.{number}": key for number, key in self.data.items()}
        by_name |= {f"signing.{key['kid']}": str(key["d"]).encode() for key in self.signing}
        by_name |= {"index": self.index, "cursor": self.cursor}
        return {
            name: hmac.digest(key, f"hub key check {name}".encode(), "sha256")
            for name, key in by_name.items()
        }

    @classmethod
    def load(cls, path: Path) -> "Keys":
        """Read a keys file; raises KeysMissing, KeysDamaged, FilePermissionsTooOpen."""
        try:
            raw = json.loads(read_private(path))
            keys = cls(
                {int(number): base64.b64decode(key) for number, key in raw["data"].items()},
                base64.b64decode(raw["index"]),
                base64.b64decode(raw["cursor"]),
                tuple(raw["signing"]),
                int(raw.get("sealing") or max(map(int, raw["data"]))),
            )
            keys._check()
        except FileNotFoundError as error:
            raise KeysMissing(file=path) from error
        except (ValueError, KeyError, TypeError, AttributeError, JoseError) as error:
            raise KeysDamaged(file=path) from error
        return keys

    def _check(self) -> None:
        """Raises ValueError or JoseError if a key is missing or does not have the length that its cipher needs."""
        sizes = [len(key) for key in self.data.values()], len(self.index), len(self.cursor)
        if not self.signing or self.sealing not in self.data or sizes != ([32] * len(self.data), 32, 64):
            raise ValueError("keys")
        for key in self.signing:
            _ = key["kid"]
            _ = OKPKey.import_key({name: part for name, part in key.items() if name != "alg"}).private_key

    def save(self, path: Path) -> None:
        """Write a new keys file in one step, readable by its owner only; raises KeysExist rather than replace keys."""
        path.parent.mkdir(parents=True, exist_ok=True)
        making = self._written_beside(path)
        try:
            os.link(making, path)
        except FileExistsError as error:
            raise KeysExist(file=path) from error
        finally:
            making.unlink(missing_ok=True)

    def put_in_place(self, path: Path) -> None:
        """Replace a keys file that holds fewer keys by these, in one step."""
        self._written_beside(path).rename(path)

    def _written_beside(self, path: Path) -> Path:
        raw = {
            "data": {str(number): base64.b64encode(key).decode() for number, key in self.data.items()},
            "sealing": self.sealing,
            "index": base64.b64encode(self.index).decode(),
            "cursor": base64.b64encode(self.cursor).decode(),
            "signing": list(self.signing),
        }
        making = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
        with os.fdopen(os.open(making, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            json.dump(raw, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        return making


def _signing_key() -> dict[str, Any]:
    key = OKPKey.generate_key("Ed25519", {"use": "sig", "alg": "Ed25519"}, private=True, auto_kid=True)
    return dict(key.as_dict(private=True))


SEALED_BYTES = 3 + _NONCE + _TAG
"""The number of bytes by which a sealed value is longer than the value."""


class Secrecy:
    """Seals, opens and indexes values with one set of keys.

    A sealed value is `scheme (1 byte) | key number (2 bytes) | nonce (12) | ciphertext | tag (16)`, and it is bound to its
    `place` (column and row), so that it cannot be moved to another row.
    """

    def __init__(self, keys: Keys, cipher: str = "AES-256-GCM") -> None:
        self._keys = keys
        self._scheme = _SCHEMES[cipher]
        self._aes = {number: AESGCM(key) for number, key in keys.data.items()}
        self._sm4 = {number: hashlib.sha256(b"sm4" + key).digest()[:16] for number, key in keys.data.items()}
        self._siv = AESSIV(keys.cursor)
        self._current = keys.sealing

    def seal(self, value: str, place: bytes) -> bytes:
        """Encrypt a value for its place."""
        return self.seal_bytes(value.encode(), place)

    def seal_bytes(self, value: bytes, place: bytes) -> bytes:
        """Encrypt bytes for their place."""
        nonce = secrets.token_bytes(_NONCE)
        header = bytes([self._scheme]) + self._current.to_bytes(2)
        if self._scheme == _SCHEMES["AES-256-GCM"]:
            return header + nonce + self._aes[self._current].encrypt(nonce, value, header + place)
        encryptor = Cipher(algorithms.SM4(self._sm4[self._current]), modes.GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(header + place)
        return header + nonce + encryptor.update(value) + encryptor.finalize() + encryptor.tag

    def open(self, sealed: bytes, place: bytes) -> str:
        """Decrypt a value at its place; raises Unreadable."""
        return self.open_bytes(sealed, place).decode()

    def open_bytes(self, sealed: bytes, place: bytes) -> bytes:
        """Decrypt bytes at their place; raises Unreadable."""
        if len(sealed) < 3 + _NONCE + _TAG:
            raise Unreadable(Unreadable.__doc__)
        header, nonce, body = sealed[:3], sealed[3 : 3 + _NONCE], sealed[3 + _NONCE :]
        number = int.from_bytes(header[1:])
        try:
            if header[0] == _SCHEMES["AES-256-GCM"]:
                return self._aes[number].decrypt(nonce, body, header + place)
            decryptor = Cipher(algorithms.SM4(self._sm4[number]), modes.GCM(nonce, body[-_TAG:])).decryptor()
            decryptor.authenticate_additional_data(header + place)
            return decryptor.update(body[:-_TAG]) + decryptor.finalize()
        except (InvalidTag, KeyError) as error:
            raise Unreadable(Unreadable.__doc__) from error

    def blind_index(self, value: str) -> bytes:
        """The keyed digest (HMAC-SHA-256) for finding a sealed value, 32 bytes."""
        return hmac.digest(self._keys.index, value.encode(), "sha256")

    def seal_cursor(self, payload: bytes, audience: bytes) -> bytes:
        """Encrypt a cursor for one audience. Deterministic (AES-SIV, RFC 5297): the same page has the same cursor."""
        return self._siv.encrypt(payload, [audience])

    def open_cursor(self, sealed: bytes, audience: bytes) -> bytes:
        """Decrypt a cursor of that audience; raises Unreadable."""
        try:
            return self._siv.decrypt(sealed, [audience])
        except (InvalidTag, ValueError) as error:
            raise Unreadable(Unreadable.__doc__) from error


def place_of(column: str, row_id: bytes) -> bytes:
    """The place of a sealed value: its column (`person.id_number`) and the id of its row."""
    return column.encode() + b":" + row_id
