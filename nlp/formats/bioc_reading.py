"""BioC in: XML or JSON, plain or compressed, as captions or as documents.

As captions: of a document that has figures, each figure is one. These are the passages whose infon ``type`` is
``fig_caption``, ``fig_title_caption`` or ``fig``, joined by a space where several have one infon ``id``, as title and
text of a figure do in the BioC of PubMed Central. Of any other document, each passage with text is a caption. The id is
that of the document, followed by ``:`` and the number of the passage, from 1, if the document gives several.

As documents, gold or predictions: one a document of BioC, its passages put together at their offsets with spaces
between them, counted from the first; what annotations and relations mean is told in ``nlp.formats.bioc``. A relation
whose nodes have other roles goes from its first node to its second. Types must be those of pathcap.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from nlp.errors import FormatError, InputError, Location
from nlp.formats.base import OnError, OtherKindError, caption_id, caption_text, show
from nlp.formats.compression import DAMAGE, open_binary
from nlp.formats.json_pieces import JsonPieces
from nlp.formats.records import from_record
from nlp.formats.safe_xml import local_name, read_elements, text_of
from nlp.types import Caption, Document

ROOTS: Final[Mapping[str, str]] = {"collection": "document"}
"""The root of BioC XML, and the elements below it that hold records."""

_FIGURE_TITLES: Final = frozenset(("fig_title_caption", "fig_title"))
_FIGURES: Final = frozenset(("fig_caption", "fig", "figure", "figure_caption")) | _FIGURE_TITLES
_TITLES: Final = frozenset(("front", "title"))
_COLLECTIONS: Final = ("documents", "PubTator3")
_WIDEST_GAP: Final = 1 << 20

BioCObject = Mapping[str, Any]
"""A document or a part of one, as BioC JSON has it."""


def read_captions(path: Path, on_error: OnError) -> Iterator[Caption]:
    """The captions of a BioC JSON file."""
    for item, where in read_json(path, on_error):
        yield from captions_of(item, where, on_error)


def read_objects(path: Path, on_error: OnError) -> Iterator[tuple[Any, Location]]:
    """The documents of a BioC file as they are, each with its place; XML if the file's name says so."""
    if ".xml" not in (suffix.lower() for suffix in path.suffixes[-2:]):
        yield from read_json(path, on_error)
        return
    for _, element, where in read_elements(path, ROOTS, on_error):
        try:
            yield object_of(element, where), where
        except InputError as error:
            on_error(error)


def read_json(path: Path, on_error: OnError) -> Iterator[tuple[Any, Location]]:
    """The documents of a BioC JSON file, one in memory at a time.

    The file holds a collection, a list of them (as PubMed Central sends it), or documents one after another.
    """
    try:
        with open_binary(path) as stream:
            pieces = JsonPieces(stream, str(path))
            if not pieces.peek():
                raise FormatError("the file is empty", expected="a BioC collection", where=pieces.where)
            while pieces.peek():
                yield from _objects(pieces)
    except FormatError as error:
        on_error(error)
    except DAMAGE as error:
        on_error(FormatError("the file is damaged from here on", found=str(error), where=Location(str(path))))


def _objects(pieces: JsonPieces, depth: int = 0) -> Iterator[tuple[Any, Location]]:
    first, where = pieces.peek(), pieces.where
    if first == "[" and depth == 0:
        for _ in pieces.items():
            yield from _objects(pieces, depth + 1)
        return
    if first != "{":
        raise OtherKindError("JSON of another kind", expected="a BioC collection", found=first, where=where)
    rest: dict[str, Any] = {}
    is_collection = False
    for key in pieces.members():
        if key in _COLLECTIONS and pieces.peek() == "[":
            is_collection = True
            for place in pieces.items():
                yield pieces.value(), place
        else:
            rest[key] = pieces.value()
    if "passages" in rest:
        yield rest, where
    elif not is_collection:
        raise OtherKindError(
            "JSON of another kind", expected="a BioC collection, with documents", found=show([*rest]), where=where
        )


def object_of(element: Any, where: Location, *, annotated: bool = True) -> dict[str, Any]:
    """A BioC element, a document or a part of one, as BioC JSON has it.

    Args:
        element: of a parsed file.
        where: its place.
        annotated: whether annotations and relations are wanted, which take most of the time.

    Raises:
        InputError: if it holds an entity that is not expanded.
    """
    result: dict[str, Any] = {**element.attrib, "infons": {}}
    result |= {key: [] for key in ("passages", "sentences", "annotations", "relations", "locations", "nodes")}
    for child in element:
        match local_name(child):
            case "infon":
                result["infons"][child.get("key")] = text_of(child, where)
            case "passage" | "sentence" as part:
                result[f"{part}s"].append(object_of(child, where, annotated=annotated))
            case "annotation" | "relation" as part:
                if annotated:
                    result[f"{part}s"].append(object_of(child, where))
            case "location" | "node" as part:
                result[f"{part}s"].append(dict(child.attrib))
            case "id" | "offset" | "text" as field:
                result[field] = text_of(child, where)
    return result


def captions_of(document: Any, where: Location, on_error: OnError) -> Iterator[Caption]:
    """The captions of a document as BioC JSON has it."""
    try:
        id = caption_id([document.get("id")], Path(where.source or "").name.partition(".")[0], where)
        place = Location(where.source, where.line, id)
        groups = _groups(document["passages"], place)
        paper_title = next((_passage_text(item) for item in document["passages"] if _type(item) in _TITLES), "")
    except InputError as error:
        on_error(error)
        return
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        on_error(_malformed(error, where))
        return
    for number, title, text in groups:
        own = id if len(groups) == 1 else f"{id}:{number}"
        place = Location(where.source, where.line, own)
        try:
            caption = caption_text(text, place)
        except InputError as error:
            on_error(error)
        else:
            yield Caption(
                id=own, text=caption, title=title, paper_title="" if paper_title == text else paper_title, where=place
            )


def _groups(passages: Sequence[BioCObject], where: Location) -> list[tuple[int, str, str]]:
    """Of each caption the number of its first passage, its title where that is told apart, and its text."""
    texts = [_passage_text(passage) for passage in passages]
    if not any(text.strip() for text in texts):
        raise InputError("no caption", expected="a passage with text", where=where)
    figures = [_type(passage) in _FIGURES for passage in passages]
    if not any(figures):
        return [(number, "", text) for number, text in enumerate(texts, start=1) if text.strip()]
    groups: list[tuple[int, str, str]] = []
    last: object = None
    for number, (passage, text) in enumerate(zip(passages, texts, strict=True), start=1):
        if not figures[number - 1] or not text.strip():
            continue
        figure = passage.get("infons", {}).get("id")
        title = text if _type(passage) in _FIGURE_TITLES else ""
        if groups and figure is not None and figure == last:
            first, known, before = groups[-1]
            groups[-1] = (first, known or title, f"{before} {text}")
        else:
            groups.append((number, title, text))
        last = figure
    return groups


def read_document(document: Any, where: Location) -> Document:
    """A document as BioC JSON has it, as pathcap's own.

    Raises:
        InputError: if a part of it is missing or of another kind than BioC says.
        AnnotationError: if the parts contradict each other.
    """
    try:
        record = _record(document, where)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise _malformed(error, where) from error
    return from_record(record, where)


def _record(document: BioCObject, where: Location) -> dict[str, Any]:
    passages = document["passages"]
    start = min((int(passage["offset"]) for passage in passages), default=0)
    parts = [document, *_with_sentences(passages)]
    return {
        "id": caption_id([document.get("id")], "", where),
        "text": _joined([(int(passage["offset"]) - start, _passage_text(passage)) for passage in passages], where),
        "mentions": [_mention(item, start) for part in parts for item in part.get("annotations", ())],
        "relations": [_relation(item, start) for part in parts for item in part.get("relations", ())],
    }


def _mention(annotation: BioCObject, start: int) -> dict[str, Any]:
    infons = annotation["infons"]
    bounds = [(int(item["offset"]) - start, int(item["length"])) for item in annotation["locations"]]
    first = min((offset for offset, _ in bounds), default=0)
    record = {
        "id": str(annotation["id"]),
        "type": str(infons["type"]),
        "start": first,
        "end": max((offset + length for offset, length in bounds), default=0),
        "score": float(infons.get("score", 1)),
        "references": [*_references(infons)],
    }
    return record | ({"text": annotation["text"]} if len(bounds) == 1 else {})


def _references(infons: BioCObject) -> Iterator[dict[str, Any]]:
    number = 1
    while curie := infons.get("identifier" if number == 1 else f"identifier_{number}"):
        ending = "" if number == 1 else f"_{number}"
        score = float(infons.get(f"identifier_score{ending}", 1))
        yield {"curie": str(curie), "name": str(infons.get(f"name{ending}") or ""), "score": score}
        number += 1


def _relation(relation: BioCObject, start: int) -> dict[str, Any]:
    infons = relation["infons"]
    nodes = {str(node["role"]): str(node["refid"]) for node in relation["nodes"]}
    if not nodes.keys() >= {"source", "target"}:
        if len(relation["nodes"]) != 2:
            raise ValueError(f"a relation of {len(relation['nodes'])} nodes")
        nodes = dict(zip(("source", "target"), (str(node["refid"]) for node in relation["nodes"]), strict=True))
    trigger = None
    if "trigger_offset" in infons:
        offset, surface = int(infons["trigger_offset"]) - start, infons["trigger"]
        trigger = {"start": offset, "end": offset + len(surface), "text": surface}
    return {
        "id": str(relation["id"]),
        "source": nodes["source"],
        "target": nodes["target"],
        "type": str(infons["type"]),
        "sign": int(infons.get("sign", 0)),
        "score": float(infons.get("score", 1)),
        "trigger": trigger,
        "negated": str(infons.get("negated")).lower() == "true",
        "speculative": str(infons.get("speculative")).lower() == "true",
    }


def _passage_text(passage: BioCObject) -> str:
    """The text of a passage, or that of its sentences."""
    text = passage.get("text")
    if text:
        return str(text)
    sentences = passage.get("sentences") or ()
    start = int(passage["offset"]) if sentences else 0
    return _joined([(int(item["offset"]) - start, item.get("text") or "") for item in sentences], Location())


def _joined(pieces: Iterable[tuple[int, str]], where: Location) -> str:
    """Pieces of a text put together at their offsets."""
    text = ""
    for offset, piece in sorted(pieces):
        gap = offset - len(text)
        if not 0 <= gap <= _WIDEST_GAP:
            raise InputError(
                "offsets do not fit",
                expected=f"the next text at {len(text)} or soon after",
                found=str(offset),
                where=where,
            )
        text += " " * gap + piece
    return text


def _with_sentences(passages: Iterable[BioCObject]) -> Iterator[BioCObject]:
    for passage in passages:
        yield passage
        yield from passage.get("sentences") or ()


def _type(passage: BioCObject) -> str:
    return str(passage.get("infons", {}).get("type", "")).lower()


def _malformed(error: Exception, where: Location) -> InputError:
    found = f"no {error}" if isinstance(error, KeyError) else str(error)
    return InputError("not a document of BioC", expected="what BioC's DTD says", found=found, where=where)
