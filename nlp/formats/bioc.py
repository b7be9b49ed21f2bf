"""BioC out, as XML or as JSON: a document a caption, with one passage of type ``fig_caption`` at offset 0.

Mentions are annotations with the infons ``type`` and ``score``, and for the best reference ``identifier`` (a CURIE),
``name`` and ``identifier_score``; further references follow as ``identifier_2``, ``name_2`` and so on. Relations are
those of the document, with nodes of the roles ``source`` and ``target`` and the infons ``type``, ``sign``, ``score``,
``negated``, ``speculative`` and, where there is one, ``trigger`` and ``trigger_offset``.

Offsets and lengths are Unicode code points, as the library bioc counts and as PubTator's and PubMed Central's BioC do;
the collection says so in an infon. (BioC's own DTD advises bytes.) The date is left empty, so that the same documents
make the same file.

Loses: abbreviations and keywords; digits of scores, which are rounded to four; in XML the characters that XML cannot
hold, such as U+0000, each of which becomes U+FFFD.

Source: Comeau et al. 2013, BioC: a minimalist approach to interoperability for biomedical text processing, Database.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO, Final, TypeAlias

from bioc import BioCAnnotation, BioCCollection, BioCDocument, BioCLocation, BioCNode, BioCPassage, BioCRelation
from bioc.biocjson import toJSON
from bioc.biocxml.encoder import BioCXMLDocumentWriter

from nlp.formats.base import Writer
from nlp.types import Document, Mention, Reference, Relation

FIGURE_CAPTION: Final = "fig_caption"
"""The type of a passage that is a figure's caption, here as in the BioC of PubMed Central."""

_Clean: TypeAlias = Callable[[str], str]

# What is no Char of XML 1.0; lone surrogates never come this far.
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@contextmanager
def open_bioc(stream: BinaryIO, suffix: str) -> Iterator[Writer]:
    """A writer of BioC: XML if the suffix is ``.xml``, and otherwise JSON, a line a document."""
    if suffix == ".xml":
        xml = BioCXMLDocumentWriter(stream, encoding="UTF-8")
        try:
            xml.write_collection_info(_collection())
            yield _XmlWriter(xml)
        finally:
            xml.close()
    else:
        head, tail = json.dumps(toJSON(_collection()), ensure_ascii=False).split("[]", 1)
        stream.write(f"{head}[".encode())
        yield _JsonWriter(stream)
        stream.write(f"\n]{tail}\n".encode())


class _XmlWriter:
    def __init__(self, xml: BioCXMLDocumentWriter) -> None:
        self._xml = xml

    def write(self, document: Document) -> None:
        self._xml.write_document(to_bioc(document, _clean_for_xml))


class _JsonWriter:
    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._separator = "\n"

    def write(self, document: Document) -> None:
        line = json.dumps(toJSON(to_bioc(document)), ensure_ascii=False)
        self._stream.write(f"{self._separator}{line}".encode())
        self._separator = ",\n"


def to_bioc(document: Document, clean: _Clean = str) -> BioCDocument:
    """A document in bioc's own structures.

    Args:
        document: what is to be written.
        clean: what becomes of each string; it must not change a string's length.
    """
    passage = BioCPassage()
    passage.infons = {"type": FIGURE_CAPTION}
    passage.offset = 0
    passage.text = clean(document.text)
    for mention in document.mentions:
        passage.add_annotation(_annotation(mention, clean))
    result = BioCDocument()
    result.id = clean(document.id)
    result.add_passage(passage)
    for relation in document.relations:
        result.add_relation(_relation(relation, clean))
    return result


def _collection() -> BioCCollection:
    collection = BioCCollection()
    collection.source = "pathcap"
    collection.date = ""
    collection.key = "pathcap"
    collection.version = "1.0"
    collection.infons = {"offsets": "Unicode code points"}
    return collection


def _annotation(mention: Mention, clean: _Clean) -> BioCAnnotation:
    annotation = BioCAnnotation()
    annotation.id = clean(mention.id)
    annotation.infons = {"type": mention.type, "score": _score(mention.score)}
    for number, reference in enumerate(mention.references, start=1):
        annotation.infons |= _reference(reference, "" if number == 1 else f"_{number}", clean)
    annotation.add_location(BioCLocation(mention.start, mention.end - mention.start))
    annotation.text = clean(mention.text)
    return annotation


def _reference(reference: Reference, ending: str, clean: _Clean) -> dict[str, str]:
    return {
        f"identifier{ending}": clean(reference.curie),
        f"name{ending}": clean(reference.name),
        f"identifier_score{ending}": _score(reference.score),
    }


def _relation(relation: Relation, clean: _Clean) -> BioCRelation:
    result = BioCRelation()
    result.id = clean(relation.id)
    result.infons = {
        "type": relation.type,
        "sign": str(relation.sign),
        "score": _score(relation.score),
        "negated": str(relation.negated).lower(),
        "speculative": str(relation.speculative).lower(),
    }
    if relation.trigger is not None:
        result.infons["trigger"] = clean(relation.trigger.text)
        result.infons["trigger_offset"] = str(relation.trigger.start)
    result.add_node(BioCNode(clean(relation.source), "source"))
    result.add_node(BioCNode(clean(relation.target), "target"))
    return result


def _score(score: float) -> str:
    return str(round(score, 4))


def _clean_for_xml(text: str) -> str:
    return _NOT_XML.sub("\ufffd", text)
