"""What a score is made of: counts that add up, and estimates with their intervals."""

from __future__ import annotations

from dataclasses import dataclass


def ratio(part: float, whole: float) -> float:
    """``part / whole``, and 0 where there is no whole: nothing predicted scores nothing."""
    return part / whole if whole else 0.0


@dataclass(frozen=True, slots=True)
class Counts:
    """How many predicted and gold items there are, and how many of each have a counterpart.

    The two numbers of true positives differ where several items of one side meet one item of the other, as two
    predicted mentions inside one gold mention do.

    Attributes:
        tp_predicted: predicted items that are right.
        predicted: all predicted items.
        tp_gold: gold items that were found.
        gold: all gold items.
    """

    tp_predicted: int = 0
    predicted: int = 0
    tp_gold: int = 0
    gold: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.tp_predicted + other.tp_predicted,
            self.predicted + other.predicted,
            self.tp_gold + other.tp_gold,
            self.gold + other.gold,
        )

    @property
    def precision(self) -> float:
        return ratio(self.tp_predicted, self.predicted)

    @property
    def recall(self) -> float:
        return ratio(self.tp_gold, self.gold)

    @property
    def f1(self) -> float:
        return ratio(2 * self.precision * self.recall, self.precision + self.recall)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A measured value, between the bounds of its confidence interval."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Scores:
    """Precision, recall and F1 with their intervals, and the counts behind them."""

    counts: Counts
    precision: Estimate
    recall: Estimate
    f1: Estimate


@dataclass(frozen=True, slots=True)
class Difference:
    """How the F1 of two predictions of the same captions differs.

    Attributes:
        first, second: F1 of either.
        difference: first minus second, with its interval.
        p: how often a difference as large as this one, either way, would come of chance if there were none.
    """

    first: float
    second: float
    difference: Estimate
    p: float
