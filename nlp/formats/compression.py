"""Compressed files as binary streams."""

from __future__ import annotations

import gzip
import io
import zlib
from codecs import BOM_UTF8
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Final, cast

import zstandard

from nlp.errors import FormatError, Location
from nlp.formats.base import OnError

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

COMPRESSED: Final = (".gz", ".zst")
"""What the names of compressed files end in."""

DAMAGE: Final = (OSError, EOFError, zlib.error, zstandard.ZstdError)
"""What reading from a damaged or cut off file raises."""

_CHUNK: Final = 1 << 16


def open_binary(path: Path) -> BinaryIO:
    """A file's content as bytes, decompressed if its name ends in ``.gz`` or ``.zst``."""
    match path.suffix.lower():
        case ".gz":
            return cast("BinaryIO", gzip.open(path, "rb"))
        case ".zst":
            return cast("BinaryIO", io.BufferedReader(_ZstdFrames(path.open("rb"))))
        case _:
            return path.open("rb")


@contextmanager
def compressing(stream: BinaryIO, suffix: str) -> Iterator[BinaryIO]:
    """A stream that compresses into another one as ``suffix`` says, ``.gz`` or ``.zst``; or else the other one."""
    match suffix:
        case ".gz":
            # Neither name nor time in the header: the same documents make the same file.
            with gzip.GzipFile(filename="", mode="wb", fileobj=stream, mtime=0) as compressed:
                yield cast("BinaryIO", compressed)
        case ".zst":
            with zstandard.ZstdCompressor().stream_writer(stream, closefd=False) as writer:
                yield writer
        case _:
            yield stream


def binary_lines(stream: BinaryIO, source: str, on_error: OnError) -> Iterator[tuple[bytes, Location]]:
    """The lines of a stream, each with its place; damage ends them, and goes to ``on_error``."""
    number = 0
    while True:
        number += 1
        where = Location(source, number)
        try:
            line = stream.readline()
        except DAMAGE as error:
            on_error(FormatError("the file is damaged from here on", found=str(error), where=where))
            return
        if not line:
            return
        if number == 1:
            line = line.removeprefix(BOM_UTF8)
        yield line, where


class _ZstdFrames(io.RawIOBase):
    """All frames of a file one after another; unlike ``zstandard.open``, it notices when the last is cut off."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._frame: zstandard.ZstdDecompressionObj | None = None
        self._compressed = b""
        self._ready = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        target = memoryview(buffer).cast("B")
        while not self._ready:
            self._compressed = self._compressed or self._stream.read(_CHUNK)
            if not self._compressed:
                if self._frame is not None:
                    raise EOFError("the file ends inside a compressed frame")
                return 0
            if self._frame is None:
                self._frame = zstandard.ZstdDecompressor().decompressobj()
            self._ready = self._frame.decompress(self._compressed)
            self._compressed = b""
            if self._frame.eof:
                self._compressed = self._frame.unused_data
                self._frame = None
        size = min(len(target), len(self._ready))
        target[:size], self._ready = self._ready[:size], self._ready[size:]
        return size

    def close(self) -> None:
        self._stream.close()
        super().close()
