"""JSON Lines: one object a line, plain or compressed (``.gz``, ``.zst``).

As captions, a record has ``id`` or ``figid``, ``text`` or ``caption``, and may have titles and the annotations of its
figure. Documents, in the contract's form, are read by ``nlp.formats.documents``.

Documents written lose nothing but digits of scores, which are rounded to four.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from nlp.errors import InputError, Location
from nlp.formats.base import OnError, Writer, caption_id, caption_text, optional_text, show
from nlp.formats.compression import COMPRESSED, binary_lines, open_binary
from nlp.formats.curation import ANNOTATION_FIELDS, KEYWORD_TYPES, curate, keywords_of, read_keywords, read_rows
from nlp.formats.records import to_record
from nlp.types import Caption, CuratedList, Document


def read(path: Path, on_error: OnError) -> Iterator[Caption]:
    """The captions of a file. Mentions and relations that a record may hold are passed over."""
    with open_binary(path) as stream:
        stem = path.with_suffix("").stem if path.suffix.lower() in COMPRESSED else path.stem
        yield from read_stream(stream, str(path), stem, on_error)


def read_stream(stream: BinaryIO, source: str, stem: str, on_error: OnError) -> Iterator[Caption]:
    """The captions of an open stream; ``stem`` and the line make the id of a record that has none."""
    for record, where in _records(stream, source, on_error):
        try:
            yield _caption(record, where, stem)
        except InputError as error:
            on_error(error)


def read_records(path: Path, on_error: OnError) -> Iterator[tuple[dict[str, Any], Location]]:
    """The objects of a file as they are, each with its place."""
    with open_binary(path) as stream:
        yield from _records(stream, str(path), on_error)


@contextmanager
def open_jsonl(stream: BinaryIO, suffix: str) -> Iterator[Writer]:  # noqa: ARG001 - an ``OpenWriter``
    """A writer of the contract's records, a line a document."""
    yield _JsonLinesWriter(stream)


class _JsonLinesWriter:
    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, document: Document) -> None:
        line = json.dumps(to_record(document), ensure_ascii=False)
        self._stream.write(line.encode("utf-8") + b"\n")


def _records(stream: BinaryIO, source: str, on_error: OnError) -> Iterator[tuple[dict[str, Any], Location]]:
    for line, where in binary_lines(stream, source, on_error):
        if not line.strip():
            continue
        try:
            yield _parse(line, where), where
        except InputError as error:
            on_error(error)


def _parse(line: bytes, where: Location) -> dict[str, Any]:
    try:
        record = json.loads(line.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise InputError(
            "the line is not UTF-8", expected="UTF-8 text", found=f"byte 0x{line[error.start]:02x}", where=where
        ) from error
    except (ValueError, RecursionError) as error:
        raise InputError("the line is not JSON", expected="a JSON object", found=str(error), where=where) from error
    if not isinstance(record, dict):
        raise InputError("the line is not a record", expected="a JSON object", found=show(record), where=where)
    return record


def _caption(record: Mapping[str, Any], where: Location, stem: str) -> Caption:
    id = caption_id([record.get("id"), record.get("figid")], f"{stem}:{where.line}", where)
    place = Location(where.source, where.line, id)
    text = next((record[key] for key in ("text", "caption") if record.get(key) is not None), None)
    if text is None:
        raise InputError("no caption", expected="a field text or caption", where=place)
    return Caption(
        id=id,
        text=caption_text(text, place),
        title=optional_text(record, ("title", "figtitle")),
        paper_title=optional_text(record, ("papertitle", "paper_title")),
        curated=_curated(record, place),
        where=place,
    )


def _curated(record: Mapping[str, Any], where: Location) -> CuratedList | None:
    """The curated list of an annotated record; the types whose annotations are null were not looked for."""
    rows = {
        type: read_rows(record[field], field, where)
        for field, type in ANNOTATION_FIELDS.items()
        if record.get(field) is not None
    }
    # In a record of pathcap's own the keywords are predicted, and a string is the paper's own keywords in one.
    listed = None if "mentions" in record else record.get("keywords")
    if not isinstance(listed, list):
        return curate(keywords_of(rows), rows, rows) if rows else None
    return curate(read_keywords(listed, where), rows, rows or KEYWORD_TYPES)
