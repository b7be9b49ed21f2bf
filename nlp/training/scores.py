"""Strict scores of predicted spans."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from nlp.networks.tags import LabelledSpan


@dataclass(frozen=True, slots=True)
class Score:
    """Counts, and what follows from them."""

    right: int = 0
    predicted: int = 0
    gold: int = 0

    @property
    def precision(self) -> float:
        return self.right / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        return self.right / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        return 2 * self.right / (self.predicted + self.gold) if self.predicted + self.gold else 0.0


def strict(gold: Iterable[Sequence[LabelledSpan]], predicted: Iterable[Sequence[LabelledSpan]]) -> dict[str, Score]:
    """Scores by label, and of all under ``""``: a span is right if its bounds and its label are."""
    counts: dict[str, Counter[str]] = {"": Counter()}
    for theirs, ours in zip(gold, predicted, strict=True):
        sets = {"gold": set(theirs), "predicted": set(ours), "right": set(theirs) & set(ours)}
        for kind, spans in sets.items():
            for span in spans:
                counts[""][kind] += 1
                counts.setdefault(span.label, Counter())[kind] += 1
    return {label: Score(count["right"], count["predicted"], count["gold"]) for label, count in sorted(counts.items())}
