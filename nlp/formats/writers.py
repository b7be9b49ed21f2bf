"""Writing documents, JSON Lines and Parquet, and the log of what could not be read.

An output appears under its name only when it is complete: it is written to a file beside it, which then takes its
place, or is removed if anything fails.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Final, Protocol, Self, TypeAlias, cast

import pyarrow as pa
import pyarrow.parquet as pq
import zstandard

from nlp.errors import ConfigError, InputError, Location
from nlp.formats.records import to_record
from nlp.types import Document

STANDARD_OUTPUT: Final = "-"
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


class Writer(Protocol):
    """Takes documents, one at a time, in order."""

    def write(self, document: Document) -> None: ...


def output_format(path: str | Path) -> str:
    """The format that an output's name tells: Parquet by its suffix, JSON Lines otherwise."""
    return "parquet" if Path(path).suffix.lower() == ".parquet" else "jsonl"


@contextmanager
def open_writer(path: str | Path, format: str = "jsonl") -> Iterator[Writer]:
    """A writer of documents to ``path``, in one of the formats ``WRITERS``.

    JSON Lines are compressed if the name ends in ``.gz`` or ``.zst``, and go to standard output if it is ``-``.

    Raises:
        ConfigError: if the format is not known or cannot go where it should, or the folder is not there.
    """
    if format not in WRITERS:
        raise ConfigError("unknown output format", expected=" | ".join(WRITERS), found=repr(format))
    if str(path) == STANDARD_OUTPUT:
        if format != "jsonl":
            raise ConfigError(f"{format} cannot be written to standard output", expected="a file name")
        with WRITERS[format](sys.stdout.buffer, "") as writer:
            yield writer
        sys.stdout.buffer.flush()
        return
    with _replacing(Path(path)) as stream, WRITERS[format](stream, Path(path).suffix.lower()) as writer:
        yield writer


class _JsonLinesWriter:
    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, document: Document) -> None:
        line = json.dumps(to_record(document), ensure_ascii=False)
        self._stream.write(line.encode("utf-8") + b"\n")


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


@contextmanager
def _json_lines(stream: BinaryIO, suffix: str) -> Iterator[Writer]:
    with contextlib.ExitStack() as stack:
        target = stream
        if suffix == ".gz":
            # Neither name nor time in the header: the same documents make the same file.
            compressed = gzip.GzipFile(filename="", mode="wb", fileobj=stream, mtime=0)
            target = cast("BinaryIO", stack.enter_context(compressed))
        elif suffix == ".zst":
            target = stack.enter_context(zstandard.ZstdCompressor().stream_writer(stream, closefd=False))
        yield _JsonLinesWriter(target)


@contextmanager
def _parquet(stream: BinaryIO, suffix: str) -> Iterator[Writer]:  # noqa: ARG001 - a row of WRITERS
    with pq.ParquetWriter(stream, PARQUET_SCHEMA, compression="zstd") as parquet:
        writer = _ParquetWriter(parquet)
        yield writer
        writer.flush()


_OpenWriter: TypeAlias = Callable[[BinaryIO, str], AbstractContextManager[Writer]]

WRITERS: Final[Mapping[str, _OpenWriter]] = {"jsonl": _json_lines, "parquet": _parquet}
"""Output formats: each opens a writer on a binary stream, given the suffix of the file's name."""


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """A stream whose content takes the place of ``path`` when the block ends well."""
    # Through links, so that the file is replaced and not the link to it.
    target = path.resolve()
    check_place(target)
    if target.exists() and not target.is_file():
        with target.open("wb") as stream:  # a device or a pipe, which cannot be replaced
            yield stream
        return
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        with temporary.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(target)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def check_place(path: Path) -> None:
    """Check that a file may be written at ``path``.

    Raises:
        ConfigError: if its folder is not there, or it is a folder itself.
    """
    if not path.parent.is_dir():
        raise ConfigError("the output folder is not there", where=Location(str(path)))
    if path.is_dir():
        raise ConfigError("the output is a folder", expected="a file name", where=Location(str(path)))


class ErrorLog:
    """A JSON Lines file of what could not be read; it comes into being with the first error.

    Each line has ``source``, ``line``, ``id``, ``error`` (the error's class) and ``message``. An instance is an
    ``OnError``. Lines are flushed one by one, so that the log is there even if the run is cut off.

    Args:
        path: where to; None only counts. A file that an earlier run left there is removed.

    Raises:
        ConfigError: if the folder is not there, or the path is a folder.
    """

    def __init__(self, path: Path | None = None) -> None:
        self.path = path
        self.count = 0
        self._stream: io.BufferedWriter | None = None
        if path is not None:
            check_place(path)
            if path.is_file() and not path.is_symlink():  # /dev/stderr is a link, and no file of an earlier run
                path.unlink()

    def __call__(self, error: InputError) -> None:
        self.count += 1
        if self.path is None:
            return
        if self._stream is None:
            self._stream = self.path.open("wb")
        where = error.where or Location()
        record = {
            "source": where.source,
            "line": where.line,
            "id": where.id,
            "error": type(error).__name__,
            "message": str(error),
        }
        # A file name may hold bytes that are not UTF-8.
        line = json.dumps(record, ensure_ascii=False).encode("utf-8", errors="backslashreplace")
        self._stream.write(line + b"\n")
        self._stream.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._stream is not None:
            self._stream.close()
