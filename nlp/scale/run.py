"""A run over sources: captions go through an engine, documents and errors come out in the order of the inputs.

An *input* is a caption or an error in reading one. What is written depends on the inputs and their outcomes alone: an
error stands where its input stood, however far ahead the engine reads.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Generator, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, Final, Protocol, TypeAlias

from nlp.errors import InputError, PipelineError
from nlp.formats.base import OnError, Writer
from nlp.formats.manifest import Tally
from nlp.formats.sources import read_sources
from nlp.scale.outcomes import Engine, Outcome
from nlp.scale.wire import as_sent, error_to_json, input_error_from_json
from nlp.types import Caption, Document

Input: TypeAlias = Caption | InputError

_ERRORS_IN_MEMORY: Final = 1 << 23


class Sink(Protocol):
    """Takes inputs in order, each with what came of it: a document, or why there is none."""

    def seen(self, input: Input) -> bool:
        """Whether an earlier run, which this one goes on with, did the next input of the sources."""

    def add(self, input: Input, outcome: Document | InputError) -> None:
        """Take the next input."""


class Watch(Protocol):
    """Is told how a run goes."""

    def passed(self, input: Input) -> None:
        """An input was done by an earlier run."""

    def done(self, input: Input, outcome: Document | InputError) -> None:
        """An input is done."""


class OneFile:
    """A sink of one output, begun anew."""

    def __init__(self, writer: Writer, on_error: OnError) -> None:
        self._writer = writer
        self._on_error = on_error
        self.tally = Tally()

    def seen(self, input: Input) -> bool:  # noqa: ARG002 - a ``Sink``
        return False

    def add(self, input: Input, outcome: Document | InputError) -> None:  # noqa: ARG002 - a ``Sink``
        self.tally.add(outcome)
        if isinstance(outcome, InputError):
            self._on_error(outcome)
        else:
            self._writer.write(outcome)


def annotate_sources(
    sources: Iterable[str | Path],
    engine: Engine,
    sink: Sink,
    watch: Watch,
    *,
    stdin: BinaryIO | None = None,
    leave_out: Path | None = None,
) -> None:
    """Annotate all captions of ``sources`` that ``sink`` has not seen yet.

    Args:
        sources: as ``read_sources`` takes them.
        engine: annotates. The captions it has read ahead are held in memory, and errors between them on disk if they
            are many.
        sink: takes inputs and their outcomes.
        watch: is told of each input, after the sink.
        stdin: as ``read_sources`` takes it.
        leave_out: as ``read_sources`` takes it.

    Raises:
        PipelineError: if the engine's outcomes are not those of the captions.
    """
    with ExitStack() as stack:
        spool = stack.enter_context(SpooledTemporaryFile(max_size=_ERRORS_IN_MEMORY))
        run = _Run(_Errors(spool), sink, watch)
        outcomes = engine(run.captions(read_sources(sources, run.on_error, stdin=stdin, leave_out=leave_out)))
        if isinstance(outcomes, Generator):
            # Now, and not when its memory is freed: an engine may hold a cluster.
            stack.callback(outcomes.close)
        for outcome in outcomes:
            run.settle(outcome)
        run.finish()


class _Run:
    """Keeps inputs in order between the reader, which runs ahead, and the sink."""

    def __init__(self, errors: _Errors, sink: Sink, watch: Watch) -> None:
        self._sink = sink
        self._watch = watch
        # Captions that the engine works on, and numbers of errors that follow each other between them.
        self._waiting: deque[Caption | int] = deque()
        self._errors = errors
        # An engine may read ahead on a thread of its own.
        self._lock = threading.RLock()

    def captions(self, captions: Iterable[Caption]) -> Iterator[Caption]:
        """Those captions that are still to be annotated."""
        for caption in captions:
            with self._lock:
                if self._passes(caption):
                    continue
                self._waiting.append(caption)
            yield caption

    def on_error(self, error: InputError) -> None:
        """Take what cannot be read."""
        # Some wait on disk as JSON and some do not, as the engine reads ahead; the list of errors must not tell.
        error = as_sent(error)
        with self._lock:
            if self._passes(error):
                return
            if not self._waiting:
                self._add(error, error)
                return
            self._errors.put(error)
            if isinstance(last := self._waiting[-1], int):
                self._waiting[-1] = last + 1
            else:
                self._waiting.append(1)

    def settle(self, outcome: Outcome) -> None:
        """Take what the engine made of the first caption that waits."""
        with self._lock:
            caption = self._waiting.popleft() if self._waiting else None
            id = outcome.id if isinstance(outcome, Document) else outcome.caption.id
            if not isinstance(caption, Caption) or caption.id != id:
                raise PipelineError(
                    "an engine's outcome is not that of the next caption",
                    expected=repr(caption.id) if isinstance(caption, Caption) else "no more outcomes",
                    found=repr(id),
                )
            if isinstance(outcome, Document):
                self._add(caption, outcome)
            else:
                reason = str(outcome.error)
                self._add(caption, InputError("the caption cannot be annotated", found=reason, where=caption.where))
            if self._waiting and isinstance(following := self._waiting[0], int):
                self._waiting.popleft()
                for _ in range(following):
                    error = self._errors.get()
                    self._add(error, error)

    def finish(self) -> None:
        """Check that all captions are settled."""
        if self._waiting:
            left = sum(isinstance(waiting, Caption) for waiting in self._waiting)
            raise PipelineError("an engine left captions without an outcome", found=f"{left} captions")

    def _passes(self, input: Input) -> bool:
        if not self._sink.seen(input):
            return False
        self._watch.passed(input)
        return True

    def _add(self, input: Input, outcome: Document | InputError) -> None:
        self._sink.add(input, outcome)
        self._watch.done(input, outcome)


class _Errors:
    """Errors first in, first out; on disk where they are many, so that a broken source cannot fill the memory."""

    def __init__(self, spool: SpooledTemporaryFile[bytes]) -> None:
        self._spool = spool
        self._start = 0
        self._end = 0

    def put(self, error: InputError) -> None:
        self._spool.seek(self._end)
        self._spool.write(error_to_json(error).encode("ascii") + b"\n")
        self._end = self._spool.tell()

    def get(self) -> InputError:
        self._spool.seek(self._start)
        error = input_error_from_json(self._spool.readline().decode("ascii"))
        self._start = self._spool.tell()
        if self._start == self._end:
            self._start = self._end = 0
            self._spool.seek(0)
            self._spool.truncate()
        return error
