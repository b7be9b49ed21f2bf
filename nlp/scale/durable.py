"""Files that outlast a crash, and a folder that one run at a time writes into."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path
from typing import BinaryIO, Final, Self

from nlp.errors import ConfigError, FormatError, Location
from nlp.formats.places import check_place

if sys.platform != "win32":
    import fcntl

_CHUNK: Final = 1 << 20
_MOST_LINKS: Final = 40  # as many as Linux follows


class ErrorList:
    """A list of errors that goes on where it was at some time, and knows its hash.

    Args:
        path: of the list, or a link to it. It comes into being with the first error. A device, a pipe and a stream of
            this process are written to as they are.
        bytes: how long it was.
        sha256: of these bytes. They are checked, but nothing is changed before ``cut``.

    Raises:
        ConfigError: if there can be no file.
        FormatError: if these bytes are not there.
    """

    def __init__(self, path: Path, bytes: int, sha256: str) -> None:
        file = _file_behind(path)
        check_place(file or path)
        self.path = path
        self.bytes = bytes
        self._digest = hashlib.sha256()
        self._stream: BinaryIO | None = None
        self._file = file
        if file is None or bytes == 0:
            return
        if not file.exists():
            raise FormatError("the list of errors is missing", where=Location(str(path)))
        with file.open("rb") as stream:
            left = bytes
            while left and (chunk := stream.read(min(left, _CHUNK))):
                self._digest.update(chunk)
                left -= len(chunk)
            if self.sha256 != sha256:
                raise FormatError(
                    "the list of errors is not as the run left it",
                    expected=f"{bytes} bytes of sha256 {sha256}",
                    found=f"{bytes - left} bytes of sha256 {self.sha256}",
                    where=Location(str(path)),
                )

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def cut(self) -> None:
        """Remove what lies behind the bytes that are kept; the whole list if these are none."""
        if self._file is None:
            return
        if self.bytes == 0:
            self._file.unlink(missing_ok=True)
            return
        with self._file.open("r+b") as stream:
            stream.truncate(self.bytes)

    def write(self, line: bytes) -> None:
        if self._stream is None:
            place = self._file or self.path
            new = not place.exists()
            self._stream = place.open("ab")
            if new:
                sync_folder(place.parent)
        self._stream.write(line)
        self._stream.flush()
        self._digest.update(line)
        self.bytes += len(line)

    def sync(self) -> None:
        """Return when all errors so far are on disk."""
        if self._stream is not None and self._file is not None:
            os.fsync(self._stream.fileno())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            self._stream.close()


def _file_behind(path: Path) -> Path | None:
    """The file that a path leads to, whether it is there yet or not; None if it leads to what is no file.

    The streams of this process are none, even where they lead into one: ``/dev/stderr`` is a link then.
    """
    link = path
    for _ in range(_MOST_LINKS):
        if not link.is_symlink():
            break
        if link.absolute().parts[1:2] in (("dev",), ("proc",)):
            return None
        link = link.parent / link.readlink()
    else:
        return None  # links that lead to each other; the system says so when it is opened
    file = path.resolve()
    return None if file.exists() and not file.is_file() and not file.is_dir() else file


class FolderLock:
    """Keeps other runs out of a folder, until this process ends in whatever way; not on Windows."""

    def __init__(self, folder: Path) -> None:
        self._handle: int | None = None
        if sys.platform == "win32":
            return
        handle = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(handle)
            raise ConfigError(
                "another run writes into the output folder", expected="one at a time", where=Location(str(folder))
            ) from error
        except OSError:  # a file system without locks
            os.close(handle)
            return
        self._handle = handle

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._handle is not None:
            os.close(self._handle)


def sync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
