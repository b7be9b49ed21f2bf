"""What ``pathcap annotate`` does: captions of sources into one output, or into a folder of parts."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nlp.errors import ConfigError, InputError, Location
from nlp.formats.base import OnError
from nlp.formats.manifest import Tally, read_manifest
from nlp.formats.sources import STANDARD_INPUT, is_read
from nlp.formats.writers import STANDARD_OUTPUT, WRITERS, check_output, open_writer, output_format
from nlp.scale.description import describe_run
from nlp.scale.outcomes import Engine, Outcome
from nlp.scale.parts import PartFolder
from nlp.scale.progress import Meter, RunProgress
from nlp.scale.run import OneFile, annotate_sources
from nlp.scale.summary import counted, summarize, tell_set_aside
from nlp.types import Caption

_ERRORS_SUFFIX: Final = ".errors.jsonl"
_SEPARATORS: Final = tuple(filter(None, (os.sep, os.altsep)))


@dataclass(frozen=True, slots=True)
class Job:
    """What to annotate, how, and where to put it.

    Attributes:
        sources: as ``read_sources`` takes them.
        output: a file, ``-`` for standard output, or a folder of parts: it is one if it ends in ``/`` or is a folder,
            unless the format itself makes a folder of files, or if ``part_size`` is given.
        model: folder; None for the one that comes with pathcap.
        profile: as ``Pipeline.load`` takes it.
        device: as ``Pipeline.load`` takes it.
        format: of the output; None for what its name tells.
        errors: where to list errors, if not beside the output.
        on_cluster: whether a cluster annotates, and not this process.
        part_size: captions in a part.
        resume: go on with a folder of parts where an earlier run was cut off.

    Raises:
        ConfigError: if the output cannot go where it should, or would take the place of a source or be read as one.
    """

    sources: Sequence[str]
    output: str
    model: Path | None = None
    profile: str | None = None
    device: str = "cpu"
    format: str | None = None
    errors: Path | None = None
    on_cluster: bool = False
    part_size: int | None = None
    resume: bool = False

    def __post_init__(self) -> None:
        if self.output == STANDARD_OUTPUT and (self.resume or self.part_size is not None):
            raise ConfigError("standard output has no parts", expected="-o FOLDER/", found=f"-o {self.output}")
        if self.resume and self.part_size is None and self._writes_folder and read_manifest(Path(self.output)) is None:
            raise ConfigError(
                f"a {self.output_format} folder is written as a whole and cannot be gone on with",
                expected="no --resume and a new folder, or --part-size N for parts",
                found="--resume",
                where=Location(self.output),
            )
        if self.resume and not self.in_parts:
            raise ConfigError(
                "only a folder of parts can be gone on with",
                expected=f"-o {self.output}/ or --part-size",
                found=f"-o {self.output}",
            )
        if not self.in_parts and self.output != STANDARD_OUTPUT:
            check_output(self.output, self.output_format)
        if self.errors is not None and self.errors.resolve() == Path(self.output).resolve():
            raise ConfigError("the list of errors would take the place of the output", found=str(self.errors))
        for source in self.sources:
            if source != STANDARD_INPUT:
                self._check_apart(source)

    @property
    def output_format(self) -> str:
        return self.format or output_format(self.output)

    @property
    def in_parts(self) -> bool:
        """Whether the output is a folder of parts."""
        if self.output == STANDARD_OUTPUT:
            return False
        folder = self.output.endswith(_SEPARATORS) or Path(self.output).is_dir()
        own = self._writes_folder and not self.resume
        return self.part_size is not None or (folder and not own)

    @property
    def _writes_folder(self) -> bool:
        """Whether the format itself makes a folder of files."""
        return WRITERS[self.output_format].writes_folder(self.output)

    @property
    def error_file(self) -> Path | None:
        """Where errors of one output are listed; a folder of parts keeps its own list."""
        if self.in_parts:
            return None
        if self.errors is not None or self.output == STANDARD_OUTPUT:
            return self.errors
        return Path(self.output.rstrip("".join(_SEPARATORS)) + _ERRORS_SUFFIX)

    def _check_apart(self, source: str) -> None:
        path, output = Path(source).resolve(), Path(self.output).resolve()
        if path.is_file() and self.output != STANDARD_OUTPUT and path == output:
            raise ConfigError("an output would take the place of a source", found=source)
        listed = self.errors or self.error_file
        if listed is not None and is_read(listed, source):
            raise ConfigError("an output would take the place of a source", found=str(listed))
        if self.in_parts and (output.is_relative_to(path) or path.is_relative_to(output)):
            # Finished parts would be read as captions.
            raise ConfigError(
                "the output folder lies among the sources", expected="a folder elsewhere", found=self.output
            )


def annotate(job: Job, make_engine: Callable[[], Engine], on_error: OnError) -> Tally:
    """Do a job, and say on standard error how it goes and what came of it.

    Args:
        job: what to do.
        make_engine: called when it is clear that there is work for an engine.
        on_error: is told of each input that is set aside, in order.

    Returns:
        what was annotated and set aside, by earlier runs that this one went on with too.

    Raises:
        InputError: if there was nothing to annotate.
        ConfigError: if an earlier run cannot be gone on with.
        FormatError: if what it left is not as it was written.
    """
    if job.in_parts:
        return _annotate_in_parts(job, make_engine, on_error)
    engine = make_engine()
    started = time.perf_counter()
    # What an earlier run left there is no source of this one.
    own = None if job.output == STANDARD_OUTPUT else Path(job.output).resolve()
    with open_writer(job.output, job.output_format) as writer:
        sink = OneFile(writer, on_error)
        with RunProgress(Meter(job.sources, leave_out=own)) as progress:
            annotate_sources(job.sources, engine, sink, progress, leave_out=own)
        if not sink.tally.captions:
            # Inside the block, so that an earlier output stays as it was.
            raise InputError("nothing to annotate", expected="captions that can be read", found="none")
    _say(*summarize(sink.tally, time.perf_counter() - started, job.output, job.error_file))
    return sink.tally


def _annotate_in_parts(job: Job, make_engine: Callable[[], Engine], on_error: OnError) -> Tally:
    folder = Path(job.output)
    run = describe_run(
        job.sources,
        folder,
        model=job.model,
        profile=job.profile,
        device=job.device,
        on_cluster=job.on_cluster,
        format=job.format,
        part_size=job.part_size,
        resume=job.resume,
    )
    with PartFolder(folder, run, errors=job.errors, on_error=on_error, resume=job.resume) as parts:
        before = parts.tally
        if parts.complete:
            with RunProgress(Meter(job.sources), done_before=parts.done_before) as progress:
                annotate_sources(job.sources, _idle, parts, progress)
            parts.check_all_seen()
            _say(f"annotated already: {counted(before.captions, 'caption')} -> {job.output}")
            _say(*tell_set_aside(before, parts.errors_path))
            return before
        engine = make_engine()
        started = time.perf_counter()
        if parts.done_before:
            _say(f"going on after {counted(before.captions, 'caption')} in {counted(len(parts.parts), 'part')}")
        try:
            with RunProgress(Meter(job.sources), done_before=parts.done_before) as progress:
                annotate_sources(job.sources, engine, parts, progress)
            parts.finish()
        except BaseException:
            if parts.parts:
                _say(f"{counted(len(parts.parts), 'part')} done; --resume goes on from there")
            raise
        now, whole = parts.tally.without(before), parts.tally if parts.done_before else None
        seconds = time.perf_counter() - started
        _say(*summarize(now, seconds, job.output, parts.errors_path, whole=whole, parts=len(parts.parts)))
        return parts.tally


def _idle(captions: Iterable[Caption]) -> Iterator[Outcome]:
    """An engine for a run that is complete: captions are read, and none is left to annotate."""
    for _ in captions:
        raise AssertionError
    yield from ()


def _say(*lines: str) -> None:
    for line in lines:
        print(f"pathcap: {line}", file=sys.stderr)
