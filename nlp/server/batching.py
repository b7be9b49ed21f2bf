"""Captions of many requests, annotated together in small batches by a few threads.

Networks run outside of Python's lock, so that as many threads as there are cores keep them busy. What is held is
bounded, and requests take turns: one with many captions does not keep one with a single caption waiting.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, Generic, TypeAlias, TypeVar

from nlp.options import Options
from nlp.pipeline import Pipeline
from nlp.types import Caption, Document

Answer = TypeVar("Answer")

Annotate: TypeAlias = Callable[[Options, Sequence[Caption]], Sequence[Document]]
"""Annotates a batch with options, or raises what keeps a caption of it from its document."""

BatchDone: TypeAlias = Callable[[Sequence[Document | Exception], int, float], None]
"""Told of each batch: its outcomes, its characters, and the seconds it took."""

_LONGEST_WAIT: Final = 60
# Kinds of options for which a pipeline is kept. To make one takes microseconds.
_PIPELINES: Final = 32
# Weight of the last batch in the measured rate.
_FRESH: Final = 0.2


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is held, and how much of it is annotated at a time.

    Attributes:
        captions: held in all, from when they are taken until they are let go.
        characters: of those in all, with their curated keywords.
        batch_captions: annotated together.
        batch_characters: of those in all, unless one alone has more.
        workers: batches annotated at the same time.
    """

    captions: int
    characters: int
    batch_captions: int
    batch_characters: int
    workers: int


class Full(Exception):  # noqa: N818 - told to clients, not an error of the server
    """There is no room for a request now.

    Attributes:
        retry_after: whole seconds until there will be, by the rate that was measured.
    """

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"no room for {retry_after} s")
        self.retry_after = retry_after


class Closed(Exception):  # noqa: N818
    """No more is taken."""


class Ticket(Generic[Answer]):
    """A request's captions under way.

    Attributes:
        answers: one for each caption, in order, when all are there: what was made of its document, or the error.
    """

    def __init__(self, captions: Sequence[Caption], options: Options, finish: Callable[[Document], Answer]) -> None:
        self.answers: Future[list[Answer | Exception]] = Future()
        self._options = options
        self._finish = finish
        self._captions = captions
        self._next = 0
        self._found: dict[int, Answer | Exception] = {}
        self._working = 0
        self._let_go = False
        self._characters = sum(map(held_weight, captions))

    def _take(self) -> int:
        self._next += 1
        self._working += 1
        return self._next - 1

    def _put(self, place: int, outcome: Document | Exception) -> None:
        """Keep what becomes of an outcome. Called without the lock: each place is one worker's."""
        if self._let_go:
            return
        if isinstance(outcome, Exception):
            self._found[place] = outcome
            return
        try:
            self._found[place] = self._finish(outcome)
        except Exception as error:  # noqa: BLE001 - a fault is one request's, not the worker's
            self._found[place] = error


class Dispatcher:
    """Takes captions of requests, and has threads annotate them.

    Args:
        annotate: called by several threads at the same time.
        limits: how much is held and annotated at a time.
        batch_done: told of each batch, by the thread that did it.
    """

    def __init__(self, annotate: Annotate, limits: Limits, batch_done: BatchDone = lambda *_: None) -> None:
        self.limits = limits
        self._annotate = annotate
        self._batch_done = batch_done
        self._lock = threading.Lock()
        self._changed = threading.Condition(self._lock)
        # Of each ticket some captions are not taken yet; after one is, the next ticket has its turn.
        self._turns: deque[Ticket[object]] = deque()
        self._captions = 0
        self._characters = 0
        self._waiting = 0
        self._in_work = 0
        self._caption_rate: float | None = None
        self._character_rate: float | None = None
        self._closed = False
        self._threads = [
            threading.Thread(target=self._work, name=f"annotate-{number}", daemon=True)
            for number in range(limits.workers)
        ]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Take no more. What was taken is finished."""
        with self._lock:
            self._closed = True
            self._changed.notify_all()

    def join(self, timeout: float) -> bool:
        """Wait until all is finished; False if it is not in ``timeout`` seconds."""
        end = time.monotonic() + timeout
        for thread in self._threads:
            thread.join(max(0.0, end - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    @property
    def alive(self) -> bool:
        """Whether all its threads are at work or waiting for it."""
        return all(thread.is_alive() for thread in self._threads)

    @property
    def held(self) -> tuple[int, int]:
        """Captions and characters of all requests that are not answered."""
        return self._captions, self._characters

    @property
    def waiting(self) -> int:
        """Captions that no worker has taken."""
        return self._waiting

    @property
    def in_work(self) -> int:
        """Captions that are being annotated."""
        return self._in_work

    @property
    def rate(self) -> float:
        """Captions a second that all workers do together, by the last batches; 0 if nothing was done yet."""
        return (self._caption_rate or 0.0) * self.limits.workers

    def submit(
        self, captions: Sequence[Caption], options: Options, finish: Callable[[Document], Answer]
    ) -> Ticket[Answer]:
        """Take the captions of a request. Its ticket must be let go (``release``) when the answer is sent.

        Args:
            captions: of which there may be as many as are held at all.
            options: of the pipeline. Only captions with the same ones are annotated together.
            finish: called with each document in the thread that made it; what it returns is the answer.

        Raises:
            Full: if there is no room now.
            Closed: after ``close``.
        """
        ticket = Ticket(captions, options, finish)
        with self._lock:
            if self._closed:
                raise Closed
            more = self._captions + len(captions) - self.limits.captions
            longer = self._characters + ticket._characters - self.limits.characters
            if more > 0 or longer > 0:
                raise Full(self._wait(more, longer))
            self._captions += len(captions)
            self._characters += ticket._characters
            self._waiting += len(captions)
            if captions:
                self._turns.append(ticket)  # type: ignore[arg-type]
                self._changed.notify(len(captions))
        if not captions:
            ticket.answers.set_result([])
        return ticket

    def release(self, ticket: Ticket[Answer]) -> None:
        """Let go of a request: what of it is not begun is not done, and its room is free when the rest is done."""
        with self._lock:
            if ticket._let_go:
                return
            ticket._let_go = True
            if ticket._next < len(ticket._captions):
                self._turns.remove(ticket)  # type: ignore[arg-type]
                self._waiting -= len(ticket._captions) - ticket._next
            self._free(ticket)
        ticket.answers.cancel()

    def _free(self, ticket: Ticket[Answer]) -> None:
        """Give the room of a ticket back if nothing is done for it any more. Called with the lock held."""
        if ticket._let_go and ticket._working == 0:
            self._captions -= len(ticket._captions)
            self._characters -= ticket._characters
            ticket._found.clear()

    def _wait(self, captions: int, characters: int) -> int:
        """Seconds until so many captions and characters are done. Called with the lock held."""
        waits = [1.0]
        for left, rate in ((captions, self._caption_rate), (characters, self._character_rate)):
            if left > 0 and rate:
                waits.append(left / (rate * self.limits.workers))
        return min(_LONGEST_WAIT, math.ceil(max(waits)))

    def _work(self) -> None:
        while batch := self._next_batch():
            captions = [ticket._captions[place] for ticket, place in batch]
            started = time.perf_counter()
            outcomes = self._attempt(batch[0][0]._options, captions)
            seconds = time.perf_counter() - started
            for (ticket, place), outcome in zip(batch, outcomes, strict=True):
                ticket._put(place, outcome)
            characters = sum(map(weight, captions))
            self._batch_done(outcomes, characters, seconds)
            self._done(batch, characters, seconds)

    def _next_batch(self) -> list[tuple[Ticket[object], int]]:
        """The captions whose turn it is; none when all is done and no more is taken."""
        with self._lock:
            while not self._turns and not self._closed:
                self._changed.wait()
            # What waits is shared among the workers, so that none idles while another does all.
            size = min(self.limits.batch_captions, math.ceil(self._waiting / self.limits.workers))
            batch: list[tuple[Ticket[object], int]] = []
            characters = 0
            alike = deque(ticket for ticket in self._turns if ticket._options == self._turns[0]._options)
            while alike and len(batch) < size:
                ticket = alike.popleft()
                characters += weight(ticket._captions[ticket._next])
                if batch and characters > self.limits.batch_characters:
                    break
                batch.append((ticket, ticket._take()))
                self._turns.remove(ticket)
                if ticket._next < len(ticket._captions):
                    self._turns.append(ticket)
                    alike.append(ticket)
            self._waiting -= len(batch)
            self._in_work += len(batch)
            return batch

    def _attempt(self, options: Options, captions: Sequence[Caption]) -> Sequence[Document | Exception]:
        try:
            return self._annotate(options, captions)
        except Exception as error:  # noqa: BLE001 - a fault is one caption's, not the worker's
            if len(captions) == 1:
                return [error]
        return [outcome for caption in captions for outcome in self._attempt(options, [caption])]

    def _done(self, batch: Sequence[tuple[Ticket[object], int]], characters: int, seconds: float) -> None:
        finished = []
        with self._lock:
            self._caption_rate = _fresh(self._caption_rate, len(batch) / max(seconds, 1e-6))
            self._character_rate = _fresh(self._character_rate, characters / max(seconds, 1e-6))
            self._in_work -= len(batch)
            for ticket, _ in batch:
                ticket._working -= 1
                self._free(ticket)
                if not ticket._let_go and len(ticket._found) == len(ticket._captions) and ticket._working == 0:
                    finished.append(ticket)
        for ticket in finished:
            # Let go just now, by whoever waited for it.
            with suppress(InvalidStateError):
                ticket.answers.set_result([ticket._found[place] for place in range(len(ticket._captions))])


def annotate_with(pipeline: Pipeline) -> Annotate:
    """What annotates a batch in the thread that calls it."""

    @lru_cache(_PIPELINES)
    def with_options(options: Options) -> Pipeline:
        return Pipeline(pipeline.stages, pipeline.lexicon, options=options)

    def annotate(options: Options, captions: Sequence[Caption]) -> Sequence[Document]:
        return [*with_options(options).stream(captions, batch_size=len(captions))]

    return annotate


def weight(caption: Caption) -> int:
    """Characters of a caption with its titles."""
    return len(caption.text) + len(caption.title) + len(caption.paper_title)


def held_weight(caption: Caption) -> int:
    """Characters of a caption with its titles and curated keywords: what is held, but not all of it annotated."""
    if caption.curated is None:
        return weight(caption)
    texts = ((one.keyword, *one.words, *one.identifiers) for one in caption.curated.keywords)
    return weight(caption) + sum(len(text) for one in texts for text in one)


def _fresh(rate: float | None, last: float) -> float:
    return last if rate is None else (1 - _FRESH) * rate + _FRESH * last
