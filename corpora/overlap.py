"""Keep what is measured out of what is learned from.

Two texts are compared by their letters and digits alone, since corpora cut tokens and sentences differently. A text is
known if it equals a protected one, or if a sampled run of ``RUN`` characters of it stands in one.
"""

from __future__ import annotations

import unicodedata
import zlib
from collections.abc import Iterable, Iterator
from typing import Final

RUN: Final = 40
SAMPLE: Final = 4
"""One run in so many is kept, chosen by its own hash, so both sides choose the same ones."""


def letters(text: str) -> str:
    """Letters and digits of ``text``, in lower case and compatibility form."""
    return "".join(filter(str.isalnum, unicodedata.normalize("NFKC", text).casefold()))


class Protected:
    """Texts that must not be learned from."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._whole: set[str] = set()
        self._runs: set[int] = set()
        for text in texts:
            plain = letters(text)
            self._whole.add(plain)
            self._runs.update(_runs(plain))

    def __contains__(self, text: str) -> bool:
        plain = letters(text)
        return plain in self._whole or any(run in self._runs for run in _runs(plain))


def _runs(plain: str) -> Iterator[int]:
    encoded = plain.encode("utf-32-le")
    for start in range(len(plain) - RUN + 1):
        run = encoded[4 * start : 4 * (start + RUN)]
        if zlib.crc32(run) % SAMPLE == 0:
            # Of millions of runs, 32 bits would let some meet by chance.
            yield hash(run)
