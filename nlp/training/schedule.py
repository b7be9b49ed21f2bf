"""Learning rates over a run."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WarmupStableDecay:
    """Linear rise, plateau, linear fall to zero (Hu et al. 2024, MiniCPM).

    The plateau has no end of its own: a run can be prolonged from a checkpoint on it at any time, and a model for use
    is made by a decay from such a checkpoint.

    Attributes:
        warmup: steps of the rise.
        decay_from: the step at which the fall begins; None on the plateau.
        decay: steps of the fall.
    """

    warmup: int
    decay_from: int | None = None
    decay: int = 0

    def __call__(self, step: int) -> float:
        """The factor for the step, from 0 to 1."""
        factor = min(1.0, (step + 1) / self.warmup) if self.warmup else 1.0
        if self.decay_from is not None and step >= self.decay_from:
            factor *= max(0.0, 1.0 - (step - self.decay_from) / self.decay)
        return factor


class TimedDecay:
    """Linear rise over steps, and a linear fall to zero over a given time: for a machine that is rented by the minute.

    The number of steps depends on the machine, and so do the weights that come out.

    Args:
        warmup: steps of the rise.
        seconds: from the first step to the end.
    """

    def __init__(self, warmup: int, seconds: float) -> None:
        self._warmup = warmup
        self._seconds = seconds
        self._began: float | None = None

    def __call__(self, step: int) -> float:
        """The factor for the step, from 0 to 1."""
        if self._began is None:
            self._began = time.monotonic()
        rise = min(1.0, (step + 1) / self._warmup) if self._warmup else 1.0
        return rise * max(0.0, 1.0 - (time.monotonic() - self._began) / self._seconds)
