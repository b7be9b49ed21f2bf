"""Temporary databases: what a run must look up again, kept out of memory."""

from __future__ import annotations

import sqlite3
from typing import Final

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
