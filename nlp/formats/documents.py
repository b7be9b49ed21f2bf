"""Documents in the contract's form, as pathcap writes them: predictions, or gold."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from nlp.errors import AnnotationError, FormatError, InputError, Location
from nlp.formats.base import OnError, raise_error
from nlp.formats.jsonlines import read_records
from nlp.formats.records import from_record
from nlp.formats.writers import output_format
from nlp.types import Document


def read_documents(path: Path, on_error: OnError = raise_error) -> Iterator[Document]:
    """The documents of a JSON Lines or Parquet file.

    Raises:
        InputError: for a record that is no document, unless ``on_error`` takes it.
        OSError: if the file cannot be opened.
    """
    records = _read_parquet(path, on_error) if output_format(path) == "parquet" else read_records(path, on_error)
    for record, where in records:
        try:
            yield from_record(record, where)
        except InputError as error:
            on_error(error)
        except AnnotationError as error:
            on_error(InputError(error.message, expected=error.expected, found=error.found, where=error.where))


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
