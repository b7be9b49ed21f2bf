"""brat standoff out: of each document a text (``.txt``) and its annotations (``.ann``), and one ``annotation.conf``.

The output is a folder, or a zip archive if its name ends in ``.zip``. Files are named by the documents' ids; what may
not stand in the name of a file is ``%XX`` there, which ``urllib.parse.unquote`` undoes. A name that would be too long
is cut and ends in a hash; the table ``long_ids.tsv`` tells which id (with its ``%XX``) it stands for.

    T1      CHEMICAL 0 6    Drug A                  a mention; in pieces where it runs over lines
    N1      Reference T1 CHEBI:1    drug A          a reference, the best first
    R1      positive_activation Arg1:T1 Arg2:T2     a relation from Arg1 to Arg2, its sign before its type
    A1      Negated R1                              or Speculative
    #1      AnnotatorNotes R1       trigger 7 16 activates

Offsets are Unicode code points into the text, which is the caption unchanged. Mentions and relations are numbered anew,
since brat knows ids of its own form only.

Loses: scores, abbreviations, keywords, the ids of mentions and relations.

Source: Stenetorp et al. 2012, brat: a web-based tool for NLP-assisted text annotation, EACL demonstrations.
"""

from __future__ import annotations

import hashlib
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final, TypeAlias

from nlp.errors import InputError, Location
from nlp.formats.base import Writer, percent_encode
from nlp.schema import MENTION_TYPES, RELATION_TYPES
from nlp.types import Document, Mention

_Put: TypeAlias = Callable[[str, str], None]
"""Writes a text to a new file of this name.

Raises:
    FileExistsError: if there is one already.
"""

_LONGEST_NAME: Final = 255 - len(".ann")
_DIGEST: Final = 16
_UNSAFE_IN_NAMES: Final = re.compile(r"[^\w.+=,@~()\[\]-]|^\.", re.ASCII)
_SPACES: Final = re.compile(r"\s")
_BREAKS: Final = str.maketrans(dict.fromkeys("\t\n\r\x0b\x0c\x1c\x1d\x1e\x85\u2028\u2029", " "))
_SIGNS: Final = {1: "positive_", -1: "negative_", 0: ""}


@contextmanager
def open_brat(stream: BinaryIO, suffix: str) -> Iterator[Writer]:  # noqa: ARG001 - an ``OpenWriter``
    """A writer of a zip archive; its table of contents is in memory until the end, 1 kB or so a document."""
    with zipfile.ZipFile(stream, "w") as archive:

        def put(name: str, text: str) -> None:
            if name in archive.NameToInfo:
                raise FileExistsError(name)
            # Without the time, so that the same documents make the same archive.
            entry = zipfile.ZipInfo(name)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, text.encode())

        writer = _BratWriter(put)
        yield writer
        writer.finish()


@contextmanager
def open_brat_folder(folder: Path) -> Iterator[Writer]:
    """A writer of files in a folder."""

    def put(name: str, text: str) -> None:
        with (folder / name).open("xb") as stream:
            stream.write(text.encode())

    writer = _BratWriter(put)
    yield writer
    writer.finish()


class _BratWriter:
    def __init__(self, put: _Put) -> None:
        self._put = put
        self._long_ids: list[str] = []
        put("annotation.conf", _configuration())

    def write(self, document: Document) -> None:
        """Write a document's files.

        Raises:
            InputError: if there was one with its id before.
        """
        name = id = percent_encode(document.id, _UNSAFE_IN_NAMES) or "%"
        if len(name) > _LONGEST_NAME:
            digest = hashlib.sha256(name.encode()).hexdigest()[:_DIGEST]
            name = f"{name[: _LONGEST_NAME - _DIGEST - 1]}-{digest}"
        try:
            self._put(f"{name}.txt", document.text)
        except FileExistsError as error:
            raise InputError("an id is used for two documents", where=Location(id=document.id)) from error
        self._put(f"{name}.ann", "".join(f"{line}\n" for line in _lines(document)))
        if name != id:
            self._long_ids.append(f"{name}\t{id}\n")

    def finish(self) -> None:
        """Write what is known only at the end."""
        if self._long_ids:
            self._put("long_ids.tsv", "".join(self._long_ids))


def _lines(document: Document) -> Iterator[str]:
    ids = {mention.id: f"T{number}" for number, mention in enumerate(document.mentions, start=1)}
    references = attributes = notes = 0
    for mention in document.mentions:
        yield f"{ids[mention.id]}\t{mention.type} {_pieces(mention)}"
        for reference in mention.references:
            references += 1
            curie = percent_encode(reference.curie, _SPACES)
            yield f"N{references}\tReference {ids[mention.id]} {curie}\t{reference.name.translate(_BREAKS)}"
    for number, relation in enumerate(document.relations, start=1):
        kind = f"{_SIGNS[relation.sign]}{relation.type}"
        yield f"R{number}\t{kind} Arg1:{ids[relation.source]} Arg2:{ids[relation.target]}"
        for name in ("Negated", "Speculative"):
            if getattr(relation, name.lower()):
                attributes += 1
                yield f"A{attributes}\t{name} R{number}"
        if relation.trigger is not None:
            notes += 1
            trigger = relation.trigger
            surface = trigger.text.translate(_BREAKS)
            yield f"#{notes}\tAnnotatorNotes R{number}\ttrigger {trigger.start} {trigger.end} {surface}"


def _pieces(mention: Mention) -> str:
    """A mention's bounds and surface; brat has none that run over a line break, but those that are in pieces."""
    pieces = [(piece.start(), piece.end()) for piece in re.finditer(r"[^\r\n]+", mention.text)]
    pieces = pieces or [(0, len(mention.text))]
    bounds = ";".join(f"{mention.start + start} {mention.start + end}" for start, end in pieces)
    surface = " ".join(mention.text[start:end] for start, end in pieces)
    return f"{bounds}\t{surface.translate(_BREAKS)}"


def _configuration() -> str:
    relations = [f"{sign}{name}\tArg1:<ENTITY>, Arg2:<ENTITY>" for name in RELATION_TYPES for sign in (_SIGNS.values())]
    sections = {
        "entities": [*MENTION_TYPES],
        "relations": [*relations, "<OVERLAP>\tArg1:<ENTITY>, Arg2:<ENTITY>, <OVL-TYPE>:<ANY>"],
        "events": [],
        "attributes": ["Negated\tArg:<RELATION>", "Speculative\tArg:<RELATION>"],
    }
    return "\n".join("\n".join([f"[{name}]", *lines, ""]) for name, lines in sections.items())
