from __future__ import annotations

import numpy as np
import pytest

from nlp.training.calibration import Outcomes, fit_temperature, log_loss


def test_log_loss_bears_certainty_gone_wrong() -> None:
    assert log_loss([(0.5, True), (0.5, False)]) == pytest.approx(np.log(2))
    assert np.isfinite(log_loss([(1.0, False)]))


def test_the_temperature_undoes_what_made_scores_too_sure() -> None:
    random = np.random.default_rng(3)
    honest = random.normal(0, 2, 4000)
    right = random.random(4000) < 1 / (1 + np.exp(-honest))

    def outcomes_at(temperature: float) -> Outcomes:
        scores = 1 / (1 + np.exp(-2.5 * honest / temperature))
        return list(zip(scores.tolist(), right.tolist(), strict=True))

    assert fit_temperature(outcomes_at) == pytest.approx(2.5, rel=0.1)
