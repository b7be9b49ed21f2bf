"""What an engine makes of a caption, and the engine that works in this process.

An engine takes captions and gives back one outcome each, in the order of the captions.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeAlias

from nlp.errors import PathcapError
from nlp.pipeline import Pipeline
from nlp.types import Caption, Document


@dataclass(frozen=True, slots=True)
class Failed:
    """A caption that could be read but not annotated, and why."""

    caption: Caption
    error: PathcapError


Outcome: TypeAlias = Document | Failed

Engine: TypeAlias = Callable[[Iterable[Caption]], Iterator[Outcome]]
"""Annotates captions: one outcome each, in their order, whatever the size of batches and the number of workers."""


def annotate_here(
    captions: Iterable[Caption], *, pipeline: Pipeline, batch_size: int | None = None
) -> Iterator[Outcome]:
    """Annotate captions in this process, no more than a batch ahead of what is taken."""
    failed: list[Failed] = []
    stream = pipeline.stream(
        captions, batch_size=batch_size, on_error=lambda caption, error: failed.append(Failed(caption, error))
    )
    # The stream leaves out the captions that fail; each was reported before the next document came.
    try:
        for document in stream:
            yield from failed
            failed.clear()
            yield document
    except Exception:
        # What comes to an end here comes after these.
        yield from failed
        raise
    yield from failed
