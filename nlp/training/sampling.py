"""The order in which training windows come: tasks by temperature, windows anew in each pass, batches of like length.

Everything follows from a seed and a position, so that a stopped run goes on with the windows it would have seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from nlp.networks.inputs import MARKS, Window, join
from nlp.networks.inputs import batches as by_length
from nlp.networks.names import without_names
from nlp.networks.pieces import PieceTokenizer
from nlp.training.examples import Batch, LabelledWindow, Tagged, collate


@dataclass(frozen=True, slots=True, eq=False)
class Task:
    """One corpus to learn from.

    Attributes:
        texts: its texts, in the order of the corpus.
        joined: whether texts that follow each other may share a window (sentences may, captions may not).
        weight: how much oftener than its size says it is drawn.
    """

    name: str
    texts: Sequence[Tagged]
    joined: bool
    weight: float = 1.0

    @property
    def pieces(self) -> int:
        return sum(len(text.pieces) for text in self.texts)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a run stands.

    Attributes:
        pool: which pool of windows.
        batch: how many of its batches were taken.
        cursors: for each task its pass and the next window of it, as they were when the pool began.
    """

    pool: int
    batch: int
    cursors: Sequence[tuple[int, int]]


class _Texts:
    """The texts of a task laid end to end, so that a window of them is a slice."""

    def __init__(self, texts: Sequence[Tagged], tokenizer: PieceTokenizer) -> None:
        self._marks = tokenizer.open, tokenizer.close
        self._pieces = np.cumsum([0, *(len(text.pieces) for text in texts)])
        self._words = np.cumsum([0, *(len(text.tags) for text in texts)])
        whole = join([text.pieces for text in texts])
        self._ids, self._shapes, self._firsts = whole.ids, whole.shapes, whole.firsts
        self._tags = np.concatenate([text.tags for text in texts])

    def window(self, task: int, start: int, end: int) -> LabelledWindow:
        """The window that holds texts ``start`` to ``end``."""
        first, last = int(self._pieces[start]), int(self._pieces[end])
        words = slice(int(self._words[start]), int(self._words[end]))
        ids = np.empty(last - first + MARKS, np.int32)
        ids[0], ids[-1] = self._marks
        ids[1:-1] = self._ids[first:last]
        shapes = np.zeros((len(ids), self._shapes.shape[1]), np.uint8)
        shapes[1:-1] = self._shapes[first:last]
        return LabelledWindow(task, Window(ids, shapes, self._firsts[words] - (first - 1)), self._tags[words])


class Sampler:
    """An endless stream of batches.

    Args:
        tasks: what to draw from.
        tokenizer: whose marks open and close a window.
        power: tasks are drawn in proportion to ``weight · pieces ** power``.
        budget: pieces in a batch, padding included.
        lengths: between which the length is drawn that texts which may be joined fill; the larger one is excluded.
        alone: share of windows that hold a single text even where texts may be joined.
        pool: windows that are drawn and sorted by length together.
        seed: of everything random.
        unnamed: share of windows that are shown without the lexicon's names, so that the tagger learns to do without.
    """

    def __init__(
        self,
        tasks: Sequence[Task],
        tokenizer: PieceTokenizer,
        *,
        power: float,
        budget: int,
        lengths: tuple[int, int],
        alone: float,
        pool: int,
        seed: int,
        unnamed: float = 0.0,
    ) -> None:
        self._tasks = tasks
        self._texts = [_Texts(task.texts, tokenizer) for task in tasks]
        self._budget = budget
        self._lengths = lengths
        self._alone = alone
        self._pool = pool
        self._seed = seed
        self._unnamed = unnamed
        shares = np.asarray([task.weight * task.pieces**power for task in tasks])
        self.shares = shares / shares.sum()
        self._passes: dict[int, tuple[int, list[tuple[int, int]]]] = {}
        self.position = Position(0, 0, [(0, 0) for _ in tasks])

    def __iter__(self) -> Iterator[tuple[Batch, Position]]:
        """Batches from ``position`` on, each with the position after it."""
        position = self.position
        while True:
            cursors = list(position.cursors)
            drawn = self._batches(position.pool, cursors)
            for index in range(position.batch, len(drawn)):
                yield collate(drawn[index]), Position(position.pool, index + 1, position.cursors)
            position = Position(position.pool + 1, 0, cursors)

    def _batches(self, pool: int, cursors: list[tuple[int, int]]) -> list[list[LabelledWindow]]:
        random = np.random.default_rng((self._seed, pool))
        drawn = random.choice(len(self._tasks), self._pool, p=self.shares)
        windows = [self._next(int(task), cursors) for task in drawn]
        for index in (random.random(self._pool) < self._unnamed).nonzero()[0]:
            windows[index] = replace(windows[index], inputs=without_names(windows[index].inputs))
        grouped = by_length(list(map(len, windows)), self._budget)
        return [[windows[item] for item in grouped[index]] for index in random.permutation(len(grouped))]

    def _next(self, task: int, cursors: list[tuple[int, int]]) -> LabelledWindow:
        turn, index = cursors[task]
        ranges = self._ranges(task, turn)
        if index == len(ranges):
            turn, index = turn + 1, 0
            ranges = self._ranges(task, turn)
        cursors[task] = (turn, index + 1)
        return self._texts[task].window(task, *ranges[index])

    def _ranges(self, task: int, turn: int) -> list[tuple[int, int]]:
        """The windows of one pass over a task, as ranges of its texts, in random order."""
        if self._passes.get(task, (-1,))[0] != turn:
            random = np.random.default_rng((self._seed, task, turn))
            texts, joined = self._tasks[task].texts, self._tasks[task].joined
            ranges: list[tuple[int, int]] = []
            start = 0
            while start < len(texts):
                room = 0 if not joined or random.random() < self._alone else int(random.integers(*self._lengths))
                end, length = start + 1, len(texts[start].pieces)
                while end < len(texts) and length + len(texts[end].pieces) <= room:
                    length += len(texts[end].pieces)
                    end += 1
                ranges.append((start, end))
                start = end
            self._passes[task] = (turn, [ranges[index] for index in random.permutation(len(ranges))])
        return self._passes[task][1]
