"""The log of what could not be read."""

from __future__ import annotations

import io
import json
from pathlib import Path
from types import TracebackType
from typing import Self

from nlp.errors import InputError, Location
from nlp.formats.places import check_place


def error_line(error: InputError) -> bytes:
    """A line of a list of errors: ``source``, ``line``, ``id``, ``error`` (the error's class) and ``message``."""
    where = error.where or Location()
    record = {
        "source": where.source,
        "line": where.line,
        "id": where.id,
        "error": type(error).__name__,
        "message": str(error),
    }
    # A file name may hold bytes that are not UTF-8.
    return json.dumps(record, ensure_ascii=False).encode("utf-8", errors="backslashreplace") + b"\n"


class ErrorLog:
    """A JSON Lines file of what could not be read; it comes into being with the first error.

    An instance is an ``OnError``. Lines are flushed one by one, so that the log is there even if the run is cut off.

    Args:
        path: where to; None only counts. A file that an earlier run left there is removed.

    Raises:
        ConfigError: if the folder is not there, or the path is a folder.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.count = 0
        self._stream: io.BufferedWriter | None = None
        if path is not None:
            check_place(path)
            if path.is_file() and not path.is_symlink():  # /dev/stderr is a link, and no file of an earlier run
                path.unlink()

    def __call__(self, error: InputError) -> None:
        self.count += 1
        if self.path is None:
            return
        if self._stream is None:
            self._stream = self.path.open("wb")
        self._stream.write(error_line(error))
        self._stream.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._stream is not None:
            self._stream.close()
