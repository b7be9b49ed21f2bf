"""Texts longer than an encoder reads: windows that overlap, cut at sentence ends where possible."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def cut(lengths: Sequence[int], ends: Sequence[int], limit: int, overlap: int) -> list[tuple[int, int]]:
    """Cut words into windows.

    Args:
        lengths: pieces of each word; a word longer than ``limit`` gets a window of its own.
        ends: where sentences end, as counts of words, in order.
        limit: most pieces in a window.
        overlap: pieces of the window before that the next one repeats, at least, where there is room.

    Returns:
        Half-open ranges of words which cover all words, in order.
    """
    total = np.concatenate([[0], np.cumsum(lengths)]).astype(int)
    words = len(lengths)
    sentence_ends = np.asarray([*ends, words])
    windows: list[tuple[int, int]] = []
    start = before = 0
    while start < words:
        end = max(start + 1, int(np.searchsorted(total, total[start] + limit, side="right")) - 1)
        if end < words:
            # A sentence end in the second half of the window is a better place than the middle of a sentence.
            inside = sentence_ends[
                (before < sentence_ends) & (sentence_ends <= end) & (total[sentence_ends] - total[start] > limit / 2)
            ]
            end = int(inside[-1]) if len(inside) else end
        windows.append((start, end))
        if end == words:
            break
        # As far back as asked, but not so far that the next word would not fit in.
        back = int(np.searchsorted(total, total[end] - overlap, side="right")) - 1
        fits = int(np.searchsorted(total, total[end + 1] - limit, side="left"))
        start, before = min(max(back, fits, start + 1), end), end
    return windows


def merge(windows: Sequence[tuple[int, int]], scores: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    """One row a word, from the window in which the word stands farthest from an edge that cuts the text.

    Args:
        windows: ranges of words, as ``cut`` gives them.
        scores: for each window (its words, tags).

    Returns:
        (words, tags)
    """
    words = windows[-1][1] if windows else 0
    merged = np.zeros((words, scores[0].shape[1] if scores else 0), np.float32)
    best = np.full(words, -1)
    for (start, end), rows in zip(windows, scores, strict=True):
        position = np.arange(start, end)
        left = position - start + 1 if start else np.full(end - start, words)
        right = end - position if end < words else np.full(end - start, words)
        distance = np.minimum(left, right)
        better = distance > best[start:end]
        merged[start:end][better] = rows[better]
        best[start:end][better] = distance[better]
    return merged
