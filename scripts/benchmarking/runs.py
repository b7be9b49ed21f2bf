"""Running what is compared in turn, each in processes of its own, over the same captions."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from benchmarking.child import Spec

SCRIPT: Final = Path(__file__).parent.parent / "benchmark.py"
CHILD: Final = "--child"
_THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS")


@dataclass(frozen=True, slots=True)
class Contender:
    """One of the things that are compared.

    Attributes:
        name: in tables.
        specs: of its processes, which share the captions if there are several.
    """

    name: str
    specs: tuple[Spec, ...]


@dataclass(slots=True)
class Measured:
    """What was measured of a contender.

    Attributes:
        name: in tables.
        captions: of each repeat.
        pieces: word pieces of them.
        seconds: that each repeat took.
        processor: seconds that its processes were at work in each, which other load on the machine changes little.
        peak: most memory of its processes together, in bytes.
        details: what its processes say of each repeat besides.
        gpu: what a process says of the GPU.
    """

    name: str
    captions: list[int] = field(default_factory=list)
    pieces: list[int] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)
    peak: int = 0
    details: list[dict[str, Any]] = field(default_factory=list)
    gpu: dict[str, Any] = field(default_factory=dict)

    @property
    def caption_rates(self) -> list[float]:
        """Captions a second, of each repeat."""
        return [count / seconds for count, seconds in zip(self.captions, self.seconds, strict=True)]

    @property
    def processor_times(self) -> list[float]:
        """Processor seconds a caption, of each repeat."""
        return [seconds / count for seconds, count in zip(self.processor, self.captions, strict=True)]

    @property
    def piece_rates(self) -> list[float]:
        """Word pieces a second, of each repeat."""
        return [count / seconds for count, seconds in zip(self.pieces, self.seconds, strict=True)]


def command(spec: Spec) -> list[str]:
    """What runs a process that does what ``spec`` says."""
    return [sys.executable, str(SCRIPT), CHILD, spec.to_json()]


def environment(cores: int) -> dict[str, str]:
    """The environment of a process that shall use so many cores; 0 for all."""
    return {**os.environ, **(dict.fromkeys(_THREADS, str(cores)) if cores else {})}


class Process:
    """A process of its own that does what a ``Spec`` says."""

    def __init__(self, spec: Spec) -> None:
        self._task = spec.task
        self._popen = subprocess.Popen(
            command(spec),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            env=environment(len(spec.cores)),
        )

    def tell(self, line: str) -> None:
        """Give it a line to work on."""
        assert self._popen.stdin is not None
        self._popen.stdin.write(f"{line}\n")
        self._popen.stdin.flush()

    def answer(self) -> dict[str, Any]:
        """Wait for what it says next.

        Raises:
            SystemExit: if it ended.
        """
        assert self._popen.stdout is not None
        line = self._popen.stdout.readline()
        if not line:
            raise SystemExit(f"{self._task}: its process ended with status {self._popen.wait()}")
        found: dict[str, Any] = json.loads(line)
        return found

    def finish(self) -> dict[str, Any]:
        """Say that there is no more to do, and wait for its last word."""
        assert self._popen.stdin is not None
        self._popen.stdin.close()
        last = self.answer()
        self._popen.wait()
        return last

    def end(self) -> None:
        """End it, whatever it does."""
        for stream in (self._popen.stdin, self._popen.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()
        if self._popen.poll() is None:
            self._popen.terminate()
        self._popen.wait()


@contextmanager
def started(spec: Spec) -> Iterator[Process]:
    """A process that is ended at the end, whatever happens."""
    process = Process(spec)
    try:
        yield process
    finally:
        process.end()


def ask(spec: Spec, line: str) -> dict[str, Any]:
    """What a process answers to one line."""
    with started(spec) as process:
        process.answer()
        process.tell(line)
        found = process.answer()
        process.finish()
    return found


def compare(
    contenders: Sequence[Contender], parts: Mapping[str, Mapping[str, int]], warm_up: str | None
) -> list[Measured]:
    """Run each contender over each part in turn: all over the first, then all over the second, and so on.

    Args:
        contenders: what is compared.
        parts: those that count, in order, with ``captions`` and ``pieces`` of each.
        warm_up: the part that all run over first, and that does not count; None for nothing.
    """
    results = [Measured(contender.name) for contender in contenders]
    with ExitStack() as stack:
        groups = [[stack.enter_context(started(spec)) for spec in contender.specs] for contender in contenders]
        for group in groups:
            for process in group:
                process.answer()
        for part in [*([warm_up] if warm_up is not None else []), *parts]:
            for result, group in zip(results, groups, strict=True):
                start = time.perf_counter()
                for process in group:
                    process.tell(part)
                answers = [process.answer() for process in group]
                seconds = time.perf_counter() - start
                if part != warm_up:
                    _take(result, parts[part], answers, seconds)
        for result, group in zip(results, groups, strict=True):
            for process in group:
                last = process.finish()
                result.peak += last.pop("peak")
                result.gpu.update(last)
    return results


def _take(result: Measured, part: Mapping[str, int], answers: Sequence[Mapping[str, Any]], seconds: float) -> None:
    """Add a repeat."""
    if len(answers) == 1:
        seconds = answers[0]["seconds"]
    captions = answers[0].get("captions", part["captions"])
    result.captions.append(captions)
    result.pieces.append(round(part["pieces"] * captions / part["captions"]))
    result.seconds.append(seconds)
    result.processor.append(sum(answer["processor"] for answer in answers))
    result.details += [answer["detail"] for answer in answers if "detail" in answer]


def start_times(commands: Mapping[str, tuple[list[str], str]], repeats: int) -> dict[str, list[float]]:
    """Seconds from the start of a process to its end, of each command in turn.

    Args:
        commands: by name, each with what it is given on standard input.
        repeats: how often each is run, after once that does not count if it is more than one.

    Raises:
        SystemExit: if one fails.
    """
    times: dict[str, list[float]] = {name: [] for name in commands}
    for repeat in range(0 if repeats > 1 else 1, repeats + 1):
        for name, (arguments, given) in commands.items():
            start = time.perf_counter()
            done = subprocess.run(arguments, input=given, text=True, capture_output=True, check=False)
            seconds = time.perf_counter() - start
            if done.returncode:
                raise SystemExit(f"{name}: status {done.returncode}\n{done.stderr}")
            if repeat:
                times[name].append(seconds)
    return times
