"""Labelled texts as the tagger learns from them: windows of pieces with tags, and batches of windows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nlp.networks.inputs import Window, pad
from nlp.networks.pieces import Pieces
from nlp.networks.tags import LabelledSpan, TagSet


@dataclass(frozen=True, slots=True)
class Example:
    """A text and its labelled spans."""

    id: str
    text: str
    spans: tuple[LabelledSpan, ...]


@dataclass(frozen=True, slots=True, eq=False)
class LabelledWindow:
    """A window and what it teaches.

    Attributes:
        task: which task the tags belong to.
        inputs: what the encoder reads.
        tags: (words,) int16
    """

    task: int
    inputs: Window
    tags: NDArray[np.int16]

    def __len__(self) -> int:
        return len(self.inputs)


@dataclass(frozen=True, slots=True, eq=False)
class Tagged:
    """A text's pieces and its words' tags."""

    pieces: Pieces
    tags: NDArray[np.int16]


def tag(examples: Sequence[Example], texts: Sequence[Pieces], tag_set: TagSet, limit: int) -> list[Tagged]:
    """Tag examples, given their pieces.

    Those of more than ``limit`` pieces come apart at words, outside of mentions where that can be; those without words
    drop out.
    """
    tagged: list[Tagged] = []
    for example, pieces in zip(examples, texts, strict=True):
        whole = Tagged(pieces, tag_set.encode(pieces.spans, example.spans))
        tagged.extend(part for part in _parts(whole, limit) if len(part.pieces))
    return tagged


def _parts(whole: Tagged, limit: int) -> Iterator[Tagged]:
    pieces = whole.pieces
    if len(pieces) <= limit:
        yield whole
        return
    bounds = [0]
    ends = [*pieces.firsts[1:].tolist(), len(pieces)]
    for word, end in enumerate(ends):
        while end - pieces.firsts[bounds[-1]] > limit and word > bounds[-1]:
            bounds.append(_cut(whole.tags, bounds[-1] + 1, word))
    for first, last in zip(bounds, [*bounds[1:], len(pieces.firsts)], strict=True):
        start, end = pieces.firsts[first], ends[last - 1]
        if end - start > limit:
            continue  # one word longer than any window
        part = Pieces(
            pieces.ids[start:end],
            pieces.shapes[start:end],
            pieces.firsts[first:last] - start,
            pieces.spans[first:last],
        )
        yield Tagged(part, whole.tags[first:last])


def _cut(tags: NDArray[np.int16], first: int, last: int) -> int:
    """The last of these words that goes on with no mention, else the last of all."""
    inside = (tags > 0) & (tags % 2 == 0)
    return next((word for word in range(last, first - 1, -1) if not inside[word]), last)


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """Windows side by side.

    Attributes:
        ids: (windows, length) int64, 0 where padded.
        shapes: (windows, length, 3) int64
        mask: (windows, length) bool, True for pieces.
        firsts: (words,) int64 into the flattened ids.
        tags: (words,) int64
        tasks: (words,) int64
    """

    ids: Tensor
    shapes: Tensor
    mask: Tensor
    firsts: Tensor
    tags: Tensor
    tasks: Tensor

    def to(self, device: torch.device) -> Batch:
        """The batch on another device."""
        return Batch(*(getattr(self, name).to(device) for name in self.__slots__))


def collate(windows: Sequence[LabelledWindow]) -> Batch:
    """Pad windows to the longest."""
    padded = pad([item.inputs for item in windows])
    tags = np.concatenate([item.tags for item in windows]).astype(np.int64)
    tasks = np.repeat([item.task for item in windows], [len(item.tags) for item in windows]).astype(np.int64)
    return Batch(*map(torch.from_numpy, (padded.ids, padded.shapes, padded.mask, padded.firsts, tags, tasks)))
