"""Parquet out: a row a document, its columns the fields of the contract's record, compressed by zstd.

Loses: nothing but digits of scores, which are rounded to four.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO, Final

import pyarrow as pa
import pyarrow.parquet as pq

from nlp.formats.base import Writer
from nlp.formats.records import to_record
from nlp.types import Document

_ROW_GROUP: Final = 1024

_SPAN: Final = [("start", pa.int32()), ("end", pa.int32())]

PARQUET_SCHEMA: Final = pa.schema(
    [
        pa.field("id", pa.string(), nullable=False),
        pa.field("text", pa.string(), nullable=False),
        (
            "mentions",
            pa.list_(
                pa.struct(
                    [
                        ("id", pa.string()),
                        ("type", pa.string()),
                        *_SPAN,
                        ("text", pa.string()),
                        ("score", pa.float64()),
                        (
                            "references",
                            pa.list_(
                                pa.struct([("curie", pa.string()), ("name", pa.string()), ("score", pa.float64())])
                            ),
                        ),
                    ]
                )
            ),
        ),
        (
            "relations",
            pa.list_(
                pa.struct(
                    [
                        ("id", pa.string()),
                        ("source", pa.string()),
                        ("target", pa.string()),
                        ("type", pa.string()),
                        ("sign", pa.int8()),
                        ("score", pa.float64()),
                        ("trigger", pa.struct([*_SPAN, ("text", pa.string())])),
                        ("negated", pa.bool_()),
                        ("speculative", pa.bool_()),
                    ]
                )
            ),
        ),
        ("abbreviations", pa.list_(pa.struct([("short", pa.struct(_SPAN)), ("long", pa.struct(_SPAN))]))),
        (
            "keywords",
            pa.list_(
                pa.struct(
                    [
                        ("keyword", pa.string()),
                        ("type", pa.string()),
                        ("curie", pa.string()),
                        ("mentions", pa.list_(pa.string())),
                    ]
                )
            ),
        ),
    ]
)
"""The columns of a Parquet output: the fields of the contract's record."""


@contextmanager
def open_parquet(stream: BinaryIO, suffix: str) -> Iterator[Writer]:  # noqa: ARG001 - an ``OpenWriter``
    """A writer of Parquet that holds at most one row group of records."""
    with pq.ParquetWriter(stream, PARQUET_SCHEMA, compression="zstd") as parquet:
        writer = _ParquetWriter(parquet)
        yield writer
        writer.flush()


class _ParquetWriter:
    """Holds at most one row group of records."""

    def __init__(self, writer: pq.ParquetWriter) -> None:
        self._writer = writer
        self._records: list[dict[str, Any]] = []

    def write(self, document: Document) -> None:
        self._records.append(to_record(document))
        if len(self._records) == _ROW_GROUP:
            self.flush()

    def flush(self) -> None:
        if self._records:
            self._writer.write_table(pa.Table.from_pylist(self._records, PARQUET_SCHEMA))
            self._records.clear()
