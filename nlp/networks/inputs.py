"""What an encoder is given: windows of pieces, padded side by side, in batches of like length."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nlp.networks.pieces import Pieces, PieceTokenizer
from nlp.networks.windows import cut

MARKS: Final = 2
"""Pieces that open and close a window."""


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """Pieces of one or more texts that follow each other, short enough for the encoder.

    Attributes:
        ids: (pieces,) int32, opening and closing mark included
        shapes: (pieces, 3) uint8
        firsts: (words,) int32, the first piece of each word
    """

    ids: NDArray[np.int32]
    shapes: NDArray[np.uint8]
    firsts: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True, slots=True, eq=False)
class Padded:
    """Windows side by side.

    Attributes:
        ids: (windows, length) int64, 0 where padded
        shapes: (windows, length, 3) int64
        mask: (windows, length) bool, True for pieces
        firsts: (words,) int64 into the flattened ids
    """

    ids: NDArray[np.int64]
    shapes: NDArray[np.int64]
    mask: NDArray[np.bool_]
    firsts: NDArray[np.int64]


def join(texts: Sequence[Pieces]) -> Pieces:
    """Texts that follow each other as one; ``spans`` stay offsets into the text that each word comes from."""
    starts = np.cumsum([0, *map(len, texts)])
    return Pieces(
        np.concatenate([text.ids for text in texts]),
        np.concatenate([text.shapes for text in texts]),
        np.concatenate([text.firsts + start for text, start in zip(texts, starts, strict=False)]).astype(np.int32),
        np.concatenate([text.spans for text in texts]),
    )


def mark(pieces: Pieces, tokenizer: PieceTokenizer) -> Window:
    """The one window that holds all of ``pieces``."""
    blank = np.zeros((1, pieces.shapes.shape[1]), np.uint8)
    return Window(
        np.concatenate([[tokenizer.open], pieces.ids, [tokenizer.close]]).astype(np.int32),
        np.concatenate([blank, pieces.shapes, blank]),
        pieces.firsts + 1,
    )


def windows(
    pieces: Pieces, tokenizer: PieceTokenizer, *, ends: Sequence[int] = (), limit: int
) -> list[tuple[tuple[int, int], Window]]:
    """Windows that overlap by an eighth and together hold every word.

    Args:
        pieces: of a text.
        tokenizer: whose marks open and close a window.
        ends: where its sentences end, as counts of words.
        limit: most pieces in a window, marks included. A word that is longer by itself is read by its beginning.

    Returns:
        Ranges of words, as ``nlp.networks.windows.merge`` takes them, and their windows.
    """
    room = limit - MARKS
    bounds = np.append(pieces.firsts, len(pieces))
    ranges = cut(np.diff(bounds).tolist(), ends, room, overlap=room // 8)
    return [((first, last), mark(_part(pieces, first, last, bounds, room), tokenizer)) for first, last in ranges]


def _part(pieces: Pieces, first: int, last: int, bounds: NDArray[np.int32], room: int) -> Pieces:
    start = int(bounds[first])
    end = min(int(bounds[last]), start + room)
    return Pieces(
        pieces.ids[start:end], pieces.shapes[start:end], pieces.firsts[first:last] - start, pieces.spans[first:last]
    )


def pad(windows: Sequence[Window]) -> Padded:
    """Pad windows to the longest of them."""
    length = max(map(len, windows))
    ids = np.zeros((len(windows), length), np.int64)
    shapes = np.zeros((len(windows), length, windows[0].shapes.shape[1]), np.int64)
    mask = np.zeros((len(windows), length), np.bool_)
    for row, window in enumerate(windows):
        ids[row, : len(window)] = window.ids
        shapes[row, : len(window)] = window.shapes
        mask[row, : len(window)] = True
    firsts = np.concatenate([window.firsts.astype(np.int64) + row * length for row, window in enumerate(windows)])
    return Padded(ids, shapes, mask, firsts)


def batches(lengths: Sequence[int], budget: int) -> list[list[int]]:
    """Windows of like length together, so that little is padded.

    Args:
        lengths: pieces of each window.
        budget: most pieces in a batch, padding included; a window that is longer stands alone.

    Returns:
        Indices of windows, the shortest first.
    """
    found: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lambda index: lengths[index]):
        if not found or lengths[index] * (len(found[-1]) + 1) > budget:
            found.append([])
        found[-1].append(index)
    return found
