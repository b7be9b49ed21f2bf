"""Records of a corpus, one JSON object a line, turned into examples; a wrong one is named by file and line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from nlp.errors import FormatError, InputError
from nlp.formats.jsonlines import read_records
from nlp.networks.tags import LabelledSpan

Made = TypeVar("Made")


def convert(path: Path, make: Callable[[Mapping[str, Any]], Made], what: str) -> Iterator[Made]:
    """What ``make`` makes of each record of a file, plain or compressed.

    Args:
        path: of the file.
        make: may raise KeyError, TypeError or ValueError at a record that is wrong.
        what: a record is called in errors, e.g. "an event record".

    Raises:
        FormatError: at a line that is no such record.
    """
    for record, where in read_records(path, _fail):
        try:
            made = make(record)
        except (KeyError, TypeError, ValueError) as error:
            raise FormatError(f"not {what}", found=repr(error), where=where) from error
        yield made


def entity_span(entity: Mapping[str, Any], text: str, type: str) -> LabelledSpan | None:
    """The span of an entity with a caption type; None if it is in pieces, or known not to hold its text.

    Raises:
        ValueError: if it does not hold its text.
    """
    if "spans" in entity or "mismatch" in entity:
        return None
    span = LabelledSpan(entity["start"], entity["end"], type)
    if not span.start < span.end or text[span.start : span.end] != entity["text"]:
        raise ValueError(f"{entity['text']!r} does not stand at {span.start}")
    return span


def _fail(error: InputError) -> None:
    raise FormatError(error.message, expected=error.expected, found=error.found, where=error.where) from error
