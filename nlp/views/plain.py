"""A document as a few lines of text, to be printed."""

from __future__ import annotations

from typing import Final

from nlp.types import Document, Mention
from nlp.views.words import ARROWS, aligned, kind, shortened

MOST: Final = 20
"""Mentions, and edges, that are listed."""
_LONGEST: Final = 100
_NAME: Final = 40


def to_text(document: Document) -> str:
    """The beginning of the caption, a line for each mention with its best reference, and one for each edge."""
    lines = [shortened(f"{document.id}: {document.text}", _LONGEST)]
    if document.mentions:
        lines += ["", *aligned([_mention(mention) for mention in document.mentions[:MOST]])]
        lines += _more(len(document.mentions), "mentions")
    if document.relations:
        names = {mention.id: shortened(mention.text, _NAME) for mention in document.mentions}
        rows = [
            (
                relation.id,
                f"{names[relation.source]} {ARROWS[relation.sign]} {names[relation.target]}",
                kind(relation),
                f"{relation.score:.2f}",
                "" if relation.trigger is None else f'"{shortened(relation.trigger.text, _NAME)}"',
            )
            for relation in document.relations[:MOST]
        ]
        lines += ["", *aligned(rows), *_more(len(document.relations), "edges")]
    return "\n".join(lines)


def _mention(mention: Mention) -> tuple[str, ...]:
    best = mention.references[0] if mention.references else None
    return (
        mention.id,
        mention.type,
        shortened(mention.text, _NAME),
        f"{mention.start}:{mention.end}",
        f"{mention.score:.2f}",
        "" if best is None else f"{best.curie} {shortened(best.name, _NAME)}",
    )


def _more(number: int, what: str) -> list[str]:
    return [f"… and {number - MOST} more {what}"] if number > MOST else []
