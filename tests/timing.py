"""How long something takes, for tests of limits that leave room for a busy machine."""

from __future__ import annotations

import time
from collections.abc import Callable


def least_cpu_seconds(call: Callable[[], object], times: int = 5) -> float:
    """The least CPU time of several calls: a collection of all that earlier tests left, half a second, falls on few."""
    spent = []
    for _ in range(times):
        started = time.process_time()
        call()
        spent.append(time.process_time() - started)
    return min(spent)
