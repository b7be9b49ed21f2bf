"""How far a run is, shown while it goes on: a bar for a person at a terminal, a line now and then for a log.

How much is left is told by the share of the sources' bytes that is read: it is known for every format without reading
them twice.
"""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Final, Self, cast

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard
from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn

from nlp.errors import InputError, Location
from nlp.formats.compression import DAMAGE
from nlp.formats.sources import STANDARD_INPUT, source_files
from nlp.scale.run import Input
from nlp.scale.summary import counted
from nlp.types import Caption, Document

_SAMPLE: Final = 1 << 25
_CHUNK: Final = 1 << 20
_FIRST_LINE: Final = 10.0
_REFRESH: Final = 0.25
LINE_EVERY: Final = 30.0
"""Seconds between two lines in a log."""


class Meter:
    """The share of the sources that is read, by the places that captions come from.

    Args:
        sources: as ``read_sources`` takes them.
        leave_out: as ``read_sources`` takes it.

    Attributes:
        files: how many they have.
        bytes: of these files; None if standard input is among the sources.
    """

    def __init__(self, sources: Iterable[str | Path], *, leave_out: Path | None = None) -> None:
        sources = [*sources]
        self.files, self.bytes = 0, 0
        for path in source_files(sources, leave_out=leave_out):
            self.files += 1
            self.bytes += _size(path)
        self._known = bool(self.bytes) and STANDARD_INPUT not in map(str, sources)
        # The same way a second time, in step with the reader: a list of all would grow with their number.
        self._ahead = source_files(sources, leave_out=leave_out)
        self._file: str | None = None
        self._before = self._current = 0
        self._units: int | None = None

    def share(self, where: Location) -> float | None:
        """What has been read once the caption at ``where`` is reached, from 0 to 1; None if it cannot be told."""
        while self._known and self._file != where.source:
            path = next(self._ahead, None)
            if path is None:
                self._known = False
                break
            self._before += self._current
            self._file, self._current = str(path), _size(path)
            self._units = _lines(path) if self._file == where.source else None
        if not self._known:
            return None
        part = min((where.line or 0) / self._units, 1.0) if self._units else 0.0
        return min((self._before + part * self._current) / self.bytes, 1.0)


class RunProgress:
    """Shows on standard error how a run goes; a ``Watch``.

        with RunProgress(Meter(sources), done_before=0) as progress:
            annotate_sources(sources, engine, sink, progress)

    Args:
        meter: of the sources.
        done_before: inputs that an earlier run did, and that are read again first.
        console: where to; standard error by default.
        clock: seconds, from any beginning.
    """

    def __init__(
        self,
        meter: Meter,
        *,
        done_before: int = 0,
        console: Console | None = None,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._meter = meter
        self._before = done_before
        self._console = console or Console(stderr=True)
        self._clock = clock
        self._bar: Progress | None = None
        self._task = TaskID(0)
        self._captions = 0
        self._inputs = 0
        self._place: Location | None = None
        self._started = self._next = self._clock()
        # Where the sources were when the first new input was reached, and when that was.
        self._start_share: float | None = None

    def __enter__(self) -> Self:
        self._started = self._clock()
        self._next = self._started + _FIRST_LINE
        if self._console.is_terminal:
            columns = (SpinnerColumn(), BarColumn(), TextColumn("{task.description}"))
            self._bar = Progress(*columns, console=self._console, transient=True)
            self._task = self._bar.add_task("reading", total=None)
            self._bar.start()
            self._next = self._started
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def passed(self, input: Input) -> None:
        """An input was done by an earlier run."""
        self._inputs += 1
        self._note(input)
        if self._clock() >= self._next:
            self._say(f"{self._inputs:,} of {self._before:,} inputs that are done read again", None)
        if self._inputs == self._before:
            if self._place is not None:
                self._start_share = self._meter.share(self._place)
            self._started = self._clock()

    def done(self, input: Input, outcome: Document | InputError) -> None:
        """An input is done."""
        self._inputs += 1
        self._captions += isinstance(outcome, Document)
        self._note(input)
        if self._clock() < self._next:
            return
        seconds = self._clock() - self._started
        share = None if self._place is None else self._meter.share(self._place)
        said = f"{counted(self._captions, 'caption')}, {self._captions / max(seconds, 1e-9):,.1f}/s"
        if share is not None:
            fresh = share - (self._start_share or 0.0)
            said += f", {share:.1%} read"
            if fresh > 0:
                said += f", {_duration(seconds * (1 - share) / fresh)} left"
        self._say(said, share)

    def _note(self, input: Input) -> None:
        # An error may lie in a file beside the source, such as a table of annotations.
        if isinstance(input, Caption):
            self._place = input.where

    def _say(self, text: str, share: float | None) -> None:
        if self._bar is not None:
            self._bar.update(self._task, description=text, completed=share or 0.0, total=None if share is None else 1.0)
            self._next = self._clock() + _REFRESH
        else:
            self._console.print(f"pathcap: {text}", highlight=False, markup=False, soft_wrap=True)
            self._next = self._clock() + LINE_EVERY


def _duration(seconds: float) -> str:
    """Such as ``2 d 3 h``, ``3 h 05 min`` or ``40 s``: the two largest units are enough of an estimate."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    if hours:
        return f"{hours} h {minutes:02} min"
    return f"{minutes} min {rest:02} s" if minutes else f"{rest} s"


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _lines(path: Path) -> int | None:
    """How many lines or rows a file has; where it is large, by the first of them."""
    try:
        if path.suffix.lower() == ".parquet":
            return int(pq.read_metadata(path).num_rows)
        with path.open("rb") as file:
            stream = _decompressed(file, path.suffix.lower())
            lines = read = 0
            while chunk := stream.read(_CHUNK):
                lines += chunk.count(b"\n")
                read += len(chunk)
                if read >= _SAMPLE:
                    return round(lines * _size(path) / file.tell())
            return lines
    except (*DAMAGE, pa.ArrowException):
        return None


def _decompressed(file: BinaryIO, suffix: str) -> BinaryIO:
    match suffix:
        case ".gz":
            return cast("BinaryIO", gzip.GzipFile(fileobj=file))
        case ".zst":
            return cast("BinaryIO", zstandard.ZstdDecompressor().stream_reader(file, read_across_frames=True))
        case _:
            return file
