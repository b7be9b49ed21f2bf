"""Documents as JSON records: the contract that outside programs read.

``to_record`` and ``from_record`` are each other's inverse up to ``score``, which is rounded to four digits.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from nlp.errors import AnnotationError, InputError, Location
from nlp.formats.base import unicode_error
from nlp.schema import check_types
from nlp.types import Abbreviation, Document, Keyword, Mention, Reference, Relation, Span, Trigger

Kind = TypeVar("Kind")


def to_record(document: Document, *, exact: bool = False) -> dict[str, Any]:
    """The JSON object of a document, keys in the contract's order.

    Args:
        document: what to write.
        exact: with scores as they are, not rounded.
    """
    digits = None if exact else 4
    return {
        "id": document.id,
        "text": document.text,
        "mentions": [_mention(mention, digits) for mention in document.mentions],
        "relations": [_relation(relation, digits) for relation in document.relations],
        "abbreviations": [
            {"short": _span(abbreviation.short), "long": _span(abbreviation.long)}
            for abbreviation in document.abbreviations
        ],
        "keywords": [
            {"keyword": keyword.keyword, "type": keyword.type, "curie": keyword.curie, "mentions": [*keyword.mentions]}
            for keyword in document.keywords
        ],
    }


def from_record(record: Mapping[str, Any], where: Location | None = None) -> Document:
    """The document of a JSON object in the contract's form.

    Gold records may leave out scores, references, abbreviations, keywords and triggers.

    Raises:
        InputError: if a field is missing, of another kind than the contract says, or text that is not valid Unicode.
        AnnotationError: if the parts contradict each other.
    """
    if not isinstance(record, Mapping):
        raise InputError("a document is no object", found=type(record).__name__, where=where)
    id = str(record.get("id"))
    place = Location(where.source, where.line, id) if where else Location(id=id)
    try:
        return check_types(_read_document(record))
    except KeyError as error:
        raise InputError("a field is missing", expected=f"a field {error}", where=place) from error
    except (TypeError, AttributeError) as error:
        raise InputError("a field is of the wrong kind", found=str(error), where=place) from error
    except UnicodeEncodeError as error:
        raise unicode_error(error, place) from error
    except AnnotationError as error:
        part = error.where.id if error.where and error.where.id else id
        raise AnnotationError(
            error.message,
            expected=error.expected,
            found=error.found,
            where=Location(place.source, place.line, part if id in part else f"{id} {part}"),
        ) from error


def _read_document(record: Mapping[str, Any]) -> Document:
    text = _checked(record["text"], str, "text")
    return Document(
        id=_id(record["id"]),
        text=text,
        mentions=tuple(_read_mention(item, text) for item in record.get("mentions", ())),
        relations=tuple(_read_relation(item) for item in record.get("relations", ())),
        abbreviations=tuple(
            Abbreviation(_read_span(item["short"]), _read_span(item["long"]))
            for item in record.get("abbreviations", ())
        ),
        keywords=tuple(_read_keyword(item) for item in record.get("keywords", ())),
    )


def _span(span: Span) -> dict[str, int]:
    return {"start": span.start, "end": span.end}


def _read_span(item: Mapping[str, Any]) -> Span:
    return Span(_whole(item["start"], "start"), _whole(item["end"], "end"))


def _rounded(score: float, digits: int | None) -> float:
    return score if digits is None else round(score, digits)


def _mention(mention: Mention, digits: int | None) -> dict[str, Any]:
    return {
        "id": mention.id,
        "type": mention.type,
        "start": mention.start,
        "end": mention.end,
        "text": mention.text,
        "score": _rounded(mention.score, digits),
        "references": [
            {"curie": reference.curie, "name": reference.name, "score": _rounded(reference.score, digits)}
            for reference in mention.references
        ],
    }


def _read_mention(item: Mapping[str, Any], text: str) -> Mention:
    span = _read_span(item)
    return Mention(
        id=_checked(item["id"], str, "id"),
        type=_checked(item["type"], str, "type"),
        start=span.start,
        end=span.end,
        text=_checked(item.get("text", span.of(text)), str, "text"),
        score=_score(item),
        references=tuple(
            Reference(
                _checked(reference["curie"], str, "curie"), _checked(reference["name"], str, "name"), _score(reference)
            )
            for reference in item.get("references", ())
        ),
    )


def _relation(relation: Relation, digits: int | None) -> dict[str, Any]:
    trigger = relation.trigger
    return {
        "id": relation.id,
        "source": relation.source,
        "target": relation.target,
        "type": relation.type,
        "sign": relation.sign,
        "score": _rounded(relation.score, digits),
        "trigger": None if trigger is None else {"start": trigger.start, "end": trigger.end, "text": trigger.text},
        "negated": relation.negated,
        "speculative": relation.speculative,
    }


def _read_relation(item: Mapping[str, Any]) -> Relation:
    trigger = item.get("trigger")
    return Relation(
        id=_checked(item["id"], str, "id"),
        source=_checked(item["source"], str, "source"),
        target=_checked(item["target"], str, "target"),
        type=_checked(item["type"], str, "type"),
        sign=_whole(item["sign"], "sign"),
        score=_score(item),
        trigger=None if trigger is None else _read_trigger(trigger),
        negated=_checked(item.get("negated", False), bool, "negated"),
        speculative=_checked(item.get("speculative", False), bool, "speculative"),
    )


def _read_trigger(item: Mapping[str, Any]) -> Trigger:
    span = _read_span(item)
    return Trigger(span.start, span.end, _checked(item["text"], str, "text"))


def _read_keyword(item: Mapping[str, Any]) -> Keyword:
    curie = item.get("curie")
    return Keyword(
        keyword=_checked(item["keyword"], str, "keyword"),
        type=_checked(item["type"], str, "type"),
        curie=None if curie is None else _checked(curie, str, "curie"),
        mentions=tuple(item.get("mentions", ())),
    )


def _checked(value: Any, kind: type[Kind], field: str) -> Kind:
    if not isinstance(value, kind):
        raise TypeError(f"{field} is {value!r}, not {kind.__name__}")
    if isinstance(value, str):
        value.encode("utf-8")  # a lone surrogate raises UnicodeEncodeError
    checked: Kind = value
    return checked


def _id(value: Any) -> str:
    return _checked(str(value) if isinstance(value, int) and not isinstance(value, bool) else value, str, "id")


def _whole(value: Any, field: str) -> int:
    if isinstance(value, bool):
        raise TypeError(f"{field} is {value!r}, not int")
    return _checked(value, int, field)


def _score(item: Mapping[str, Any]) -> float:
    score = item.get("score", 1.0)
    if isinstance(score, bool) or not isinstance(score, int | float) or not 0 <= score <= 1:
        raise TypeError(f"score is {score!r}, not a number from 0 to 1")
    return float(score)
