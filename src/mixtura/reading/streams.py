"""A text file's bytes as UTF-8 with ordinary line ends, whatever it was written in, uncompressed, a piece at a time."""

from __future__ import annotations

import codecs
import gzip
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from stat import S_ISREG
from typing import Any

from mixtura.reading.foreign import HINT, fault_of

ROOM, RATIO = 1 << 30, 200  # bytes that any compressed file may hold, and more for each of its own
HEAD = 4096  # bytes that tell what a file is
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

Read = Callable[[int], bytes]


@contextmanager
def opened(path: str) -> Iterator[Any]:
    """A file's bytes as they are stored; "-" is standard input."""
    if path != "-":
        try:
            file = Path(path).open("rb")  # noqa: SIM115
        except OSError as error:
            raise ValueError(f"cannot read {path}: {error.strerror or error}") from error
        with file:
            yield file
    elif sys.stdin is None:
        raise ValueError("cannot read standard input: it is closed")
    else:
        yield getattr(sys.stdin, "buffer", None) or BytesIO(sys.stdin.read().encode(errors="surrogateescape"))


def text_of(file: Any, name: str, packed: bool = False) -> Read:
    """What reads the next bytes of a text file, as UTF-8 without a mark.

    Parameters
    ----------
    file : binary file
        As `opened` gives it.
    name : str
        What messages call it.
    packed : bool
        Whether it must be compressed; any file that begins as such a one does counts as compressed, too.

    Raises
    ------
    ValueError
        If it is no text, in a sentence that says what it is; later, if it holds more than one of its size can be
        trusted to hold.
    """
    head = _peeked(file)
    read: Read = file.read
    if packed or head.startswith(b"\x1f\x8b"):
        unpacked = gzip.GzipFile(fileobj=file)
        read, head = _bounded(unpacked.read, _size(file), name), _peeked(unpacked)
    if fault := fault_of(head, name):
        raise ValueError(f"{name} is not a text table: it is {fault}")
    encoding = next((encoding for mark, encoding in MARKS if head.startswith(mark)), _unmarked(head))
    if encoding:
        read = _transcoded(read, encoding)
    if b"\r" in head and b"\n" not in head:
        read = _with_lines(read)
    return _textual(read, name)


def decoded(block: bytes) -> str:
    """Text that is UTF-8, or what Windows wrote in western Europe where it is not.

    >>> decoded("größe".encode("cp1252")), decoded("größe".encode())
    ('größe', 'größe')
    """
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return block.decode(encoding)
        except UnicodeDecodeError:
            pass
    return block.decode("latin-1")


def _peeked(file: Any) -> bytes:
    """The first bytes of a file that is read later."""
    if hasattr(file, "peek"):
        return bytes(file.peek(HEAD)[:HEAD])
    place = file.tell()
    head = bytes(file.read(HEAD))
    file.seek(place)
    return head


def _size(file: Any) -> int:
    """Bytes of an ordinary file; 0 of anything else."""
    try:
        state = os.fstat(file.fileno())
    except (OSError, AttributeError):
        return 0
    return state.st_size if S_ISREG(state.st_mode) else 0


def _textual(read: Read, name: str) -> Read:
    """The same, as long as it may be text."""

    def more(n: int) -> bytes:
        found = read(n)
        if b"\0" in found:
            raise ValueError(f"{name} is not a text table: it holds bytes that no text does; {HINT}")
        return found

    return more


def _bounded(read: Read, size: int, name: str) -> Read:
    """The same, up to as many bytes as a compressed file of that size can be trusted to hold."""
    total = 0

    def more(n: int) -> bytes:
        nonlocal total
        found = read(n)
        total += len(found)
        if total > ROOM + RATIO * size:
            raise ValueError(f"{name} has {size:,} bytes, and more than {ROOM + RATIO * size:,} uncompressed")
        return found

    return more


def _unmarked(head: bytes) -> str:
    """UTF-16 that does not say so: every second byte of plain letters and digits is zero."""
    zeros = len(head[::2]) - len(head[::2].replace(b"\0", b"")), len(head[1::2]) - len(head[1::2].replace(b"\0", b""))
    for mine, other, encoding in ((zeros[1], zeros[0], "utf-16-le"), (zeros[0], zeros[1], "utf-16-be")):
        if other == 0 and mine > 0.4 * len(head):
            return encoding
    return ""


def _transcoded(read: Read, encoding: str) -> Read:
    decoder = codecs.getincrementaldecoder(encoding)()

    def more(n: int) -> bytes:
        while raw := read(n):
            if text := decoder.decode(raw):
                return text.encode(errors="surrogatepass")
        return decoder.decode(b"", True).encode()

    return more


def _with_lines(read: Read) -> Read:
    """Lines that end as on old Macs, by a carriage return alone."""
    return lambda n: read(n).replace(b"\r", b"\n")
