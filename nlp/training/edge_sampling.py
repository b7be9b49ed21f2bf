"""The order in which related texts come: corpora by weight, texts anew in each pass, batches of like length."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from nlp.networks.inputs import batches as by_length
from nlp.networks.tags import TagSet
from nlp.training.edges import EdgeBatch, collate
from nlp.training.related_texts import EdgeObjective, Noise, RelatedText

POOL: Final = 256
"""Texts that are drawn and sorted by length together."""


@dataclass(frozen=True, slots=True)
class EdgePosition:
    """Where a run stands: the pool of texts, and how many of its batches were taken."""

    pool: int = 0
    batch: int = 0


class EdgeSampler:
    """An endless stream of batches, which follow from a seed and a position alone.

    Args:
        texts: of each corpus.
        objectives: of each corpus, in the order of the texts' task numbers.
        weights: how much oftener than by the root of its number of texts a source is drawn, by its name.
        budget: pieces in a batch, padding included.
        noise: what is changed in a text each time.
        tag_set: of the marks.
        seed: of everything random.
    """

    def __init__(
        self,
        texts: Sequence[Sequence[RelatedText]],
        objectives: Sequence[EdgeObjective],
        weights: Mapping[str, float],
        *,
        budget: int,
        noise: Noise,
        tag_set: TagSet,
        seed: int,
    ) -> None:
        self.objectives = objectives
        self.position = EdgePosition()
        shares = np.asarray(
            [
                weights.get(objective.source, 1.0) * len(own) ** 0.5
                for own, objective in zip(texts, objectives, strict=True)
            ]
        )
        self.shares = shares / shares.sum()
        self._texts = texts
        self._budget = budget
        self._noise = noise
        self._tag_set = tag_set
        self._seed = seed

    def __iter__(self) -> Iterator[tuple[EdgeBatch, EdgePosition]]:
        """Batches from ``position`` on, each with the position after it."""
        return ((collate(chosen), position) for chosen, position in self.drawn())

    def drawn(self) -> Iterator[tuple[list[RelatedText], EdgePosition]]:
        """The texts of each batch from ``position`` on, with the position after it."""
        position = self.position
        while True:
            drawn = self._batches(position.pool)
            for index in range(position.batch, len(drawn)):
                yield drawn[index], EdgePosition(position.pool, index + 1)
            position = EdgePosition(position.pool + 1)

    def _batches(self, pool: int) -> list[list[RelatedText]]:
        random = np.random.default_rng((self._seed, 1 << 20, pool))
        tasks = random.choice(len(self._texts), POOL, p=self.shares).tolist()
        chosen = [self._texts[task][random.integers(len(self._texts[task]))] for task in tasks]
        noisy = [self._noise(text, self._tag_set, random) for text in chosen]
        grouped = by_length(list(map(len, noisy)), self._budget)
        return [[noisy[item] for item in grouped[index]] for index in random.permutation(len(grouped))]
