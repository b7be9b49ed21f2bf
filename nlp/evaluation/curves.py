"""Precision and recall over the score threshold."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nlp.evaluation.calibration import Judged
from nlp.evaluation.counts import Counts

MAX_POINTS: Final = 200


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """What would be measured if only items with at least this score were predicted.

    Attributes:
        threshold: the least score kept.
        predicted: how many items that keeps.
    """

    threshold: float
    predicted: int
    precision: float
    recall: float
    f1: float


@dataclass(frozen=True, slots=True)
class OperatingPoint:
    """What was in fact predicted, to be marked on a curve.

    Attributes:
        choice: what is predicted, in words.
        threshold: the least score that is predicted; None if no one threshold gives what is.
        precision, f1: of what is predicted.
        recalls: by the name of the curve that each is marked on.
        note: a sentence on how it lies to the curves, if there is something to say.
    """

    choice: str
    threshold: float | None
    precision: float
    recalls: Mapping[str, float]
    f1: float
    note: str = ""


def precision_recall(
    predicted: Sequence[Judged] | NDArray[np.float64],
    found: Sequence[float] | NDArray[np.float64],
    gold: int,
    also: Collection[float] = (),
) -> tuple[CurvePoint, ...]:
    """The curve, by rising threshold; empty if nothing is predicted.

    There is a point for each score, or if there are very many, for scores that cut the predicted items into
    ``MAX_POINTS`` about equal parts.

    Args:
        predicted: all predicted items, or (items, 2) their scores and 1 for those that are right.
        found: for each gold item that was found, the score of the surest item that finds it.
        gold: the number of gold items.
        also: thresholds that get a point of their own, if they keep anything.
    """
    items = np.array(predicted, np.float64).reshape(-1, 2)
    if not len(items):
        return ()
    scores = np.sort(items[:, 0])
    right = np.sort(items[items[:, 1] > 0, 0])
    reached = np.sort(found)
    thresholds = np.unique(scores)
    if len(thresholds) > MAX_POINTS:
        thresholds = np.unique(scores[np.linspace(0, len(scores) - 1, MAX_POINTS).round().astype(int)])
    thresholds = np.union1d(thresholds, [threshold for threshold in also if threshold <= scores[-1]])
    points = []
    for threshold in thresholds:
        kept, hits, covered = (len(side) - int(np.searchsorted(side, threshold)) for side in (scores, right, reached))
        counts = Counts(hits, kept, covered, gold)
        points.append(CurvePoint(float(threshold), kept, counts.precision, counts.recall, counts.f1))
    return tuple(points)
