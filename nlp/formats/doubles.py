"""Which captions came before: on disk beyond a fixed cache, so that memory does not grow with their number."""

from __future__ import annotations

from contextlib import closing
from enum import Enum
from hashlib import blake2b
from typing import Final

from nlp.formats.scratch import Scratch, open_scratch
from nlp.types import Caption

_ID_BYTES: Final = 16
_TEXT_BYTES: Final = 8


class Double(Enum):
    """How a caption stands to those before it."""

    NEW = "new"
    SAME = "an id that came before, with the same text"
    OTHER = "an id that came before, with another text"


class SeenCaptions(Scratch):
    """The ids and texts of captions so far, as hashes in a temporary SQLite database.

    On disk they take 50 bytes or so a caption. Hashes of ids have 128 bits, so that no two ids are ever taken for one.

    Raises:
        OSError: if the disk is full.
    """

    def __init__(self) -> None:
        # The engine that annotates may read ahead on a thread of its own; never on two at a time.
        super().__init__(open_scratch("seen (id BLOB PRIMARY KEY, text BLOB NOT NULL) WITHOUT ROWID"), "caption ids")

    def add(self, caption: Caption) -> Double:
        """Note a caption, and tell whether its id came before; the first text of an id is the one that counts."""
        id = blake2b(caption.id.encode("utf-8"), digest_size=_ID_BYTES).digest()
        text = blake2b(caption.text.encode("utf-8"), digest_size=_TEXT_BYTES).digest()
        with self._told():
            with closing(self._database.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (id, text))) as cursor:
                if cursor.rowcount == 1:
                    return Double.NEW
            with closing(self._database.execute("SELECT text FROM seen WHERE id = ?", (id,))) as cursor:
                (first,) = cursor.fetchone()
        return Double.SAME if first == text else Double.OTHER
