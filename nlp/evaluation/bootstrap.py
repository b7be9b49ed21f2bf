"""Percentile bootstrap over whole captions (Efron & Tibshirani 1993, chapter 13).

Captions (or figures) are drawn with replacement, as many as there are; their counts are summed and the score is taken
of the sums. Items of one caption depend on each other, so the caption, not the item, is what is drawn.

A drawing in which a score means nothing, as precision does where nothing is predicted, has no part in its interval; if
no drawing has a part, the interval is the value itself.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import astuple, dataclass
from typing import Final, TypeVar

import numpy as np
from numpy.typing import NDArray

from nlp.evaluation.counts import Counts, Estimate, Scores, ratio

CONFIDENCE: Final = 0.95

Key = TypeVar("Key", bound=Hashable)

_DRAWS_AT_A_TIME: Final = 4_000_000


@dataclass(frozen=True, slots=True)
class Bootstrap:
    """How to draw. Equal settings draw the same captions, so scores of one run vary together.

    Attributes:
        resamples: how many times a set of captions is drawn.
        seed: of the random generator.
    """

    resamples: int = 1000
    seed: int = 0

    def sums(self, columns: NDArray[np.float64]) -> NDArray[np.float64]:
        """Column sums of each drawn set: ``(units, columns)`` in, ``(resamples, columns)`` out."""
        units = len(columns)
        generator = np.random.default_rng(self.seed)
        # Bounds memory when there are very many captions; the draws are the same whatever the size of a block.
        block = max(1, _DRAWS_AT_A_TIME // max(units, 1))
        sums = np.zeros((self.resamples, columns.shape[1]))
        for first in range(0, self.resamples if units else 0, block):
            rows = min(block, self.resamples - first)
            drawn = generator.integers(units, size=(rows, units))
            drawn += np.arange(rows)[:, np.newaxis] * units
            times = np.bincount(drawn.ravel(), minlength=rows * units).reshape(rows, units)
            sums[first : first + rows] = times @ columns
        return sums

    def scores(self, per_unit: Mapping[Key, Sequence[Counts]]) -> dict[Key, Scores]:
        """Scores of summed counts, for each key; all sequences run over the same captions."""
        rows = {key: [astuple(counts) for counts in sequence] for key, sequence in per_unit.items()}
        return {
            key: _scores(sum(per_unit[key], Counts()), sums) for key, sums in self._sums_of_each(rows, width=4).items()
        }

    def ratios(self, per_unit: Mapping[Key, Sequence[tuple[float, float]]]) -> dict[Key, Estimate]:
        """Sum of the parts over sum of the wholes, for each key; all sequences run over the same captions.

        With (value, 1) for a caption that has a value and (0, 0) for one that has none, this is the mean over the
        captions that have one.
        """
        result = {}
        for key, sums in self._sums_of_each(per_unit, width=2).items():
            value = ratio(sum(part for part, _ in per_unit[key]), sum(whole for _, whole in per_unit[key]))
            result[key] = _estimate(value, _divide(sums[:, 0], sums[:, 1]))
        return result

    def _sums_of_each(
        self, per_unit: Mapping[Key, Sequence[tuple[float, ...]]], *, width: int
    ) -> dict[Key, NDArray[np.float64]]:
        """For each key the sums of its rows, ``(resamples, width)``: one drawing for all keys."""
        if not per_unit:
            return {}
        columns = np.hstack([np.array(rows, dtype=np.float64).reshape(-1, width) for rows in per_unit.values()])
        return dict(zip(per_unit, np.split(self.sums(columns), len(per_unit), axis=1), strict=True))


def _scores(total: Counts, sums: NDArray[np.float64]) -> Scores:
    precision = _divide(sums[:, 0], sums[:, 1])
    recall = _divide(sums[:, 2], sums[:, 3])
    items = sums[:, 1] + sums[:, 3]
    # As for the counts: where only one side has items F1 is 0. It means nothing only where neither has any.
    p, r = np.nan_to_num(precision), np.nan_to_num(recall)
    f1 = np.where(items > 0, np.nan_to_num(_divide(2 * p * r, p + r)), np.nan)
    return Scores(
        total, _estimate(total.precision, precision), _estimate(total.recall, recall), _estimate(total.f1, f1)
    )


def _divide(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """``part / whole``, and NaN where there is no whole."""
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)


def _estimate(value: float, drawn: NDArray[np.float64]) -> Estimate:
    if np.isnan(drawn).all():
        return Estimate(float(value), float(value), float(value))
    tail = (1 - CONFIDENCE) / 2
    low, high = np.nanquantile(drawn, (tail, 1 - tail))
    return Estimate(float(value), float(low), float(high))
