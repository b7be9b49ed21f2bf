"""Documents by id, on disk, for looking up one after the other."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from typing import Final

from nlp.formats.records import from_record, to_record
from nlp.formats.scratch import Scratch, open_scratch
from nlp.types import Document

_FAST: Final = 1


class DocumentStore(Scratch):
    """Documents in a temporary database, so that memory does not grow with their number; 2 kB or so of disk each.

    Args:
        documents: of those with the same id the last one counts.

    Raises:
        OSError: if the disk is full.
    """

    def __init__(self, documents: Iterable[Document]) -> None:
        table = "documents (id TEXT PRIMARY KEY, record BLOB NOT NULL) WITHOUT ROWID"
        super().__init__(open_scratch(table), "documents")
        try:
            with self._told():
                self._database.executemany("REPLACE INTO documents VALUES (?, ?)", map(_row, documents))
        except BaseException:
            self._database.close()
            raise

    def get(self, id: str) -> Document | None:
        """The document of an id, if there is one."""
        with self._told():
            found = self._database.execute("SELECT record FROM documents WHERE id = ?", (id,)).fetchone()
        return None if found is None else from_record(json.loads(zlib.decompress(found[0])))


def _row(document: Document) -> tuple[str, bytes]:
    record = json.dumps(to_record(document, exact=True), ensure_ascii=False, separators=(",", ":"))
    return document.id, zlib.compress(record.encode("utf-8"), _FAST)
