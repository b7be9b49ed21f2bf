"""Temporary databases: what a run must look up again, kept out of memory."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Final, Self

_CACHE_KIB: Final = 32 * 1024


def open_scratch(table: str) -> sqlite3.Connection:
    """A temporary SQLite database with one table.

    The database has no name: it goes where SQLite puts temporary files (``$SQLITE_TMPDIR``, ``$TMPDIR``) once it
    outgrows its cache of 32 MiB, and is gone when it is closed or the process ends in whatever way. It may be used by
    several threads, never by two at a time.

    Args:
        table: name and columns.
    """
    database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    for pragma in ("journal_mode = off", "synchronous = off", f"cache_size = -{_CACHE_KIB}"):
        database.execute(f"PRAGMA {pragma}")
    database.execute(f"CREATE TABLE {table}")
    # One transaction for all: none is ever taken back.
    database.execute("BEGIN")
    return database


class Scratch:
    """What is kept in a temporary database until the end of a ``with`` statement.

    Args:
        database: of ``open_scratch``.
        what: it holds, for messages.
    """

    def __init__(self, database: sqlite3.Connection, what: str) -> None:
        self._database = database
        self._what = what

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tells of a full disk as the system does.

        Raises:
            OSError: in place of what SQLite raises within.
        """
        try:
            yield
        except sqlite3.OperationalError as error:
            raise OSError(f"the temporary database of {self._what}: {error}") from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._database.close()
