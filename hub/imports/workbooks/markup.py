"""Reads the XML parts of a workbook as a stream. Only a few blocks of it are in memory."""

import re
import struct
import zlib
from collections.abc import Iterator
from typing import Any, Protocol
from xml.parsers import expat
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile

from hub.imports.workbooks.findings import MOST_BYTES, damaged, too_large

_BLOCK = 1 << 16
_MOST_BLOCKS_OF_TEXT = 16
"""A cell of Excel has at most 32,767 characters; a megabyte without an element is not a table."""
_PACKED = (ZIP_STORED, ZIP_DEFLATED)
_UNREADABLE = (
    expat.ExpatError, BadZipFile, zlib.error, EOFError, OSError, ValueError, KeyError, RuntimeError, struct.error,
)  # fmt: skip
"""The errors of a part that is damaged, protected by a password, or compressed in another way."""
_REFERENCE = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")


class Handler(Protocol):
    """Gets the elements of a part. Names have a prefix if the writer uses one. `elements` counts them."""

    elements: int

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element begins."""


class LocalNames(dict[str, str]):
    """The local name of each name: `c` of `x:c`."""

    def __missing__(self, name: str) -> str:
        local = self[name] = name.rpartition(":")[2]
        return local


def open_archive(path: str) -> ZipFile:
    """The parts of a workbook; raises UnreadableFile if they are too large, or if two have the same name."""
    try:
        archive = ZipFile(path)
    except (BadZipFile, OSError, ValueError, RuntimeError, struct.error) as error:
        raise damaged() from error
    names = archive.namelist()
    if len(set(names)) < len(names) or any(part.compress_type not in _PACKED for part in archive.infolist()):
        raise damaged()
    if sum(part.file_size for part in archive.infolist()) > MOST_BYTES:
        raise too_large()
    return archive


def parse(archive: ZipFile, name: str, handler: Handler, parser: Any = None) -> None:
    """Pass each element of a part to a handler; raises UnreadableFile."""
    parser = parser or expat.ParserCreate()
    parser.StartElementHandler = handler.start
    parser.StartDoctypeDeclHandler = _refuse_doctype
    without = 0
    try:
        for block in _blocks(archive, name):
            before = handler.elements
            parser.Parse(block, False)
            without = 0 if handler.elements > before else without + 1
            if without > _MOST_BLOCKS_OF_TEXT:
                raise too_large()
        parser.Parse(b"", True)
    except _UNREADABLE as error:
        raise damaged() from error


def _blocks(archive: ZipFile, name: str) -> Iterator[bytes]:
    with archive.open(name) as part:
        while block := part.read(_BLOCK):
            yield block


def _refuse_doctype(*_: object) -> None:
    raise damaged()


def attribute(attributes: dict[str, str], name: str) -> str | None:
    """An attribute by its local name."""
    return next((value for key, value in attributes.items() if key.rpartition(":")[2] == name), None)


def place(reference: str) -> tuple[int, int]:
    """Row and column of `B3`, counted from 0: (2, 1). Raises ValueError."""
    found = _REFERENCE.fullmatch(reference)
    if found is None:
        raise ValueError(reference)
    column = 0
    for letter in found[1].upper():
        column = column * 26 + ord(letter) - 64
    return int(found[2]) - 1, column - 1
