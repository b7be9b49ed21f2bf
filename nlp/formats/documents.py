"""Documents in the contract's form, as pathcap writes them: predictions, or gold."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final, TypeAlias

import pyarrow as pa
import pyarrow.parquet as pq

from nlp.errors import AnnotationError, FormatError, InputError, Location
from nlp.formats import bioc_reading
from nlp.formats.base import OnError, raise_error
from nlp.formats.jsonlines import read_records
from nlp.formats.manifest import read_manifest
from nlp.formats.records import from_record
from nlp.formats.writers import output_format
from nlp.types import Document


def read_documents(path: Path, on_error: OnError = raise_error) -> Iterator[Document]:
    """The documents of a file of JSON Lines, Parquet or BioC, as its name tells; JSON Lines if it tells nothing.

    Of a folder of parts, those of all its finished parts in order; ``is_unfinished`` tells whether more belong to it.

    Raises:
        InputError: for a record that is no document, and a file of another format, unless ``on_error`` takes it.
        OSError: if the file cannot be opened.
    """
    if path.is_dir() and (manifest := read_manifest(path)) is not None:
        for part in manifest.parts:
            yield from read_documents(path / part.name, on_error)
        return
    format = output_format(path)
    read = _READERS.get(format)
    if read is None:
        on_error(
            FormatError(
                "documents cannot be read back from this format",
                expected=" | ".join(_READERS),
                found=format,
                where=Location(str(path)),
            )
        )
        return
    for make, where in read(path, on_error):
        try:
            yield make()
        except InputError as error:
            on_error(error)
        except AnnotationError as error:
            on_error(InputError(error.message, expected=error.expected, found=error.found, where=error.where or where))


def is_unfinished(path: Path) -> bool:
    """Whether ``path`` is a folder of parts whose run was cut off or still goes on.

    Raises:
        FormatError: if its manifest cannot be understood.
    """
    manifest = read_manifest(path) if path.is_dir() else None
    return manifest is not None and not manifest.complete


_Made: TypeAlias = tuple[Callable[[], Document], Location]


def _of_jsonl(path: Path, on_error: OnError) -> Iterator[_Made]:
    for record, where in read_records(path, on_error):
        yield partial(from_record, record, where), where


def _of_parquet(path: Path, on_error: OnError) -> Iterator[_Made]:
    for record, where in _read_parquet(path, on_error):
        yield partial(from_record, record, where), where


def _of_bioc(path: Path, on_error: OnError) -> Iterator[_Made]:
    for item, where in bioc_reading.read_objects(path, on_error):
        yield partial(bioc_reading.read_document, item, where), where


_READERS: Final[Mapping[str, Callable[[Path, OnError], Iterator[_Made]]]] = {
    "jsonl": _of_jsonl,
    "parquet": _of_parquet,
    "bioc": _of_bioc,
}


def _read_parquet(path: Path, on_error: OnError) -> Iterator[tuple[dict[str, Any], Location]]:
    number = 0
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(batch_size=256):
                for record in batch.to_pylist():
                    number += 1
                    yield (
                        {key: value for key, value in record.items() if value is not None},
                        Location(str(path), number),
                    )
    except pa.ArrowException as error:
        on_error(FormatError("not a Parquet file that can be read", found=str(error), where=Location(str(path))))
