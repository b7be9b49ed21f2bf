"""The formats that captions are read from, and the walk over files, folders and standard input."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from nlp.errors import FormatError, InputError, Location
from nlp.formats import articles, bioc_reading, jsonlines, pfocr, plain, pubtator, tables
from nlp.formats.base import OnError, OtherKindError, Reader
from nlp.formats.compression import COMPRESSED
from nlp.formats.doubles import Double, SeenCaptions
from nlp.formats.manifest import ERRORS_FILE, MANIFEST_FILE
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


def _compressed(*suffixes: str) -> tuple[str, ...]:
    return tuple(f"{suffix}{compression}" for suffix in suffixes for compression in ("", *COMPRESSED))


FORMATS: Final[tuple[Format, ...]] = (
    Format("PFOCR page", (".md",), pfocr.read),
    Format("JSON Lines", (".jsonl", ".jsonl.gz", ".jsonl.zst"), jsonlines.read),
    Format("CSV", (".csv",), tables.read_csv),
    Format("TSV", (".tsv",), tables.read_tsv),
    Format("Parquet", (".parquet",), tables.read_parquet),
    Format("BioC or JATS XML", _compressed(".xml", ".nxml"), articles.read),
    Format("BioC JSON", _compressed(".json"), bioc_reading.read_captions),
    Format("PubTator", _compressed(".pubtator", ".pubtator.txt"), pubtator.read),
    Format("plain text", (".txt",), plain.read),
)

STANDARD_INPUT: Final = "-"

# Files that stand in folders of captions and speak about them.
_ABOUT: Final = frozenset(("README", "CHANGELOG", "LICENSE"))
_OWN: Final = frozenset((MANIFEST_FILE, ERRORS_FILE))


def read_sources(
    sources: Iterable[str | Path],
    on_error: OnError,
    *,
    stdin: BinaryIO | None = None,
    leave_out: Path | None = None,
) -> Iterator[Caption]:
    """The captions of files, of folders with all their subfolders in the order of their names, and of ``-``.

    What cannot be read is handed to ``on_error`` and passed over. So is a caption whose id came before with another
    text; one that came before with the same text (as a page and in a collection, say) is passed over silently, and
    the first is the one that counts. Memory does not grow with the number of captions.

    In folders, files that by name or content are of no format for captions are passed over silently.

    Args:
        sources: paths, or ``-`` for JSON Lines on standard input.
        on_error: takes each error; if it raises, reading stops.
        stdin: what ``-`` stands for; ``sys.stdin`` by default.
        leave_out: a file or folder that is passed over where it lies in a folder of the sources, as the output does.
    """
    with SeenCaptions() as seen:
        for source in sources:
            for caption in _read_source(source, on_error, stdin, leave_out):
                match seen.add(caption):
                    case Double.NEW:
                        yield caption
                    case Double.OTHER:
                        on_error(
                            InputError(
                                "an id is used for two captions",
                                expected="one text an id",
                                found="another text than before",
                                where=caption.where,
                            )
                        )


def source_files(sources: Iterable[str | Path], *, leave_out: Path | None = None) -> Iterator[Path]:
    """The files that ``read_sources`` reads captions from, in its order; what cannot be read is passed over."""
    for source in sources:
        path = Path(source)
        if str(source) == STANDARD_INPUT:
            continue
        if path.is_dir():
            yield from (file for file, _ in _walk(path, lambda _: None, leave_out))
        elif find_format(path) is not None and path.is_file():
            yield path


def find_format(path: Path) -> Format | None:
    """The format that a file's name tells, or None."""
    name = path.name.lower()
    return next((format for format in FORMATS if name.endswith(format.suffixes)), None)


def is_read(file: Path, source: str | Path) -> bool:
    """Whether a file is a source, or one of those that are read from it."""
    path, found = Path(source), file.resolve()
    if str(source) == STANDARD_INPUT or not found.is_file():
        return False
    if not path.is_dir():
        return path.resolve() == found
    if find_format(file) is None or _is_about(file):
        return False  # nothing of this name is read, and the folder may be large
    return any(one.name == file.name and one.resolve() == found for one in source_files([source]))


def _read_source(
    source: str | Path, on_error: OnError, stdin: BinaryIO | None, leave_out: Path | None
) -> Iterator[Caption]:
    if str(source) == STANDARD_INPUT:
        yield from jsonlines.read_stream(stdin or sys.stdin.buffer, "<stdin>", "stdin", on_error)
        return
    path = Path(source)
    if path.is_dir():
        files = 0
        known = _OfKnownKind(on_error)
        for file, format in _walk(path, on_error, leave_out):
            files += 1
            yield from _read_file(file, format, known)
        if files == known.others:
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


class _OfKnownKind:
    """Passes errors on, but for those of files that have nothing to do with captions; it counts them."""

    def __init__(self, on_error: OnError) -> None:
        self._on_error = on_error
        self.others = 0

    def __call__(self, error: InputError) -> None:
        if isinstance(error, OtherKindError):
            self.others += 1
        else:
            self._on_error(error)


def _walk(
    folder: Path, on_error: OnError, leave_out: Path | None, above: Collection[tuple[int, int]] = ()
) -> Iterator[tuple[Path, Format]]:
    """The files of a folder and its subfolders; a link to one of the folders ``above`` leads nowhere new."""
    try:
        status = folder.stat()
        paths = sorted(folder.iterdir(), key=lambda path: path.name)
    except OSError as error:
        on_error(FormatError("the folder cannot be read", found=error.strerror, where=Location(str(folder))))
        return
    own = (status.st_dev, status.st_ino)
    if own in above:
        return
    for path in paths:
        if path.name.startswith(".") or (leave_out and path.name == leave_out.name and path.resolve() == leave_out):
            continue
        if path.is_dir():
            yield from _walk(path, on_error, leave_out, (*above, own))
        elif path.is_file() and (format := find_format(path)) is not None and not _is_passed_over(path):
            yield path, format


def _is_passed_over(path: Path) -> bool:
    return pfocr.is_annotation_table(path) or _is_about(path)


def _is_about(path: Path) -> bool:
    """Whether a file's name says that it speaks about captions."""
    if path.name in _OWN or path.name.endswith(f".{ERRORS_FILE}"):
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
