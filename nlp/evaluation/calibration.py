"""Whether scores are what they claim: of the items scored .8, are eight in ten right?

A reliability diagram sorts predicted items by score into bins of equal width, and holds the mean score of each bin
against the share of it that is right (DeGroot & Fienberg 1983). The expected calibration error is the mean gap between
the two, over items (Naeini, Cooper & Hauskrecht 2015; Guo et al. 2017, "On calibration of modern neural networks").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nlp.evaluation.counts import Estimate, ratio

BINS: Final = 10

#: A predicted item: its score, from 0 to 1, and whether it is right.
Judged = tuple[float, bool]


@dataclass(frozen=True, slots=True)
class Bin:
    """The predicted items whose scores lie in one range.

    Attributes:
        low, high: the range; ``high`` belongs to the next one, but for that of the last.
        count: how many there are.
        mean_score: 0 if there are none.
        share_right: 0 if there are none.
    """

    low: float
    high: float
    count: int
    mean_score: float
    share_right: Estimate


@dataclass(frozen=True, slots=True)
class Reliability:
    """A reliability diagram.

    Attributes:
        items: how many items were predicted.
        bins: all of them, by rising score, empty ones too.
        error: the expected calibration error; 0 if nothing is predicted.
    """

    items: int
    bins: tuple[Bin, ...]
    error: float

    @property
    def scored(self) -> bool:
        """Whether the items have scores at all: a file without any is read as if each were 1."""
        return any(one.count and one.mean_score < 1 for one in self.bins)


def shares_of_bins(units: Sequence[Sequence[Judged]]) -> list[list[tuple[float, float]]]:
    """For each bin how many items of each unit are right, and how many there are: what ``Bootstrap.ratios`` takes.

    Args:
        units: the predicted items of each caption.
    """
    scores, right = _flat(units)
    unit = np.repeat(np.arange(len(units)), [len(items) for items in units])
    place, size = unit * BINS + _bins(scores), len(units) * BINS
    counts = np.bincount(place, minlength=size).reshape(len(units), BINS)
    hits = np.bincount(place, weights=right, minlength=size).reshape(len(units), BINS)
    return [list(zip(hits[:, one].tolist(), counts[:, one].tolist(), strict=True)) for one in range(BINS)]


def reliability(units: Sequence[Sequence[Judged]], shares: Sequence[Estimate]) -> Reliability:
    """The diagram of all items.

    Args:
        units: the predicted items of each caption.
        shares: the share right in each bin, estimated from ``shares_of_bins``.
    """
    scores, _ = _flat(units)
    places = _bins(scores)
    counts, sums = np.bincount(places, minlength=BINS), np.bincount(places, weights=scores, minlength=BINS)
    means = sums / np.maximum(counts, 1)
    bins = tuple(
        Bin(one / BINS, (one + 1) / BINS, int(counts[one]), float(means[one]), shares[one]) for one in range(BINS)
    )
    return Reliability(len(scores), bins, calibration_error([item for items in units for item in items]))


def calibration_error(items: Sequence[Judged]) -> float:
    """The expected calibration error of predicted items; 0 if there are none."""
    scores, right = _flat([items])
    gaps = np.bincount(_bins(scores), weights=scores - right, minlength=BINS)
    return ratio(float(np.abs(gaps).sum()), len(items))


def _flat(units: Sequence[Sequence[Judged]]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Scores and rightness of all items, ``(items,)`` each."""
    flat = np.array([judged for items in units for judged in items], dtype=np.float64).reshape(-1, 2)
    return flat[:, 0], flat[:, 1]


def _bins(scores: NDArray[np.float64]) -> NDArray[np.int64]:
    """The bin of each score, ``(items,)``; a score beyond 0 or 1 is in the bin at that end."""
    bins: NDArray[np.int64] = np.clip(np.floor(scores * BINS), 0, BINS - 1).astype(np.int64)
    return bins
