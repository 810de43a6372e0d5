"""Merkle trees with the hashes of RFC 9162 section 2.1: roots of a growing log, and paths that prove an entry.

A tree is represented by the roots of its perfect subtrees, the largest first: one for each 1 in the binary form of its size.
"""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

HASH = 32
EMPTY = hashlib.sha256(b"").digest()
"""The root of an empty tree."""


def leaf_hash(entry: bytes) -> bytes:
    """The hash of an entry."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of two neighbouring subtrees."""
    return hashlib.sha256(b"\x01" + left + right).digest()


def perfect_root(hashes: Sequence[bytes]) -> bytes:
    """The root over leaf hashes; their number is a power of two."""
    while len(hashes) > 1:
        hashes = [node_hash(hashes[at], hashes[at + 1]) for at in range(0, len(hashes), 2)]
    return hashes[0]


@dataclass(slots=True)
class MerkleTree:
    """A growing tree. `peaks` are the roots of its perfect subtrees, the largest first."""

    size: int
    peaks: list[bytes]

    @classmethod
    def of(cls, size: int, peaks: bytes) -> "MerkleTree":
        """A tree from its size and its concatenated peaks."""
        return cls(size, [peaks[at : at + HASH] for at in range(0, len(peaks), HASH)])

    def append(self, leaf: bytes) -> None:
        """Add a leaf hash."""
        size, node = self.size, leaf
        while size & 1:
            node = node_hash(self.peaks.pop(), node)
            size >>= 1
        self.peaks.append(node)
        self.size += 1

    @property
    def root(self) -> bytes:
        """The root over all leaves."""
        if not self.peaks:
            return EMPTY
        root = self.peaks[-1]
        for peak in reversed(self.peaks[:-1]):
            root = node_hash(peak, root)
        return root


def path_of(index: int, size: int, root_of: Callable[[int, int], bytes]) -> list[bytes]:
    """The inclusion path of a leaf in a tree (RFC 9162 section 2.1.3.1), from the leaf up. `root_of(first, end)` returns the
    root over a range of leaves."""
    path = []
    first, end = 0, size
    while end - first > 1:
        split = first + (1 << ((end - first - 1).bit_length() - 1))
        if index < split:
            path.append(root_of(split, end))
            end = split
        else:
            path.append(root_of(first, split))
            first = split
    return path[::-1]
