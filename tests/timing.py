"""How long something takes, and waiting for what other threads and processes do: with room for a busy machine."""

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


def until(true: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)
