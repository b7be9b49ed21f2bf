"""Captions with their mentions: JSON Lines as pathcap itself writes them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

from nlp.errors import FormatError, Location
from nlp.networks.tags import LabelledSpan
from nlp.training.examples import Example


def read(path: Path) -> Iterator[Example]:
    """The captions of a file.

    Raises:
        FormatError: at a line that is not such a record, or where a mention does not hold its text.
    """
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            where = Location(str(path), number)
            try:
                record = json.loads(line)
                text: str = record["text"]
                spans = []
                for mention in record["mentions"]:
                    span = LabelledSpan(mention["start"], mention["end"], mention["type"])
                    if text[span.start : span.end] != mention["text"]:
                        raise FormatError(
                            "a mention does not hold its text",
                            expected=repr(mention["text"]),
                            found=repr(text[span.start : span.end]),
                            where=where,
                        )
                    spans.append(span)
            except (ValueError, KeyError, TypeError) as error:
                raise FormatError("not a caption record", found=repr(error), where=where) from error
            yield Example(record["id"], text, tuple(spans))
