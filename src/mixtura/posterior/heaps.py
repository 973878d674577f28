"""HDF5's heaps of text, walked before HDF5 walks them: on one whose object has no size it goes round for ever."""

from __future__ import annotations

import mmap
from pathlib import Path
from struct import unpack_from

from mixtura.posterior.sound import need

HEAP = b"GCOL\x01\0\0\0"  # a collection's signature, version and padding, then its size
HEAD = 16  # bytes: of the collection, and of each object, index (2), references (2), padding (4), size (8)


def check_heaps(path: Path) -> None:
    """Raise `Unsound` unless the objects of each collection fill it one after the other."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        start = content.find(HEAP)
        while start >= 0:
            _check_heap(content, start)
            start = content.find(HEAP, start + len(HEAP))


def _check_heap(content: mmap.mmap, start: int) -> None:
    fault = "its text is damaged"
    need(start + HEAD <= len(content), fault)
    end, place = start + unpack_from("<Q", content, start + 8)[0], start + HEAD
    need(end <= len(content), fault)
    while end - place >= HEAD:
        (index,), (size,) = unpack_from("<H", content, place), unpack_from("<Q", content, place + 8)
        step = HEAD + -(-size // 8) * 8 if index else size  # object 0 is the room that is left, its head included
        need(HEAD <= step <= end - place, fault)
        place += step
