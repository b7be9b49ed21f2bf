"""A document in a spaCy ``Doc``.

``doc.user_data`` holds the document's record, which is plain data, so that it outlives ``to_bytes``, ``DocBin`` and
pickling; what else there is (``doc._.pathcap``, ``doc._.relations``, ``span._.references``) is read from it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

from spacy.lang.en import English
from spacy.language import Language
from spacy.tokens import Doc
from spacy.tokens import Span as SpacySpan
from spacy.util import filter_spans
from spacy.vocab import create_vocab

from nlp.errors import AnnotationError, ConfigError
from nlp.formats.records import from_record, to_record
from nlp.types import Document, Mention, Reference, Span
from nlp.views.marks import TYPE_MARKS

KEY: Final = "pathcap"
"""Of the record in ``doc.user_data``, and of the group of all mentions in ``doc.spans``."""

DISPLACY_COLORS: Final = {mark.name: f"hsl({mark.hue}, 80%, 88%)" for mark in TYPE_MARKS.values()}
"""displaCy's colours of the mention types: spaCy finds them by an entry point."""


@dataclass(frozen=True, slots=True)
class SpanRelation:
    """A relation between spans of a ``Doc``.

    Attributes:
        id: as in the document.
        source, target: the spans of its mentions, with their types as labels.
        type: relation type.
        sign: +1 (increases), -1 (decreases) or 0 (not said).
        score: from 0 to 1.
        trigger: the words that state it.
        negated: whether it is denied.
        speculative: whether it is hedged.
    """

    id: str
    source: SpacySpan
    target: SpacySpan
    type: str
    sign: int
    score: float
    trigger: SpacySpan | None
    negated: bool
    speculative: bool


def to_doc(document: Document, language: Language | None = None) -> Doc:
    """A new ``Doc`` with the document in it; see ``Document.to_spacy``."""
    doc = _cut(document) if language is None else language.make_doc(document.text)
    return write(doc, document)


def write(doc: Doc, document: Document, *, keep_ents: bool = False) -> Doc:
    """Put a document into a ``Doc`` of the same text, and return it.

    A mention that begins or ends inside a token has all of it. Where mentions overlap, or do then, the longest is among
    ``doc.ents``, and all are in ``doc.spans["pathcap"]``.

    Args:
        doc: whose entities are replaced.
        document: what is said of its text.
        keep_ents: keep the entities that ``doc`` has, and add mentions only where there are none.

    Raises:
        AnnotationError: if the texts differ.
        ConfigError: if another package has taken the names of the extensions.
    """
    if doc.text != document.text:
        raise AnnotationError(
            "a document of another text", expected=repr(doc.text[:80]), found=repr(document.text[:80])
        )
    register()
    doc.user_data[KEY] = to_record(document)
    found = [span for mention in document.mentions if (span := _span(doc, mention)) is not None]
    doc.spans[KEY] = found
    if keep_ents:
        taken = {token.i for ent in doc.ents for token in ent}
        free = [span for span in found if not any(place in taken for place in range(span.start, span.end))]
        doc.ents = [*doc.ents, *filter_spans(free)]
    else:
        doc.ents = filter_spans(found)
    return doc


def register() -> None:
    """Make ``doc._.pathcap``, ``doc._.relations`` and ``span._.references`` known to spaCy.

    Raises:
        ConfigError: if another package has taken one of the names.
    """
    extensions: tuple[tuple[Any, str, Callable[..., Any]], ...] = (
        (Doc, KEY, _document),
        (Doc, "relations", _relations),
        (SpacySpan, "references", _references),
    )
    for kind, name, getter in extensions:
        if not kind.has_extension(name):
            kind.set_extension(name, getter=getter)
        elif kind.get_extension(name)[2] is not getter:
            raise ConfigError(
                f"the extension {name!r} of spaCy's {kind.__name__} is another package's", expected="none of this name"
            )


def _document(doc: Doc) -> Document | None:
    """``doc._.pathcap``: the document; None where there is none."""
    record = doc.user_data.get(KEY)
    return None if record is None else from_record(record)


def _relations(doc: Doc) -> tuple[SpanRelation, ...]:
    """``doc._.relations``: the document's relations, with the spans that they join."""
    document = _document(doc)
    if document is None:
        return ()
    spans = {mention.id: _span(doc, mention) for mention in document.mentions}
    return tuple(
        SpanRelation(
            id=relation.id,
            source=source,
            target=target,
            type=relation.type,
            sign=relation.sign,
            score=relation.score,
            trigger=None if relation.trigger is None else _chars(doc, relation.trigger.span),
            negated=relation.negated,
            speculative=relation.speculative,
        )
        for relation in document.relations
        if (source := spans[relation.source]) is not None and (target := spans[relation.target]) is not None
    )


def _references(span: SpacySpan) -> tuple[Reference, ...]:
    """``span._.references``: what the mention in this place refers to, best first; empty where there is none."""
    mention = _mention(span)
    if mention is None:
        return ()
    return tuple(Reference(one["curie"], one["name"], one["score"]) for one in mention["references"])


def _mention(span: SpacySpan) -> Mapping[str, Any] | None:
    """The record of the mention that a span was made of."""
    record: Mapping[str, Iterable[Mapping[str, Any]]] | None = span.doc.user_data.get(KEY)
    if record is None:
        return None
    here = [one for one in record["mentions"] if one["start"] < span.end_char and span.start_char < one["end"]]
    of_all = [one for one in here if _tokens(span.doc, one) == (span.start, span.end)]
    # Several mentions may have the same tokens. DocBin keeps no ids of spans: then the longest of the label is meant.
    return min(
        of_all,
        key=lambda one: (one["id"] != span.id_, one["type"] != span.label_, one["start"] - one["end"]),
        default=None,
    )


def _tokens(doc: Doc, mention: Mapping[str, Any]) -> tuple[int, int] | None:
    """The first token of a mention, and the one behind its last."""
    span = _chars(doc, Span(mention["start"], mention["end"]))
    return None if span is None else (span.start, span.end)


def _span(doc: Doc, mention: Mention) -> SpacySpan | None:
    best = mention.references[0].curie if mention.references else ""
    return _chars(doc, mention.span, mention.type, best, mention.id)


def _chars(doc: Doc, span: Span, label: str = "", kb_id: str = "", span_id: str = "") -> SpacySpan | None:
    """The tokens that a span of the text touches; None if it is white space alone."""
    inner = _trimmed(doc.text, span)
    if inner is None:
        return None
    return doc.char_span(inner.start, inner.end, label=label, kb_id=kb_id, span_id=span_id, alignment_mode="expand")


def _trimmed(text: str, span: Span) -> Span | None:
    piece = span.of(text)
    start, end = span.end - len(piece.lstrip()), span.start + len(piece.rstrip())
    return Span(start, end) if start < end else None


_TOKEN: Final = re.compile(r"\w+|\s+|[^\w\s]")


def _cut(document: Document) -> Doc:
    """A ``Doc`` of words, marks and white space, cut where mentions and triggers begin and end as well."""
    text = document.text
    spans = [mention.span for mention in document.mentions]
    spans += [relation.trigger.span for relation in document.relations if relation.trigger]
    cuts = {place for match in _TOKEN.finditer(text) for place in match.span()}
    for span in spans:
        if (inner := _trimmed(text, span)) is not None:
            cuts |= {inner.start, inner.end}
    words: list[str] = []
    spaces: list[bool] = []
    for start, end in pairwise(sorted(cuts)):
        piece = text[start:end]
        # One space behind a token belongs to it; what else there is of white space is a token.
        if piece.startswith(" ") and words and not words[-1].isspace():
            spaces[-1] = True
            piece = piece[1:]
        if piece:
            words.append(piece)
            spaces.append(False)
    return Doc(create_vocab("en", English.Defaults), words=words, spaces=spaces)
