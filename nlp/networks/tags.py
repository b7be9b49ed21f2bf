"""Labelled spans as one tag a word (BIO), and back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray


class LabelledSpan(NamedTuple):
    """A labelled piece of a text, in code points."""

    start: int
    end: int
    label: str


class TagSet:
    """The tags of a label set: O first, then B and I of each label in turn."""

    def __init__(self, labels: Iterable[str]) -> None:
        self.labels = tuple(labels)
        self.tags = ("O", *(f"{position}-{label}" for label in self.labels for position in "BI"))
        self._index = {label: index for index, label in enumerate(self.labels)}

    def __len__(self) -> int:
        return len(self.tags)

    def begin(self, label: str) -> int:
        """Index of the tag that begins a mention; the tag that continues it is the next."""
        return 1 + 2 * self._index[label]

    def encode(self, words: NDArray[np.int32], spans: Iterable[LabelledSpan]) -> NDArray[np.int16]:
        """One tag a word. A word that a span cuts belongs to it; of two spans on one word the longer one counts.

        Args:
            words: (words, 2) offsets, in order.
            spans: mentions; those that touch no word are left out.

        Returns:
            (words,) tag indices.
        """
        tags = np.zeros(len(words), np.int16)
        for start, end, label in sorted(spans, key=lambda span: (span[0] - span[1], span[0])):
            first = int(np.searchsorted(words[:, 1], start, side="right"))
            last = int(np.searchsorted(words[:, 0], end, side="left"))
            if first < last and not tags[first:last].any():
                tags[first:last] = self.begin(label) + 1
                tags[first] -= 1
        return tags

    def decode(self, words: NDArray[np.int32], scores: NDArray[np.float32]) -> list[LabelledSpan]:
        """The spans of the best sequence in which no I follows anything but its own B or I (Viterbi).

        Args:
            words: (words, 2) offsets, in order.
            scores: (words, tags) log-probabilities.
        """
        return self.spans(words, self.best(scores))

    def best(self, scores: NDArray[np.float32]) -> NDArray[np.int64]:
        """(words,) indices of the best allowed sequence for ``scores`` (words, tags)."""
        length, size = scores.shape
        likeliest: NDArray[np.int64] = scores.argmax(axis=1)
        before = np.concatenate([[0], likeliest[:-1]])
        goes_on = (likeliest > 0) & (likeliest % 2 == 0)
        if np.all(~goes_on | (before == likeliest) | (before == likeliest - 1)):
            return likeliest  # no sequence at all is better, so neither is an allowed one
        inside = np.arange(2, size, 2)
        backward = np.zeros((length, size), np.int64)
        total = np.full(size, -np.inf)
        total[0] = 0.0
        for index in range(length):
            top = int(total.argmax())
            previous = np.full(size, top)
            # An I comes from the better of its B, just before it in the table, and itself.
            previous[inside] = np.where(total[inside - 1] >= total[inside], inside - 1, inside)
            total = total[previous] + scores[index]
            backward[index] = previous
        path = np.zeros(length, np.int64)
        if length:
            path[-1] = int(total.argmax())
        for index in range(length - 1, 0, -1):
            path[index - 1] = backward[index, path[index]]
        return path

    def spans(self, words: NDArray[np.int32], tags: Sequence[int] | NDArray[np.int64]) -> list[LabelledSpan]:
        """The spans of a tag sequence; an I that follows nothing of its label begins a span of its own."""
        return [
            LabelledSpan(int(words[first, 0]), int(words[last - 1, 1]), label) for first, last, label in self.runs(tags)
        ]

    def runs(self, tags: Sequence[int] | NDArray[np.int64]) -> list[tuple[int, int, str]]:
        """The words of each span, half-open, and its label."""
        found: list[tuple[int, int, str]] = []
        current = 0
        for word, tag in enumerate(map(int, tags)):
            label = (tag - 1) // 2
            if tag and tag % 2 == 0 and current == tag:
                found[-1] = (found[-1][0], word + 1, self.labels[label])
            elif tag:
                found.append((word, word + 1, self.labels[label]))
            current = 2 * label + 2 if tag else 0
        return found
