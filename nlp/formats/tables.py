"""Tables with a caption column: CSV, TSV and Parquet.

Column names are compared without regard to case. The caption is in ``caption`` or ``text``; the id in ``id`` or
``figid``, or is made of ``pmcid`` and ``filename`` as PFOCR does, or else of the file's name and the row.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path, PurePosixPath
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from nlp.errors import FormatError, InputError, Location
from nlp.formats.base import OnError, caption_id, caption_text, optional_text
from nlp.types import Caption

_CAPTION: Final = ("caption", "text")
_ID: Final = ("id", "figid")
_TITLE: Final = ("title", "figtitle")
_PAPER_TITLE: Final = ("papertitle", "paper_title")
_COLUMNS: Final = frozenset((*_CAPTION, *_ID, *_TITLE, *_PAPER_TITLE, "pmcid", "filename"))
_LARGEST_FIELD: Final = 2**31 - 1
_BATCH_ROWS: Final = 1024


def read_csv(path: Path, on_error: OnError) -> Iterator[Caption]:
    """The captions of a table with commas between its columns."""
    return _read_delimited(path, ",", on_error)


def read_tsv(path: Path, on_error: OnError) -> Iterator[Caption]:
    """The captions of a table with tabs between its columns."""
    return _read_delimited(path, "\t", on_error)


def read_parquet(path: Path, on_error: OnError) -> Iterator[Caption]:
    """The captions of a Parquet file, a batch of rows in memory at a time; a location's line is the row, from 1."""
    source = str(path)
    row = 0
    try:
        with pq.ParquetFile(path) as file:
            names = {name: name.lower() for name in file.schema_arrow.names if name.lower() in _COLUMNS}
            _check_header(names.values(), Location(source))
            for batch in file.iter_batches(batch_size=_BATCH_ROWS, columns=[*names]):
                for record in batch.to_pylist():
                    row += 1
                    fields = {lower: record[name] for name, lower in reversed(names.items())}
                    yield from _captions(fields, path, row, Location(source, row), on_error)
    except FormatError as error:
        on_error(error)
    except (pa.ArrowException, OSError, ValueError) as error:
        place = Location(source, row + 1 if row else None)
        on_error(FormatError("the file is not Parquet, or damaged", found=str(error), where=place))


def _read_delimited(path: Path, delimiter: str, on_error: OnError) -> Iterator[Caption]:
    source = str(path)
    # The limit is the csv module's own global, and too small for a table that holds whole papers.
    csv.field_size_limit(_LARGEST_FIELD)
    # Bytes that are not UTF-8 become lone surrogates, so that they cost their own rows and no others.
    with path.open(encoding="utf-8-sig", errors="surrogateescape", newline="") as stream:
        # Not strict, a stray quote would swallow the rows behind it without a word.
        reader = csv.reader(stream, delimiter=delimiter, strict=True)
        header: list[str] | None = None
        row = 0
        while True:
            where = Location(source, reader.line_num + 1)
            try:
                cells = next(reader, None)
                if cells is None:
                    break
                if not cells:
                    continue
                if header is None:
                    header = [name.strip().lower() for name in cells]
                    _check_header(header, where)
                    continue
                row += 1
                fields = _fields(header, cells, where)
            except FormatError as error:
                on_error(error)
                return
            except csv.Error as error:
                if header is None:
                    on_error(FormatError("the header cannot be read", found=str(error), where=where))
                    return
                row += 1
                on_error(InputError("the row cannot be read", found=str(error), where=where))
            except InputError as error:
                on_error(error)
            else:
                yield from _captions(fields, path, row, where, on_error)
        if header is None:
            on_error(FormatError("the table is empty", expected="a header", where=Location(source, 1)))


def _check_header(columns: Iterable[str], where: Location) -> None:
    names = [*columns]
    if not any(name in _CAPTION for name in names):
        raise FormatError(
            "no caption column",
            expected="a column caption or text",
            found=", ".join(names) or "none of the known columns",
            where=where,
        )


def _fields(header: list[str], cells: list[str], where: Location) -> Mapping[str, str]:
    # One more separator than columns: the caption was cut in two, most likely.
    if any(cells[len(header) :]):
        raise InputError(
            "the row has too many cells", expected=f"{len(header)} cells", found=str(len(cells)), where=where
        )
    return dict(reversed([*zip(header, cells, strict=False)]))


def _captions(fields: Mapping[str, Any], path: Path, row: int, where: Location, on_error: OnError) -> Iterator[Caption]:
    try:
        yield _caption(fields, path, row, where)
    except InputError as error:
        on_error(error)


def _caption(fields: Mapping[str, Any], path: Path, row: int, where: Location) -> Caption:
    candidates = [*(fields.get(name) for name in _ID), _figid(fields)]
    id = caption_id(candidates, f"{path.stem}:{row}", where)
    place = Location(where.source, where.line, id)
    text = next((fields[name] for name in _CAPTION if fields.get(name)), "")
    return Caption(
        id=id,
        text=caption_text(text, place),
        title=optional_text(fields, _TITLE),
        paper_title=optional_text(fields, _PAPER_TITLE),
        where=place,
    )


def _figid(fields: Mapping[str, Any]) -> str | None:
    """PFOCR's figure id, ``PMC…__filename`` without the extension; newer file names begin with the ``PMC…`` already."""
    pmcid, filename = fields.get("pmcid"), fields.get("filename")
    if not (isinstance(pmcid, str) and pmcid and isinstance(filename, str) and filename):
        return None
    return f"{pmcid}__{PurePosixPath(filename.removeprefix(f'{pmcid}__')).stem}"
