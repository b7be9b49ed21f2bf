"""The temperature that makes scores probabilities (Guo et al. 2017).

How far they are from it is told by ``nlp.evaluation.calibration``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np

from nlp.evaluation.calibration import Judged

Outcomes = Sequence[Judged]
"""For each prediction its score, from 0 to 1, and whether it is right."""

TEMPERATURES: Final[Sequence[float]] = np.geomspace(0.4, 4.0, 41).tolist()


def log_loss(outcomes: Outcomes) -> float:
    """Mean negative log of the probability that the scores give to what is the case."""
    scores = np.clip([score for score, _ in outcomes], 1e-6, 1 - 1e-6)
    right = np.asarray([right for _, right in outcomes])
    return float(-np.log(np.where(right, scores, 1 - scores)).mean())


def fit_temperature(outcomes_at: Callable[[float], Outcomes]) -> float:
    """The temperature of ``TEMPERATURES`` with the least log loss of the predictions that are made at it."""
    losses = [log_loss(outcomes_at(temperature)) for temperature in TEMPERATURES]
    return TEMPERATURES[losses.index(min(losses))]
