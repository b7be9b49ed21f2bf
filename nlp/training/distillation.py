"""Learning from what several trained models say together (Hinton et al. 2015).

Every head's teachers speak of every text, so a head also learns from the texts of other corpora and from unlabelled
ones, in which nobody has marked what it is for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from nlp.networks.reader import CAPTION_HEAD
from nlp.networks.tagger import MentionTagger
from nlp.training.examples import Batch


@dataclass(frozen=True, slots=True)
class Distillation:
    """What counts how much.

    Attributes:
        hard: weight of the loss by the texts' own labels.
        caption: weight of what the teachers say by the caption head.
        other: weight of what they say by each other head.
    """

    hard: float = 0.5
    caption: float = 1.0
    other: float = 0.15


class Teachers:
    """Models that are asked and do not learn.

    Args:
        models: with the same heads.
        heads: names and numbers of tags of the heads, in the order in which the student's scores stand.
        settings: what counts how much.
    """

    def __init__(
        self, models: Sequence[MentionTagger], heads: Sequence[tuple[str, int]], settings: Distillation
    ) -> None:
        self.settings = settings
        self._models = [model.eval() for model in models]
        self._heads = heads

    @torch.no_grad()
    def __call__(self, batch: Batch) -> list[Tensor]:
        """Mean probabilities (words, tags) by each head; called inside the student's autocast."""
        words = [model.words(batch.ids, batch.shapes, batch.mask, batch.firsts).float() for model in self._models]
        return [
            torch.stack(
                [
                    torch.softmax(model.head(name, own).float(), -1)
                    for model, own in zip(self._models, words, strict=True)
                ]
            ).mean(0)
            for name, _ in self._heads
        ]

    def loss(self, scores: Tensor, said: Sequence[Tensor]) -> Tensor:
        """How far a student's ``scores`` (words, tags of all heads) are from what was ``said``, mean over words."""
        total = scores.new_zeros(())
        parts = torch.split(scores, [size for _, size in self._heads], -1)
        for (name, _), part, wanted in zip(self._heads, parts, said, strict=True):
            weight = self.settings.caption if name == CAPTION_HEAD else self.settings.other
            total = total - weight * (wanted * torch.log_softmax(part, -1)).sum(-1).mean()
        return total
