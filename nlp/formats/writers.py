"""The formats that documents are written in, and the way to write one.

An output appears under its name only when it is complete (``nlp.formats.places``).
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import BinaryIO, Final

from nlp.errors import ConfigError
from nlp.formats.base import OpenFolderWriter, OpenWriter, Writer
from nlp.formats.bel import open_bel
from nlp.formats.bioc import open_bioc
from nlp.formats.brat import open_brat, open_brat_folder
from nlp.formats.compression import COMPRESSED, compressing
from nlp.formats.cx2 import open_cx2
from nlp.formats.error_log import ErrorLog
from nlp.formats.graphml import open_graphml
from nlp.formats.indra import open_indra
from nlp.formats.jsonlines import open_jsonl
from nlp.formats.parquet import PARQUET_SCHEMA, open_parquet
from nlp.formats.places import check_folder_place, check_place, replacing, replacing_folder
from nlp.formats.pubtator import open_pubtator
from nlp.formats.sif import open_sif

__all__ = [
    "PARQUET_SCHEMA",
    "STANDARD_OUTPUT",
    "WRITERS",
    "ErrorLog",
    "OutputFormat",
    "Writer",
    "check_output",
    "check_place",
    "open_writer",
    "output_format",
]

STANDARD_OUTPUT: Final = "-"


@dataclass(frozen=True, slots=True)
class OutputFormat:
    """A format that documents are written in.

    Attributes:
        name: as it stands on the command line.
        suffixes: what an output's name ends in that tells the format, in lower case; the longest that fits counts.
        open: opens a writer on a stream.
        splits: whether parts make a whole when they are written apart: true of documents, false of a network, which
            counts its edges over all of them.
        text: whether it is text, which may go to standard output, and is compressed where the name ends in ``.gz`` or
            ``.zst``.
        open_folder: opens a writer on a new folder, for a format of many files. It is used where the output's name
            does not end in one of ``suffixes`` of files.
        folder_suffixes: what an output's name ends in that tells the format and is that of a folder.
    """

    name: str
    suffixes: tuple[str, ...]
    open: OpenWriter
    splits: bool = True
    text: bool = True
    open_folder: OpenFolderWriter | None = None
    folder_suffixes: tuple[str, ...] = ()

    def writes_folder(self, path: str | Path) -> bool:
        """Whether an output of this name is a folder."""
        return self.open_folder is not None and not _plain_name(path).endswith(self.suffixes)


def _table(rows: Iterable[OutputFormat]) -> Mapping[str, OutputFormat]:
    return MappingProxyType({row.name: row for row in rows})


WRITERS: Final = _table(
    (
        OutputFormat("jsonl", (".jsonl",), open_jsonl),
        OutputFormat("parquet", (".parquet",), open_parquet, text=False),
        OutputFormat("bioc", (".json", ".xml"), open_bioc),
        OutputFormat("pubtator", (".pubtator",), open_pubtator),
        OutputFormat(
            "brat", (".zip",), open_brat, text=False, open_folder=open_brat_folder, folder_suffixes=(".brat",)
        ),
        OutputFormat("sif", (".sif",), open_sif, splits=False),
        OutputFormat("graphml", (".graphml",), open_graphml, splits=False),
        OutputFormat("cx2", (".cx2",), open_cx2, splits=False),
        OutputFormat("indra", (".indra.json",), open_indra),
        OutputFormat("bel", (".bel",), open_bel),
    )
)
"""Output formats by their names."""


def output_format(path: str | Path) -> str:
    """The name of the format that an output's name tells; JSON Lines if it tells none."""
    name = _plain_name(path)
    known = (
        (len(suffix), row.name)
        for row in WRITERS.values()
        for suffix in (*row.suffixes, *row.folder_suffixes)
        if name.endswith(suffix)
    )
    return max(known, default=(0, "jsonl"))[1]


def check_output(path: str | Path, format: str) -> None:
    """Check that an output of this format may go to ``path``, before any work is done for it.

    Raises:
        ConfigError: if the format is not known or cannot go there, or the folder is not there.
    """
    if format not in WRITERS:
        raise ConfigError("unknown output format", expected=" | ".join(WRITERS), found=repr(format))
    row = WRITERS[format]
    if not row.text and _plain_name(path) != (name := Path(path).name).lower():
        raise ConfigError(
            f"{format} is not compressed as a whole",
            expected=f"a name that does not end in {name[name.rfind('.') :]}",
            found=name,
        )
    if str(path) == STANDARD_OUTPUT:
        if not row.text or row.open_folder is not None:
            raise ConfigError(f"{format} cannot be written to standard output", expected="a file name")
    elif row.writes_folder(path):
        check_folder_place(Path(path))
    else:
        check_place(Path(path))


@contextmanager
def open_writer(path: str | Path, format: str = "jsonl") -> Iterator[Writer]:
    """A writer of documents to ``path``, in one of the formats ``WRITERS``.

    Text is compressed if the name ends in ``.gz`` or ``.zst``, and goes to standard output if it is ``-``.

    Raises:
        ConfigError: if the format is not known or cannot go where it should, or the folder is not there.
    """
    check_output(path, format)
    row = WRITERS[format]
    if str(path) == STANDARD_OUTPUT:
        with row.open(sys.stdout.buffer, "") as writer:
            yield writer
        sys.stdout.buffer.flush()
    elif row.open_folder is not None and row.writes_folder(path):
        with replacing_folder(Path(path)) as folder, row.open_folder(folder) as writer:
            yield writer
    else:
        with replacing(Path(path)) as stream, _open(row, stream, Path(path)) as writer:
            yield writer


@contextmanager
def _open(row: OutputFormat, stream: BinaryIO, path: Path) -> Iterator[Writer]:
    compression = path.suffix.lower() if row.text else ""
    suffix = Path(_plain_name(path)).suffix if row.text else path.suffix.lower()
    with compressing(stream, compression) as target, row.open(target, suffix) as writer:
        yield writer


def _plain_name(path: str | Path) -> str:
    """A file's name in lower case, without the suffix of a compression."""
    name = Path(path).name.lower()
    return next((name.removesuffix(suffix) for suffix in COMPRESSED if name.endswith(suffix)), name)
