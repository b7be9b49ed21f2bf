"""Captions with their mentions: JSON Lines as pathcap itself writes them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from corpora.records import convert, entity_span
from nlp.training.examples import Example


def read(path: Path) -> Iterator[Example]:
    """The captions of a file.

    Raises:
        FormatError: at a line that is not such a record, or where a mention does not hold its text.
    """
    return convert(path, example, "a caption record")


def example(record: Mapping[str, Any]) -> Example:
    """The mentions of a record.

    Raises:
        KeyError, TypeError, ValueError: if it is not such a record.
    """
    text: str = record["text"]
    spans = (entity_span(mention, text, mention["type"]) for mention in record["mentions"])
    return Example(record["id"], text, tuple(span for span in spans if span is not None))
