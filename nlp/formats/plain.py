"""Plain text: one caption a file, named by the file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from nlp.errors import InputError, Location
from nlp.formats.base import OnError, caption_id, caption_text, read_text
from nlp.types import Caption


def read(path: Path, on_error: OnError) -> Iterator[Caption]:
    """The caption that a file is, down to its last line end; its id is the file's name without the suffix."""
    try:
        id = caption_id((), path.stem, Location(str(path)))
        where = Location(str(path), 1, id)
        yield Caption(id=id, text=caption_text(read_text(path), where), where=where)
    except InputError as error:
        on_error(error)
