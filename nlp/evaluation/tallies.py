"""What is counted of figures while they are scored one by one: a few numbers of each, so that millions can be."""

from __future__ import annotations

from array import array
from collections.abc import Collection
from typing import Final

import numpy as np
from numpy.typing import NDArray

from nlp.evaluation.curves import CurvePoint, precision_recall
from nlp.evaluation.outcomes import FigureScore

RECALL: Final = "recall"
REACHABLE_RECALL: Final = "reachable recall"
"""The names of the two curves: against the whole lists, and within reach."""

_COLUMNS: Final = 6


class Tally:
    """How much of each figure is predicted, curated and within reach, and how much of that is right or found.

    Attributes:
        figures: how many were added.
    """

    def __init__(self) -> None:
        self.figures = 0
        self._rows = array("q")

    def add(self, place: int, figure: FigureScore) -> None:
        """Count a figure.

        Args:
            place: its number among all figures, from 0, also of those that are not counted here.
            figure: what became of its keywords.
        """
        counts, reachable = figure.counts(), figure.reachable()
        self._fill(place)
        self._rows.extend((counts.tp_predicted, counts.predicted, counts.tp_gold, counts.gold, *reachable))
        self.figures += 1

    def rows(self, figures: int) -> NDArray[np.int64]:
        """(figures, 6): the fields of ``Counts``, reachable keywords found, and all reachable ones.

        Args:
            figures: of which there are so many in all. One that was not counted has zeros.
        """
        self._fill(figures)
        return np.array(self._rows, np.int64).reshape(figures, _COLUMNS)

    def _fill(self, figures: int) -> None:
        self._rows.extend([0] * (figures * _COLUMNS - len(self._rows)))


class CurveTally:
    """The scores of what is predicted and found, for precision and recall over the score of keywords."""

    def __init__(self) -> None:
        self._predicted = array("d")
        self._found = {RECALL: array("d"), REACHABLE_RECALL: array("d")}
        self._sought = dict.fromkeys(self._found, 0)

    def add(self, figure: FigureScore) -> None:
        """Count a figure with all keywords that might be kept as predictions."""
        for outcome in figure.predicted:
            self._predicted.extend((outcome.score, outcome.right))
        for curated in figure.curated:
            for name in self._found if curated.reachable else (RECALL,):
                self._sought[name] += 1
                if curated.score is not None:
                    self._found[name].append(curated.score)

    def curves(self, also: Collection[float] = ()) -> dict[str, tuple[CurvePoint, ...]]:
        """Both curves by the name of their recall, over the same thresholds; empty if nothing is predicted.

        Args:
            also: thresholds that get a point of their own.
        """
        if not self._predicted:
            return {}
        predicted = np.array(self._predicted).reshape(-1, 2)
        return {
            name: precision_recall(predicted, np.array(found), self._sought[name], also)
            for name, found in self._found.items()
        }
