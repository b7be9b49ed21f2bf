"""PubTator, in and out: a title line, an abstract line, a line a mention, a line a relation, and an empty line.

    PMC1__f2|t|Drug A activates ERK.
    PMC1__f2|a|
    PMC1__f2<TAB>0<TAB>6<TAB>Drug A<TAB>CHEMICAL<TAB>CHEBI:1
    PMC1__f2<TAB>17<TAB>20<TAB>ERK<TAB>GENE<TAB>FPLX:ERK
    PMC1__f2<TAB>positive_activation<TAB>CHEBI:1<TAB>FPLX:ERK

Out, the caption is the title, and the abstract is empty, so that offsets, in Unicode code points, are those of the
caption. A mention has the CURIE of its best reference, or ``-``. A relation is between identifiers, as PubTator has it,
once for all mentions of the same two; a mention without a reference that takes part in one has its own id (``T3``) in
place of an identifier. The sign goes before the type (``positive_``, ``negative_``), and a fifth column says
``negated`` or ``speculative``, if so. Characters of an id that would end its column become ``%XX``.

Loses: all references but the best, names, scores, triggers, abbreviations, keywords, which mentions a relation was
stated between; line breaks and tabs of the caption, each of which becomes a space.

In, a caption is title and abstract with one character, a line break, between them, as PubTator counts offsets; mentions
and relations are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final

from nlp.errors import InputError, Location
from nlp.formats.base import OnError, Writer, caption_id, caption_text, percent_decode, percent_encode, show
from nlp.formats.compression import binary_lines, open_binary
from nlp.types import Caption, Document, Mention, Relation

# Whatever some reader takes for the end of a line or column.
_BREAKS: Final = "\t\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029"
_TO_SPACES: Final = str.maketrans(_BREAKS, " " * len(_BREAKS))
_UNSAFE: Final = re.compile(rf"[|\ufeff{_BREAKS}]|^\s|\s$")
_SIGNS: Final = {1: "positive_", -1: "negative_", 0: ""}
_TEXT_LINE: Final = re.compile(r"([^|\t]*)\|([ta])\|(.*)", re.DOTALL)


@contextmanager
def open_pubtator(stream: BinaryIO, suffix: str) -> Iterator[Writer]:  # noqa: ARG001 - an ``OpenWriter``
    """A writer of PubTator."""
    yield _PubTatorWriter(stream)


class _PubTatorWriter:
    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def write(self, document: Document) -> None:
        lines = "\n".join(_lines(document))
        self._stream.write(f"{lines}\n\n".encode())


def _lines(document: Document) -> Iterator[str]:
    id = percent_encode(document.id, _UNSAFE)
    related = {end for relation in document.relations for end in (relation.source, relation.target)}
    identifiers = {mention.id: _identifier(mention, mention.id in related) for mention in document.mentions}
    yield f"{id}|t|{document.text.translate(_TO_SPACES)}"
    yield f"{id}|a|"
    for mention in document.mentions:
        surface = mention.text.translate(_TO_SPACES)
        yield f"{id}\t{mention.start}\t{mention.end}\t{surface}\t{mention.type}\t{identifiers[mention.id]}"
    for line in dict.fromkeys(_relation(relation, identifiers) for relation in document.relations):
        yield f"{id}\t{line}"


def _identifier(mention: Mention, related: bool) -> str:
    if mention.references:
        return percent_encode(mention.references[0].curie, _UNSAFE)
    return percent_encode(mention.id, _UNSAFE) if related else "-"


def _relation(relation: Relation, identifiers: dict[str, str]) -> str:
    columns = [
        f"{_SIGNS[relation.sign]}{relation.type}",
        identifiers[relation.source],
        identifiers[relation.target],
    ]
    said = [name for name in ("negated", "speculative") if getattr(relation, name)]
    return "\t".join([*columns, ",".join(said)] if said else columns)


@dataclass(slots=True)
class _Texts:
    """The texts of the document at hand."""

    id: str
    line: int
    title: str | None = None
    abstract: str = ""


def read(path: Path, on_error: OnError) -> Iterator[Caption]:
    """The captions of a file, plain or compressed."""
    source = str(path)
    texts: _Texts | None = None
    with open_binary(path) as stream:
        for number, line in _read_lines(stream, source, on_error):
            match = _TEXT_LINE.fullmatch(line)
            if match is None:
                if line and "\t" not in line:
                    on_error(_unknown_line(line, Location(source, number)))
                if line:
                    continue
            id, kind, text = match.groups() if match else ("", "", "")
            # A title begins a document, even where the empty line before it was forgotten.
            if texts is not None and (kind != "a" or id != texts.id):
                yield from _captions(texts, path, on_error)
                texts = None
            if kind == "t":
                texts = _Texts(id, number, title=text)
            elif kind == "a":
                texts = texts or _Texts(id, number)
                texts.abstract = text
    if texts is not None:
        yield from _captions(texts, path, on_error)


def _read_lines(stream: BinaryIO, source: str, on_error: OnError) -> Iterator[tuple[int, str]]:
    for number, (line, where) in enumerate(binary_lines(stream, source, on_error), start=1):
        try:
            yield number, line.removesuffix(b"\n").removesuffix(b"\r").decode("utf-8")
        except UnicodeDecodeError as error:
            found = f"byte 0x{line[error.start]:02x}"
            on_error(InputError("the line is not UTF-8", expected="UTF-8 text", found=found, where=where))


def _captions(texts: _Texts, path: Path, on_error: OnError) -> Iterator[Caption]:
    where = Location(str(path), texts.line)
    try:
        id = caption_id([percent_decode(texts.id)], f"{path.name.partition('.')[0]}:{texts.line}", where)
        place = Location(where.source, where.line, id)
        if texts.title is None:
            raise InputError("an abstract without a title", expected=f"a line {texts.id}|t|", where=place)
        text = f"{texts.title}\n{texts.abstract}" if texts.abstract else texts.title
        caption = caption_text(text, place)
    except InputError as error:
        on_error(error)
    else:
        yield Caption(id=id, text=caption, paper_title=texts.title if texts.abstract else "", where=place)


def _unknown_line(line: str, where: Location) -> InputError:
    return InputError(
        "a line that PubTator does not have",
        expected="id|t|title, id|a|abstract, or columns with tabs between them",
        found=show(line),
        where=where,
    )
