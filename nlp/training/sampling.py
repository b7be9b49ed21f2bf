"""The order in which training windows come: tasks by temperature, windows anew in each pass, batches of like length.

Everything follows from a seed and a position, so that a stopped run goes on with the windows it would have seen.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from nlp.networks.inputs import batches
from nlp.networks.pieces import PieceTokenizer
from nlp.training.examples import Batch, LabelledWindow, Tagged, collate, window


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


@dataclass(slots=True)
class Position:
    """Where a run stands.

    Attributes:
        pool: which pool of windows.
        batch: how many of its batches were taken.
        cursors: for each task its pass and the next window of it, as they were when the pool began.
    """

    pool: int
    batch: int
    cursors: list[tuple[int, int]]


class Sampler:
    """An endless stream of batches.

    Args:
        tasks: what to draw from.
        tokenizer: whose marks open and close a window.
        power: tasks are drawn in proportion to ``weight · pieces ** power``.
        budget: pieces in a batch, padding included.
        lengths: smallest and largest length at which texts that may be joined fill a window.
        alone: share of windows that hold a single text even where texts may be joined.
        pool: windows that are drawn and sorted by length together.
        seed: of everything random.
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
    ) -> None:
        self._tasks = tasks
        self._tokenizer = tokenizer
        self._budget = budget
        self._lengths = lengths
        self._alone = alone
        self._pool = pool
        self._seed = seed
        shares = np.asarray([task.weight * task.pieces**power for task in tasks])
        self.shares = shares / shares.sum()
        self._passes: dict[int, tuple[int, list[tuple[int, int]]]] = {}
        self.position = Position(0, 0, [(0, 0) for _ in tasks])

    def __iter__(self) -> Iterator[Batch]:
        while True:
            cursors = list(self.position.cursors)
            for batch in self._batches(self.position.pool, cursors)[self.position.batch :]:
                self.position.batch += 1
                yield collate(batch)
            self.position = Position(self.position.pool + 1, 0, cursors)

    def _batches(self, pool: int, cursors: list[tuple[int, int]]) -> list[list[LabelledWindow]]:
        random = np.random.default_rng((self._seed, pool))
        drawn = random.choice(len(self._tasks), self._pool, p=self.shares)
        windows = [self._next(int(task), cursors) for task in drawn]
        grouped = batches(list(map(len, windows)), self._budget)
        return [[windows[item] for item in grouped[index]] for index in random.permutation(len(grouped))]

    def _next(self, task: int, cursors: list[tuple[int, int]]) -> LabelledWindow:
        turn, index = cursors[task]
        ranges = self._ranges(task, turn)
        if index == len(ranges):
            turn, index = turn + 1, 0
            ranges = self._ranges(task, turn)
        cursors[task] = (turn, index + 1)
        start, end = ranges[index]
        return window(task, self._tasks[task].texts[start:end], self._tokenizer)

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
