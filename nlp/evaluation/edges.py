"""Edges of a caption as the names they join, whichever mention of a name they were marked at.

Relations are annotated once for a pair and meaning, at one of the many mentions of the two names. So edges are compared
at the level of the caption: two are the same if they join the same names, or if they join mentions that overlap. Denied
relations state no edge and are left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from nlp.evaluation.counts import Counts
from nlp.schema import RELATION_TYPES
from nlp.types import Document, Mention, Relation

_NOT_OF_A_NAME: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Label:
    """What an edge says besides its ends."""

    type: str
    sign: int


@dataclass(frozen=True, slots=True)
class Edge:
    """One edge of a caption.

    Attributes:
        source, target: names, without regard to case, punctuation and spaces.
        label: type and sign; None where only the pair is looked at.
        places: the mentions it was marked at, one pair for each relation that states it.
    """

    source: str
    target: str
    label: Label | None
    places: tuple[tuple[Mention, Mention], ...]

    def agrees(self, other: Edge) -> bool:
        """Whether both have one label, and join the same names or overlapping mentions."""
        return self.label == other.label and self.joins_same(other)

    def joins_same(self, other: Edge) -> bool:
        """Whether both join the same names or overlapping mentions, whatever they say."""
        return (self.source, self.target) == (other.source, other.target) or any(
            source.span.overlaps(other_source.span) and target.span.overlaps(other_target.span)
            for source, target in self.places
            for other_source, other_target in other.places
        )


def name_key(surface: str) -> str:
    """A surface without regard to case, punctuation and spaces."""
    return _NOT_OF_A_NAME.sub("", surface.casefold())


def asserted_edges(document: Document, *, labelled: bool) -> tuple[Edge, ...]:
    """The distinct edges that a document asserts.

    Args:
        document: gold or predicted.
        labelled: whether edges with another type or sign are other edges; else only the pair counts.
    """
    mentions = {mention.id: mention for mention in document.mentions}
    places: dict[tuple[str, str, Label | None], list[tuple[Mention, Mention]]] = {}
    for relation in document.relations:
        if not relation.negated:
            source, target = _ends(relation, mentions)
            label = Label(relation.type, relation.sign) if labelled else None
            places.setdefault((name_key(source.text), name_key(target.text), label), []).append((source, target))
    return tuple(Edge(source, target, label, tuple(pairs)) for (source, target, label), pairs in places.items())


def _ends(relation: Relation, mentions: Mapping[str, Mention]) -> tuple[Mention, Mention]:
    source, target = mentions[relation.source], mentions[relation.target]
    if not RELATION_TYPES[relation.type].directed and name_key(source.text) > name_key(target.text):
        return target, source
    return source, target


@dataclass(frozen=True, slots=True)
class EdgeMatch:
    """The edges of one caption and which of them have a counterpart on the other side."""

    found: tuple[Edge, ...]
    missed: tuple[Edge, ...]
    right: tuple[Edge, ...]
    spurious: tuple[Edge, ...]

    def counts(self, type: str | None = None) -> Counts:
        """Of all edges, or of those of one relation type."""
        return Counts(
            tp_predicted=_number(self.right, type),
            predicted=_number(self.right, type) + _number(self.spurious, type),
            tp_gold=_number(self.found, type),
            gold=_number(self.found, type) + _number(self.missed, type),
        )

    def types(self) -> set[str]:
        edges = (*self.found, *self.missed, *self.right, *self.spurious)
        return {edge.label.type for edge in edges if edge.label is not None}


def match_edges(gold: Sequence[Edge], predicted: Sequence[Edge]) -> EdgeMatch:
    """Tell edges with a counterpart from those without, on both sides."""
    found, missed = _split(gold, predicted)
    right, spurious = _split(predicted, gold)
    return EdgeMatch(found, missed, right, spurious)


def _split(edges: Iterable[Edge], others: Sequence[Edge]) -> tuple[tuple[Edge, ...], tuple[Edge, ...]]:
    having: tuple[list[Edge], list[Edge]] = ([], [])
    for edge in edges:
        having[not any(edge.agrees(other) for other in others)].append(edge)
    return tuple(having[0]), tuple(having[1])


def _number(edges: Iterable[Edge], type: str | None) -> int:
    return sum(type is None or (edge.label is not None and edge.label.type == type) for edge in edges)


@dataclass(frozen=True, slots=True)
class PairLabels:
    """What was predicted for a gold edge whose pair was found: the label nearest to gold's."""

    gold: Label
    predicted: Label


def compare_labels(gold: Sequence[Edge], predicted: Sequence[Edge]) -> tuple[PairLabels, ...]:
    """For each labelled gold edge whose pair is predicted at all, both labels.

    Where several edges are predicted for the pair, the one that agrees best is taken: in both type and sign, else in
    type, else in sign, else the first.
    """
    result = []
    for edge in gold:
        candidates = [other.label for other in predicted if edge.joins_same(other) and other.label is not None]
        if edge.label is not None and candidates:
            wanted = edge.label
            best = max(candidates, key=lambda label: (label.type == wanted.type, label.sign == wanted.sign))
            result.append(PairLabels(wanted, best))
    return tuple(result)
