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


class ErrorList:
    """A list of errors that is cut to a length to begin with, and knows its hash.

    Args:
        path: of the list. It comes into being with the first error. A device or a pipe is written to as it is.
        bytes: what of it to keep.
        sha256: of these.

    Raises:
        ConfigError: if there can be no file.
        FormatError: if these bytes are not there.
    """

    def __init__(self, path: Path, bytes: int, sha256: str) -> None:
        check_place(path)
        self.path = path
        self.bytes = bytes
        self._digest = hashlib.sha256()
        self._stream: BinaryIO | None = None
        self._regular = not path.exists() or (path.is_file() and not path.is_symlink())
        if not self._regular:
            return
        if bytes == 0:
            path.unlink(missing_ok=True)
            return
        if not path.exists():
            raise FormatError("the list of errors is missing", where=Location(str(path)))
        with path.open("r+b") as stream:
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
            stream.truncate(bytes)

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def write(self, line: bytes) -> None:
        if self._stream is None:
            self._stream = self.path.open("ab" if self._regular else "wb")
        self._stream.write(line)
        self._stream.flush()
        self._digest.update(line)
        self.bytes += len(line)

    def sync(self) -> None:
        """Return when all errors so far are on disk."""
        if self._stream is not None and self._regular:
            os.fsync(self._stream.fileno())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._stream is not None:
            self._stream.close()


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
