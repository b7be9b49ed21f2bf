"""What is said of a run at its end."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from nlp.formats.manifest import Tally

if sys.platform != "win32":
    import resource

_REASONS = 8


def summarize(
    tally: Tally, seconds: float, output: str, errors: Path | None = None, *, whole: Tally | None = None, parts: int = 0
) -> Iterator[str]:
    """Lines about a run.

    Args:
        tally: of this run.
        seconds: that it took.
        output: where documents went.
        errors: where errors are listed.
        whole: of this run and those that it went on with, if there were any.
        parts: in how many of them the output is.
    """
    rate = f"{tally.captions / seconds:,.1f} captions/s, {tally.characters / seconds:,.0f} characters/s"
    in_parts = f" in {counted(parts, 'part')}" if parts else ""
    if whole is None:
        yield f"{counted(tally.captions, 'caption')} annotated in {seconds:.1f} s ({rate}) -> {output}{in_parts}"
    else:
        yield f"{counted(tally.captions, 'more caption')} annotated in {seconds:.1f} s ({rate})"
        yield f"{counted(whole.captions, 'caption')} in all -> {output}{in_parts}"
        tally = whole
    memory = _peak_memory()
    peak = f"; peak memory {memory / 2**20:,.0f} MiB" if memory is not None else ""
    yield f"{counted(tally.mentions, 'mention')}, {counted(tally.relations, 'relation')}{peak}"
    yield from tell_set_aside(tally, errors)


def tell_set_aside(tally: Tally, errors: Path | None = None) -> Iterator[str]:
    """A line about the inputs that were set aside, if there are any, and where they are listed."""
    if tally.set_aside:
        reasons = tally.errors.most_common(_REASONS)
        said = [f"{count:,} {message}" for message, count in reasons]
        if others := tally.set_aside - sum(count for _, count in reasons):
            said.append(f"{others:,} others")
        listed = f", listed in {errors}" if errors is not None else ""
        yield f"{counted(tally.set_aside, 'input')} set aside{listed}: {'; '.join(said)}"


def counted(number: int, thing: str) -> str:
    """Such as ``1 part`` or ``1,200 parts``."""
    return f"{number:,} {thing}" if number == 1 else f"{number:,} {thing}s"


def _peak_memory() -> int | None:
    """The most memory, in bytes, that this process has held; None where the system does not tell."""
    if sys.platform == "win32":
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
