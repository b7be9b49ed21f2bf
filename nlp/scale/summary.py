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
    in_parts = f" in {parts:,} part{'s' if parts > 1 else ''}" if parts else ""
    if whole is None:
        yield f"{tally.captions:,} captions annotated in {seconds:.1f} s ({rate}) -> {output}{in_parts}"
    else:
        yield f"{tally.captions:,} more captions annotated in {seconds:.1f} s ({rate})"
        yield f"{whole.captions:,} captions in all -> {output}{in_parts}"
        tally = whole
    memory = _peak_memory()
    peak = f"; peak memory {memory / 2**20:,.0f} MiB" if memory is not None else ""
    yield f"{tally.mentions:,} mentions, {tally.relations:,} relations{peak}"
    if tally.set_aside:
        reasons = tally.errors.most_common(_REASONS)
        said = [f"{count:,} {message}" for message, count in reasons]
        if others := tally.set_aside - sum(count for _, count in reasons):
            said.append(f"{others:,} others")
        listed = f", listed in {errors}" if errors is not None else ""
        yield f"{tally.set_aside:,} inputs set aside{listed}: {'; '.join(said)}"


def _peak_memory() -> int | None:
    """The most memory, in bytes, that this process has held; None where the system does not tell."""
    if sys.platform == "win32":
        return None
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
