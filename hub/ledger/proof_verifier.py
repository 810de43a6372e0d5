"""Checks a proof file of the hub, or a folder with its whole log, offline: `python proof_verifier.py FILE|FOLDER VERIFIER_KEY`.

It needs no other file: copy it anywhere. It needs Python's hashlib, and for the signature the package cryptography. A proof
file is JSON: a checkpoint of the log (a C2SP signed note) and entries, each a record event with its place in the log and the
path that leads from it to the checkpoint's root (RFC 9162). An entry may hold the row as it was then: its SHA-256 must be the
digest of the event. Texts are canonical JSON (RFC 8785) and are hashed as they are in the file.

独立核验程序:不连数据库,核验导出的证明文件。
"""

import base64
import hashlib
import json
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "hub-proof/1"
CHECKPOINT = "checkpoint"
"""The checkpoint file of an exported log."""
ENTRIES_OF_A_FILE = 65_536


class NotProven(Exception):
    """The file does not prove what it says; the message says where."""


@dataclass(frozen=True)
class Checkpoint:
    """A log's name, its size in entries, and its root."""

    origin: str
    size: int
    root: bytes


def opened(note: str, verifier: str) -> Checkpoint:
    """The checkpoint of a note that is signed by a verifier key (`origin+id+base64`). Raises NotProven."""
    name, _, rest = verifier.partition("+")
    key_id, _, key = rest.partition("+")
    text, _, signatures = note.partition("\n\n")
    text += "\n"
    try:
        public = base64.b64decode(key, validate=True)
        origin, size, root = text.split("\n")[:3]
        checkpoint = Checkpoint(origin, int(size), base64.b64decode(root, validate=True))
    except ValueError as error:
        raise NotProven("the checkpoint or the verifier key is not of its form") from error
    expected = hashlib.sha256(name.encode() + b"\n" + public).digest()[:4]
    if public[:1] != b"\x01" or expected.hex() != key_id or checkpoint.origin != name:
        raise NotProven("the verifier key is not this log's")
    for line in signatures.splitlines():
        dash, _, signed = line.partition(" ")
        by, _, signature = signed.partition(" ")
        if dash == "\u2014" and by == name and _signed(public[1:], key_id, signature, text):
            return checkpoint
    raise NotProven("the checkpoint is not signed by this key")


def _signed(public: bytes, key_id: str, signature: str, text: str) -> bool:
    try:
        raw = base64.b64decode(signature, validate=True)
        if raw[:4].hex() != key_id:
            return False
        Ed25519PublicKey.from_public_bytes(public).verify(raw[4:], text.encode())
    except (ValueError, InvalidSignature):
        return False
    return True


def root_by(leaf: bytes, index: int, size: int, path: Iterable[bytes]) -> bytes:
    """The root that a path gives for a leaf hash (RFC 9162 section 2.1.3.2). Raises NotProven if the path's length is wrong."""
    if not 0 <= index < size:
        raise NotProven(f"the log has no entry {index}")
    at, last, root = index, size - 1, leaf
    for node in path:
        if last == 0:
            raise NotProven(f"entry {index}: the path is too long")
        if at & 1 or at == last:
            root = hashlib.sha256(b"\x01" + node + root).digest()
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            root = hashlib.sha256(b"\x01" + root + node).digest()
        at, last = at >> 1, last >> 1
    if last:
        raise NotProven(f"entry {index}: the path is too short")
    return root


def check_entry(entry: Mapping[str, Any], checkpoint: Checkpoint) -> None:
    """Check that an entry is in the log, and that its row matches its event. Raises NotProven."""
    event, index = str(entry["event"]), int(entry["index"])
    leaf = hashlib.sha256(b"\x00" + event.encode()).digest()
    path = [base64.b64decode(node) for node in entry["path"]]
    if root_by(leaf, index, checkpoint.size, path) != checkpoint.root:
        raise NotProven(f"entry {index} is not in the log")
    if (row := entry.get("row")) is not None:
        record, told = json.loads(event)["record"], json.loads(row)
        if hashlib.sha256(str(row).encode()).hexdigest() != record["digest"]:
            raise NotProven(f"entry {index}: the row is not the one that was recorded")
        if told["table"] != record["relation"]:
            raise NotProven(f"entry {index}: the row is of another table")


def check_links(entries: Iterable[Mapping[str, Any]]) -> None:
    """Check that each chain event follows from the one before. `link` has its text and hash. Raises NotProven."""
    previous = "0" * 64
    for number, link in enumerate(entries, 1):
        said = json.loads(link["text"])
        if said["number"] != number or said["previousHash"] != previous:
            raise NotProven(f"link {number} does not follow the one before")
        previous = hashlib.sha256(str(link["text"]).encode()).hexdigest()


def verify(proof: Mapping[str, Any], verifier: str) -> Checkpoint:
    """Check a whole proof; returns its checkpoint. Raises NotProven."""
    if proof.get("format") != FORMAT:
        raise NotProven("this is no proof file of the hub")
    try:
        checkpoint = opened(proof["checkpoint"], verifier)
        entries, links = proof["entries"], proof.get("chain", [])
        for entry in entries:
            check_entry(entry, checkpoint)
        check_links(links)
        _check_chain_is_logged(entries, links)
    except (KeyError, TypeError, ValueError) as error:
        raise NotProven("the file is not of its form") from error
    if not entries:
        raise NotProven("the file holds no entry")
    return checkpoint


def _check_chain_is_logged(entries: Iterable[Mapping[str, Any]], links: Iterable[Mapping[str, Any]]) -> None:
    """Check that each link's hash is that of a chain event in the log. Raises NotProven."""
    rows = (json.loads(entry["row"]) for entry in entries if entry.get("row") is not None)
    logged = {row["record"]["hash"] for row in rows if row["table"] == "chain_event"}
    for link in links:
        if hashlib.sha256(str(link["text"]).encode()).hexdigest() not in logged:
            raise NotProven("a link of the chain is not in the log")


def check_log_folder(folder: Path, verifier: str) -> Checkpoint:
    """Check an exported log: the checkpoint's root must be that of its entries, one a line, in the order of the files.
    Returns the checkpoint. Raises NotProven, OSError."""
    checkpoint = opened((folder / CHECKPOINT).read_text("utf-8"), verifier)
    peaks, size = list[bytes](), 0
    for file in sorted(folder.glob("*.jsonl")):
        with file.open("rb") as lines:
            for line in lines:
                node, left = hashlib.sha256(b"\x00" + line.removesuffix(b"\n")).digest(), size
                while left & 1:
                    node, left = hashlib.sha256(b"\x01" + peaks.pop() + node).digest(), left >> 1
                peaks.append(node)
                size += 1
    if size != checkpoint.size:
        raise NotProven(f"the folder holds {size} entries of {checkpoint.size}")
    root = peaks.pop() if peaks else hashlib.sha256(b"").digest()
    while peaks:
        root = hashlib.sha256(b"\x01" + peaks.pop() + root).digest()
    if root != checkpoint.root:
        raise NotProven("the entries are not those that were sealed")
    return checkpoint


def main(arguments: list[str]) -> int:
    """Check a file or folder; returns 0 if the proof is valid."""
    if len(arguments) != 2:
        print("usage: proof_verifier.py FILE|FOLDER VERIFIER_KEY", file=sys.stderr)
        return 2
    path = Path(arguments[0])
    try:
        if path.is_dir():
            checkpoint = check_log_folder(path, arguments[1])
            print(f"PROVEN: all {checkpoint.size} entries of the log {checkpoint.origin}")
            return 0
        proof = json.loads(path.read_text("utf-8"))
        checkpoint = verify(proof, arguments[1])
    except (OSError, ValueError, NotProven) as error:
        print(f"NOT PROVEN: {error}", file=sys.stderr)
        return 1
    print(
        f"PROVEN: {len(proof['entries'])} entries and {len(proof.get('chain', []))} links of a chain,"
        f" in the log {checkpoint.origin} of {checkpoint.size} entries"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
