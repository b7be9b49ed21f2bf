"""Work that takes its time but no network, done by one thread beside those that annotate."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, TypeVar

from nlp.server.batching import Closed, Full

Answer = TypeVar("Answer")


class Aside:
    """Does one thing after the other in a thread that does not keep the process from ending.

    Args:
        most: things that are held, the one under way included.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._held = 0
        self._closed = False
        self._changed = threading.Condition()
        self._works: deque[tuple[Future[Any], Callable[[], Any]]] = deque()
        self._thread = threading.Thread(target=self._run, name="aside", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Take no more. What was taken is finished."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    @property
    def alive(self) -> bool:
        """Whether its thread is at work or waiting for it."""
        return self._thread.is_alive()

    async def do(self, work: Callable[[], Answer], end: float) -> Answer:
        """What ``work`` returns or raises.

        Args:
            work: to do; if it has not begun when nobody waits for it any more, it is not done.
            end: time of the event loop until which it is waited for.

        Raises:
            Full: if too much is waiting.
            Closed: after ``close``.
            TimeoutError: if it is not done in time.
        """
        future: Future[Answer] = Future()
        with self._changed:
            if self._closed:
                raise Closed
            if self._held >= self._most:
                raise Full(1)
            self._held += 1
            self._works.append((future, work))
            self._changed.notify()
        try:
            async with asyncio.timeout_at(end):
                return await asyncio.wrap_future(future)
        finally:
            self._withdraw(future)

    def _withdraw(self, future: Future[Answer]) -> None:
        with self._changed:
            left = [(other, work) for other, work in self._works if other is not future]
            self._held -= len(self._works) - len(left)
            self._works = deque(left)

    def _run(self) -> None:
        while (taken := self._next()) is not None:
            future, work = taken
            if future.set_running_or_notify_cancel():
                try:
                    future.set_result(work())
                except BaseException as error:  # noqa: BLE001 - whoever waits for it is told
                    future.set_exception(error)
            # Not held while it waits for the next.
            del taken, future, work
            with self._changed:
                self._held -= 1

    def _next(self) -> tuple[Future[Any], Callable[[], Any]] | None:
        with self._changed:
            while not self._works and not self._closed:
                self._changed.wait()
            return self._works.popleft() if self._works else None
