"""Documents by id, on disk, for looking up one after the other."""

from __future__ import annotations

import json
import sqlite3
import zlib
from collections.abc import Iterable
from types import TracebackType
from typing import Final, Self

from nlp.formats.records import from_record, to_record
from nlp.formats.scratch import open_scratch
from nlp.types import Document

_FAST: Final = 1


class DocumentStore:
    """Documents in a temporary database, so that memory does not grow with their number; 2 kB or so of disk each.

    Args:
        documents: of those with the same id the last one counts.

    Raises:
        OSError: if the disk is full.
    """

    def __init__(self, documents: Iterable[Document]) -> None:
        self._database = open_scratch("documents (id TEXT PRIMARY KEY, record BLOB NOT NULL) WITHOUT ROWID")
        try:
            self._database.executemany("REPLACE INTO documents VALUES (?, ?)", map(_row, documents))
        except sqlite3.OperationalError as error:
            self._database.close()
            raise OSError(f"the temporary database of documents: {error}") from error

    def get(self, id: str) -> Document | None:
        """The document of an id, if there is one."""
        found = self._database.execute("SELECT record FROM documents WHERE id = ?", (id,)).fetchone()
        return None if found is None else from_record(json.loads(zlib.decompress(found[0])))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._database.close()


def _row(document: Document) -> tuple[str, bytes]:
    record = json.dumps(to_record(document, exact=True), ensure_ascii=False, separators=(",", ":"))
    return document.id, zlib.compress(record.encode("utf-8"), _FAST)
