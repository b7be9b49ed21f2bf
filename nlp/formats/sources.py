"""The formats that captions are read from, and the walk over files, folders and standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from nlp.errors import FormatError, InputError, Location
from nlp.formats import jsonlines, pfocr, plain, tables
from nlp.formats.base import OnError, Reader
from nlp.types import Caption


@dataclass(frozen=True, slots=True)
class Format:
    """A format that captions are read from.

    Attributes:
        name: as it stands in messages.
        suffixes: what its files' names end in, in lower case.
        reader: yields the captions of one file.
    """

    name: str
    suffixes: tuple[str, ...]
    reader: Reader


FORMATS: Final[tuple[Format, ...]] = (
    Format("PFOCR page", (".md",), pfocr.read),
    Format("JSON Lines", (".jsonl", ".jsonl.gz", ".jsonl.zst"), jsonlines.read),
    Format("CSV", (".csv",), tables.read_csv),
    Format("TSV", (".tsv",), tables.read_tsv),
    Format("Parquet", (".parquet",), tables.read_parquet),
    Format("plain text", (".txt",), plain.read),
)

STANDARD_INPUT: Final = "-"

# Files that stand in folders of captions and speak about them.
_ABOUT: Final = frozenset(("README", "CHANGELOG", "LICENSE"))


def read_sources(
    sources: Iterable[str | Path], on_error: OnError, *, stdin: BinaryIO | None = None
) -> Iterator[Caption]:
    """The captions of files, of folders with all their subfolders in the order of their names, and of ``-``.

    What cannot be read is handed to ``on_error`` and passed over. So is a caption whose id came before with another
    text; one that came before with the same text (as a page and in a collection, say) is passed over silently, and
    the first is the one that counts.

    Args:
        sources: paths, or ``-`` for JSON Lines on standard input.
        on_error: takes each error; if it raises, reading stops.
        stdin: what ``-`` stands for; ``sys.stdin`` by default.
    """
    # A hash of each text, not the text: memory stays small over millions of captions.
    seen: dict[str, int] = {}
    for source in sources:
        for caption in _read_source(source, on_error, stdin):
            fingerprint = hash(caption.text)
            if caption.id not in seen:
                seen[caption.id] = fingerprint
                yield caption
            elif seen[caption.id] != fingerprint:
                on_error(
                    InputError(
                        "an id is used for two captions",
                        expected="one text an id",
                        found="another text than before",
                        where=caption.where,
                    )
                )


def find_format(path: Path) -> Format | None:
    """The format that a file's name tells, or None."""
    name = path.name.lower()
    return next((format for format in FORMATS if name.endswith(format.suffixes)), None)


def _read_source(source: str | Path, on_error: OnError, stdin: BinaryIO | None) -> Iterator[Caption]:
    if str(source) == STANDARD_INPUT:
        yield from jsonlines.read_stream(stdin or sys.stdin.buffer, "<stdin>", "stdin", on_error)
        return
    path = Path(source)
    if path.is_dir():
        empty = True
        for file, format in _walk(path, on_error):
            empty = False
            yield from _read_file(file, format, on_error)
        if empty:
            on_error(FormatError("no captions in the folder", expected=_expected(), where=Location(str(path))))
        return
    if not path.exists():
        on_error(FormatError("no such file or folder", where=Location(str(path))))
        return
    named = find_format(path)
    if named is None:
        on_error(FormatError("unknown format", expected=_expected(), found=path.name, where=Location(str(path))))
        return
    yield from _read_file(path, named, on_error)


def _walk(folder: Path, on_error: OnError) -> Iterator[tuple[Path, Format]]:
    try:
        paths = sorted(folder.iterdir(), key=lambda path: path.name)
    except OSError as error:
        on_error(FormatError("the folder cannot be read", found=error.strerror, where=Location(str(folder))))
        return
    for path in paths:
        if path.name.startswith("."):
            continue
        if path.is_dir():
            yield from _walk(path, on_error)
        elif path.is_file() and (format := find_format(path)) is not None and not _is_passed_over(path):
            yield path, format


def _is_passed_over(path: Path) -> bool:
    if pfocr.is_annotation_table(path):
        return True
    stem, _, suffix = path.name.partition(".")
    return stem.upper() in _ABOUT and suffix.lower() in ("md", "txt")


def _read_file(path: Path, format: Format, on_error: OnError) -> Iterator[Caption]:
    try:
        yield from format.reader(path, on_error)
    except OSError as error:
        on_error(FormatError("the file cannot be read", found=error.strerror or str(error), where=Location(str(path))))


def _expected() -> str:
    return "a name that ends in " + ", ".join(suffix for format in FORMATS for suffix in format.suffixes)
