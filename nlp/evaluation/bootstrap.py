"""Percentile bootstrap over whole captions (Efron & Tibshirani 1993, chapter 13), for one prediction and for two.

Captions (or figures) are drawn with replacement, as many as there are; their counts are summed and the score is taken
of the sums. Items of one caption depend on each other, so the caption, not the item, is what is drawn.

Two predictions of the same captions are compared by the paired bootstrap test (Efron & Tibshirani 1993, chapter 16;
Berg-Kirkpatrick, Burkett & Klein 2012, "An empirical investigation of statistical significance in NLP"): both are
scored on the same drawn captions, and the p-value is how often the difference of a drawing lies as far from the one
measured as that lies from zero. It is two-sided, and counts the measured difference as one drawing more, so that it is
never zero (Davison & Hinkley 1997, section 4.2). Where a few captions make the difference, drawings scatter more on one
side than on the other, and the interval may leave out zero though p is above .05, or the other way round.

A drawing in which a score means nothing, as precision does where nothing is predicted, has no part in its interval; if
no drawing has a part, the interval is the value itself.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Final, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from nlp.evaluation.counts import Counts, Difference, Estimate, Scores, ratio

CONFIDENCE: Final = 0.95

Key = TypeVar("Key", bound=Hashable)
Other = TypeVar("Other", bound=Hashable)

PerUnit: TypeAlias = Sequence[Counts] | NDArray[np.int64]
"""Counts of each caption; as an array (units, 4), the fields of ``Counts`` in their order."""
Shares: TypeAlias = Sequence[tuple[float, float]] | NDArray[np.float64]
"""A part and a whole of each caption; as an array (units, 2)."""

_DRAWS_AT_A_TIME: Final = 4_000_000
_AS_ROW: Final = attrgetter("tp_predicted", "predicted", "tp_gold", "gold")
_SAME: Final = 1e-9  # differences of F1 that are equal but for rounding


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

    def scores(self, per_unit: Mapping[Key, PerUnit]) -> dict[Key, Scores]:
        """Scores of summed counts, for each key; all sequences run over the same captions."""
        return self.estimates(per_unit, {})[0]

    def ratios(self, per_unit: Mapping[Key, Shares]) -> dict[Key, Estimate]:
        """Sum of the parts over sum of the wholes, for each key; all sequences run over the same captions.

        With (value, 1) for a caption that has a value and (0, 0) for one that has none, this is the mean over the
        captions that have one.
        """
        return self.estimates({}, per_unit)[1]

    def estimates(
        self, counts: Mapping[Key, PerUnit], shares: Mapping[Other, Shares]
    ) -> tuple[dict[Key, Scores], dict[Other, Estimate]]:
        """What ``scores`` gives for the counts and ``ratios`` for the shares, of one drawing for both."""
        of_counts = [_rows(sequence) for sequence in counts.values()]
        of_shares = [np.array(sequence, dtype=np.float64).reshape(-1, 2) for sequence in shares.values()]
        sums = iter(self._sums_of_each([*of_counts, *of_shares]))
        scores = {key: _scores(_total(rows), next(sums)) for key, rows in zip(counts, of_counts, strict=True)}
        return scores, {key: _ratio(rows, next(sums)) for key, rows in zip(shares, of_shares, strict=True)}

    def differences(
        self, first: Mapping[Key, Sequence[Counts]], second: Mapping[Key, Sequence[Counts]]
    ) -> dict[Key, Difference]:
        """F1 of the first minus that of the second, for each key, by the paired bootstrap test.

        Args:
            first: counts of each caption.
            second: the same of the other prediction: the same captions in the same order, under the same keys.
        """
        rows = [(_rows(first[key]), _rows(second[key])) for key in first]
        sums = self._sums_of_each([part for pair in rows for part in pair])
        return {
            key: _difference(_total(one).f1, _total(other).f1, _f1(sums[2 * place]) - _f1(sums[2 * place + 1]))
            for place, (key, (one, other)) in enumerate(zip(first, rows, strict=True))
        }

    def _sums_of_each(self, parts: Sequence[NDArray[np.float64]]) -> list[NDArray[np.float64]]:
        """For each part, ``(units, width)``, its sums, ``(resamples, width)``: one drawing for all of them."""
        if not parts:
            return []
        sums = self.sums(np.hstack(parts))
        return np.split(sums, np.cumsum([part.shape[1] for part in parts])[:-1], axis=1)


def _rows(sequence: PerUnit) -> NDArray[np.float64]:
    """``(units, 4)``, the fields of ``Counts`` in their order."""
    if isinstance(sequence, np.ndarray):
        return sequence.astype(np.float64)
    return np.array([_AS_ROW(counts) for counts in sequence], dtype=np.float64).reshape(-1, 4)


def _total(rows: NDArray[np.float64]) -> Counts:
    return Counts(*(int(value) for value in rows.sum(axis=0)))


def _scores(total: Counts, sums: NDArray[np.float64]) -> Scores:
    return Scores(
        total,
        _estimate(total.precision, _divide(sums[:, 0], sums[:, 1])),
        _estimate(total.recall, _divide(sums[:, 2], sums[:, 3])),
        _estimate(total.f1, _f1(sums)),
    )


def _f1(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """F1 of summed counts, ``(resamples, 4)`` in, ``(resamples,)`` out."""
    p, r = (np.nan_to_num(_divide(sums[:, part], sums[:, part + 1])) for part in (0, 2))
    # As for the counts: where only one side has items F1 is 0. It means nothing only where neither has any.
    return np.where(sums[:, 1] + sums[:, 3] > 0, np.nan_to_num(_divide(2 * p * r, p + r)), np.nan)


def _ratio(rows: NDArray[np.float64], sums: NDArray[np.float64]) -> Estimate:
    part, whole = rows.sum(axis=0)
    return _estimate(ratio(float(part), float(whole)), _divide(sums[:, 0], sums[:, 1]))


def _difference(first: float, second: float, drawn: NDArray[np.float64]) -> Difference:
    """The difference measured, against those of the drawings, ``(resamples,)``."""
    measured = first - second
    drawn = drawn[~np.isnan(drawn)]
    as_far = int((np.abs(drawn - measured) >= abs(measured) - _SAME).sum())
    return Difference(first, second, _estimate(measured, drawn), (as_far + 1) / (len(drawn) + 1))


def _divide(part: NDArray[np.float64], whole: NDArray[np.float64]) -> NDArray[np.float64]:
    """``part / whole``, and NaN where there is no whole."""
    return np.divide(part, whole, out=np.full_like(part, np.nan), where=whole > 0)


def _estimate(value: float, drawn: NDArray[np.float64]) -> Estimate:
    if np.isnan(drawn).all():
        return Estimate(float(value), float(value), float(value))
    tail = (1 - CONFIDENCE) / 2
    low, high = np.nanquantile(drawn, (tail, 1 - tail))
    return Estimate(float(value), float(low), float(high))
