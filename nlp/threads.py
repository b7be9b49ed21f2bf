"""Batches under work on several threads, in order."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Batch = TypeVar("Batch")
Outcome = TypeVar("Outcome")


def cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def in_order(
    work: Callable[[Batch], Sequence[Outcome]], batches: Iterable[Batch], threads: int
) -> Iterator[Sequence[Outcome]]:
    """What ``work`` makes of each batch, in order, with ``threads`` batches under work at the same time.

    If ``batches`` raises an error, what came before it is yielded first, whatever the number of threads. What stops a
    process, such as ``KeyboardInterrupt``, is not held up.
    """
    if threads == 1:
        yield from map(work, batches)
        return
    pool = ThreadPoolExecutor(threads)
    try:
        ahead: deque[Future[Sequence[Outcome]]] = deque()
        rest = iter(batches)
        failure: Exception | None = None
        while True:
            try:
                batch = next(rest)
            except StopIteration:
                break
            except Exception as error:  # noqa: BLE001 - raised below
                failure = error
                break
            ahead.append(pool.submit(work, batch))
            if len(ahead) > threads:
                yield ahead.popleft().result()
        while ahead:
            yield ahead.popleft().result()
        if failure is not None:
            raise failure
    finally:
        pool.shutdown(cancel_futures=True)
