"""Captions with signed relations: JSON Lines as pathcap itself writes them.

A relation's label is its type and sign in one (``activation+``); one that is denied keeps its label and is marked so.

Ruled on are the ordered pairs of mentions in one sentence or in neighbouring ones, and all pairs that are related.
Since a relation is marked once, at the mentions next to the words that state it, the other pairs of mentions with the
same two names are unknown. Two names are the same if they differ in case, punctuation and spaces only, or if the
caption gives one as the short form of the other.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from corpora.pairs import in_order, judged_pairs, near_pairs, sentence_numbers, unlabelled_twins
from corpora.records import convert, entity_span
from nlp.evaluation.edges import name_key
from nlp.networks.tags import LabelledSpan
from nlp.stages.abbreviations import Abbreviations
from nlp.stages.base import Draft
from nlp.tokens import Tokenizer
from nlp.training.relation_examples import LabelledRelation, RelatedExample, caption_label
from nlp.types import Caption, Span

REACH: Final = 1
"""How many sentences apart two mentions may stand for the annotation to rule on them."""


def read(path: Path, tokenizer: Tokenizer) -> Iterator[RelatedExample]:
    """The captions of a file.

    Raises:
        FormatError: at a line that is not such a record, or where a mention does not hold its text.
    """
    abbreviations = Abbreviations(tokenizer.language)
    yield from convert(
        path, lambda record: example(record, tokenizer, abbreviations), "a caption record with relations"
    )


def example(record: Mapping[str, Any], tokenizer: Tokenizer, abbreviations: Abbreviations) -> RelatedExample:
    """What a record says of its mentions.

    Raises:
        KeyError, TypeError, ValueError: if it is not such a record.
    """
    text: str = record["text"]
    spans = {mention["id"]: entity_span(mention, text, mention["type"]) for mention in record["mentions"]}
    mentions = in_order(span for span in spans.values() if span is not None)
    places = {id: mentions.index(span) for id, span in spans.items() if span is not None}
    relations = _relations(record["relations"], places)
    tokens, sentences = tokenizer(text)
    draft = Draft(Caption(record["id"], text), tokens=tokens, sentences=sentences)
    (found,) = abbreviations.predict([draft])
    short_forms = {name_key(item.short.of(text)): name_key(item.long.of(text)) for item in found}
    twins = unlabelled_twins(_names(text, mentions, short_forms), relations)
    near = near_pairs(sentence_numbers(mentions, sentences), REACH)
    return RelatedExample(record["id"], text, tuple(mentions), relations, judged_pairs(near, twins, relations))


def _names(text: str, mentions: Sequence[LabelledSpan], short_forms: Mapping[str, str]) -> list[str]:
    keys = [name_key(text[mention.start : mention.end]) for mention in mentions]
    return [short_forms.get(key, key) for key in keys]


def _relations(records: Sequence[Mapping[str, Any]], places: Mapping[str, int]) -> tuple[LabelledRelation, ...]:
    found: dict[tuple[int, int, str], LabelledRelation] = {}
    for record in records:
        trigger = record.get("trigger")
        relation = LabelledRelation(
            source=places[record["source"]],
            target=places[record["target"]],
            label=caption_label(record["type"], record["sign"]),
            negated=record["negated"],
            speculative=record["speculative"],
            trigger=None if trigger is None else Span(trigger["start"], trigger["end"]),
        )
        found.setdefault((relation.source, relation.target, relation.label), relation)
    return tuple(found.values())
