"""What the edge network is given beside the vectors of words: where sentences end and which words a mention holds.

Both follow from the text and its words alone, so that training and inference see the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

_ENDS: Final = frozenset(".?!")
_ABBREVIATIONS: Final = frozenset("fig figs vs cf al approx ca e.g i.e eg ie etc no nos ref refs dr st".split())


def sentence_numbers(text: str, words: NDArray[np.int32]) -> NDArray[np.int64]:
    """The sentence of each word, counted from 0.

    A sentence ends at a line break, and at a full stop, question or exclamation mark that white space follows and then
    no small letter, unless an abbreviation stands before.

    Args:
        text: as it was given.
        words: (words, 2) offsets, in order.

    Returns:
        (words,)
    """
    numbers = np.zeros(len(words), np.int64)
    current = 0
    for index in range(1, len(words)):
        before, start = int(words[index - 1, 1]), int(words[index, 0])
        gap = text[before:start]
        if "\n" in gap or (
            gap and text[before - 1] in _ENDS and not text[start].islower() and not _abbreviated(text, before - 1)
        ):
            current += 1
        numbers[index] = current
    return numbers


def _abbreviated(text: str, stop: int) -> bool:
    start = max(text.rfind(" ", 0, stop), text.rfind("(", 0, stop)) + 1
    return text[start:stop].casefold() in _ABBREVIATIONS


def mention_words(words: NDArray[np.int32], spans: Sequence[tuple[int, int]]) -> NDArray[np.int64]:
    """The first and last word that each span holds or cuts.

    Args:
        words: (words, 2) offsets, in order.
        spans: bounds of mentions, in code points.

    Returns:
        (mentions, 2); the last before the first where a span touches no word.
    """
    bounds = np.asarray(spans, np.int64).reshape(-1, 2)
    firsts = np.searchsorted(words[:, 1], bounds[:, 0], side="right")
    lasts = np.searchsorted(words[:, 0], bounds[:, 1], side="left") - 1
    return np.stack([firsts, lasts], axis=1)
